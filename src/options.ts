/** What a caller may ask of a generation: names, defaults, ranges, and the one place where they are checked. */
export interface GenerateOptions {
  /** Tokens to generate at most. */
  maxNewTokens: number;
  /** Logits are divided by it; 0 always takes the likeliest token (greedy). */
  temperature: number;
  /** Keep the k likeliest tokens; 0 keeps all. */
  topK: number;
  /** Keep the smallest set of likeliest tokens whose probabilities reach p; 1 keeps all. */
  topP: number;
  /** Takes the place of `topP` for the first token of a paragraph, where much is possible; 0 is off. */
  newlineTopP: number;
  /** Drop tokens less likely than this share of the likeliest one's probability; 0 keeps all. */
  minP: number;
  /** Keep the tokens closest to the expected surprise until their probabilities reach p (Meister 2022); 1 keeps all. */
  typicalP: number;
  /** Divides positive and multiplies negative logits of tokens in the window (CTRL, Keskar 2019); 1 is off. */
  repetitionPenalty: number;
  /** Subtracted from the logit of each token in the window, once; 0 is off. */
  presencePenalty: number;
  /** Subtracted from the logit of each token in the window, as often as it occurs there; 0 is off. */
  frequencyPenalty: number;
  /** How many of the latest tokens, prompt included, the three penalties above look at. */
  repetitionWindow: number;
  /** Strength of “don't repeat yourself” against whole passages; 0 is off. */
  dryMultiplier: number;
  /** The penalty grows by this factor with each further token of a repeated passage. */
  dryBase: number;
  /** Repeated passages of up to this many tokens go unpunished. */
  dryAllowedLength: number;
  /** No sequence of n tokens occurs twice; 0 is off. */
  noRepeatNgram: number;
  /** Words that will not be completed, however they are cut into tokens. */
  bannedWords: readonly string[];
  /**
   * How much the writer's own words count beside the model's, those before the cursor and in other texts: 0 not at all, 1 as
   * much as they are worth on average.
   */
  ownWords: number;
  /** How many times what the title does to the probabilities counts (titleGuidance.ts); 1 as the model has learnt it. */
  titleGuidance: number;
  /** Word → number added to the logits of the tokens that spell it. */
  logitBias: Readonly<Record<string, number>>;
  /**
   * The truncating stages in the order in which they act. What adjusts logits comes before all of them, as sampler.ts has
   * it: bias, bans, penalties, DRY, no-repeat. For a stage that truncates measures each token against the others, so each
   * must have its worth by then; and a ban behind one could take the last token that it had left.
   */
  samplerOrder: readonly SamplerStageName[];
  /** Same prompt, options and seed give the same text, unless `repeatable` is false; several candidates as generateBatch says. */
  seed: number;
  /**
   * The prompt is computed from nothing. With `false` what is known of earlier texts is not computed again, which is sooner;
   * but the last digits of 8-bit graphs depend on how a text was cut into runs, and so does what is drawn from them.
   */
  repeatable: boolean;
  /** Where a text may end of itself, besides the model's own end of text. */
  stopAt: StopAt;
  /** The text does not end of itself, neither at `stopAt` nor by the model's end of text, before so many 字. */
  minCharacters: number;
}

const stopAts = ['none', 'sentence', 'paragraph'] as const;
export type StopAt = (typeof stopAts)[number];

/** llama.cpp's order. Hugging Face's has the temperature first. */
const samplerStageNames = ['topK', 'typicalP', 'topP', 'minP', 'temperature'] as const;
export type SamplerStageName = (typeof samplerStageNames)[number];

interface NumberRange {
  default: number;
  min: number;
  max: number;
  integer?: true;
}

type NumberOption = {
  [K in keyof GenerateOptions]: GenerateOptions[K] extends number ? K : never;
}[keyof GenerateOptions];

const numbers: Record<NumberOption, NumberRange> = {
  maxNewTokens: { default: 200, min: 1, max: 100_000, integer: true },
  temperature: { default: 1, min: 0, max: 10 },
  topK: { default: 0, min: 0, max: 1_000_000, integer: true },
  topP: { default: 0.85, min: 0, max: 1 },
  newlineTopP: { default: 0, min: 0, max: 1 },
  minP: { default: 0, min: 0, max: 1 },
  typicalP: { default: 1, min: 0, max: 1 },
  repetitionPenalty: { default: 1, min: 0.1, max: 10 },
  presencePenalty: { default: 0, min: -10, max: 10 },
  frequencyPenalty: { default: 0, min: -10, max: 10 },
  repetitionWindow: { default: 64, min: 0, max: 1_000_000, integer: true },
  dryMultiplier: { default: 0, min: 0, max: 100 },
  dryBase: { default: 1.75, min: 1, max: 10 },
  dryAllowedLength: { default: 2, min: 0, max: 1000, integer: true },
  ownWords: { default: 0, min: 0, max: 1 },
  titleGuidance: { default: 1, min: 1, max: 10 },
  noRepeatNgram: { default: 0, min: 0, max: 1000, integer: true },
  seed: { default: 0, min: 0, max: 2 ** 32 - 1, integer: true },
  minCharacters: { default: 0, min: 0, max: 1_000_000, integer: true },
};

const biasRange = { min: -100, max: 100, default: 0 };

/**
 * Fills in the defaults and checks every value.
 * @throws RangeError naming the option, its value and its range.
 */
export function resolveOptions(given: Partial<GenerateOptions> = {}): GenerateOptions {
  const { stopAt = 'none', bannedWords = [], logitBias = {}, samplerOrder = samplerStageNames } = given;
  const { repeatable = true } = given;
  if (typeof repeatable !== 'boolean') throw new RangeError(`repeatable: ${show(repeatable)} is not true or false`);
  if (!stopAts.includes(stopAt)) throw new RangeError(`stopAt: ${show(stopAt)} is not one of ${stopAts.join(', ')}`);
  checkWords('bannedWords', checkArray('bannedWords', bannedWords));
  if (!isRecord(logitBias)) throw new RangeError(`logitBias: ${show(logitBias)} is not an object of words and numbers`);
  checkWords('logitBias', Object.keys(logitBias));
  for (const [word, bias] of Object.entries(logitBias)) checkNumber(`logitBias[${show(word)}]`, bias, biasRange);
  const order = checkArray('samplerOrder', samplerOrder);
  if (order.length !== samplerStageNames.length || !samplerStageNames.every((name) => order.includes(name)))
    throw new RangeError(
      `samplerOrder: ${show(samplerOrder)} does not name each of ${samplerStageNames.join(', ')} once`,
    );
  const resolved = { stopAt, bannedWords, logitBias, samplerOrder, repeatable } as GenerateOptions;
  for (const [name, range] of Object.entries(numbers) as [NumberOption, NumberRange][])
    resolved[name] = checkNumber(name, given[name] === undefined ? range.default : given[name], range);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(resolved, name));
  if (unknown !== undefined) throw new RangeError(`${unknown}: no such option`);
  return resolved;
}

function checkNumber(name: string, value: number, { min, max, integer }: NumberRange): number {
  const fits = typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value));
  if (fits) return value;
  throw new RangeError(`${name}: ${show(value)} is not ${integer ? 'an integer' : 'a number'} from ${min} to ${max}`);
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkArray<T>(name: string, value: readonly T[]): readonly T[] {
  const given: unknown = value;
  if (!Array.isArray(given)) throw new RangeError(`${name}: ${show(value)} is not a list`);
  return value;
}

function checkWords(name: string, words: readonly string[]): void {
  for (const word of words)
    if (typeof word !== 'string' || word === '') throw new RangeError(`${name}: ${show(word)} is not a word`);
}

/** Whatever it is: JSON would not take a BigInt, nor what holds itself, and has no word for NaN. */
function show(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return 'a function';
  try {
    return JSON.stringify(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
