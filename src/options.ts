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
  /** Drop tokens less likely than this share of the likeliest one's probability; 0 keeps all. */
  minP: number;
  /** Divides positive and multiplies negative logits of tokens in the window (CTRL, Keskar 2019); 1 is off. */
  repetitionPenalty: number;
  /** How many of the latest tokens, prompt included, the repetition penalty looks at. */
  repetitionWindow: number;
  /** Same prompt, options and seed give the same text. */
  seed: number;
  /** Where a text may end of itself, besides the model's own end of text. */
  stopAt: StopAt;
  /** No `stopAt` ending before this many characters. */
  minCharacters: number;
}

export type StopAt = 'none' | 'sentence' | 'paragraph';

interface NumberRange {
  default: number;
  min: number;
  max: number;
  integer?: true;
}

type NumberOption = Exclude<keyof GenerateOptions, 'stopAt'>;

const numbers: Record<NumberOption, NumberRange> = {
  maxNewTokens: { default: 200, min: 1, max: 100_000, integer: true },
  temperature: { default: 1, min: 0, max: 10 },
  topK: { default: 0, min: 0, max: 1_000_000, integer: true },
  topP: { default: 0.85, min: 0, max: 1 },
  minP: { default: 0, min: 0, max: 1 },
  repetitionPenalty: { default: 1, min: 0.1, max: 10 },
  repetitionWindow: { default: 64, min: 0, max: 1_000_000, integer: true },
  seed: { default: 0, min: 0, max: 2 ** 32 - 1, integer: true },
  minCharacters: { default: 0, min: 0, max: 1_000_000, integer: true },
};

const stops: readonly StopAt[] = ['none', 'sentence', 'paragraph'];

/**
 * Fills in the defaults and checks every value.
 * @throws RangeError naming the option, its value and its range.
 */
export function resolveOptions(given: Partial<GenerateOptions> = {}): GenerateOptions {
  const stopAt = given.stopAt ?? 'none';
  if (!stops.includes(stopAt))
    throw new RangeError(`stopAt: ${JSON.stringify(stopAt)} is not one of ${stops.join(', ')}`);
  const resolved = { stopAt } as GenerateOptions;
  for (const [name, range] of Object.entries(numbers) as [NumberOption, NumberRange][])
    resolved[name] = checked(name, given[name] ?? range.default, range);
  const unknown = Object.keys(given).find((name) => !(name in resolved));
  if (unknown !== undefined) throw new RangeError(`${unknown}: no such option`);
  return resolved;
}

function checked(name: string, value: number, { min, max, integer }: NumberRange): number {
  const fits = typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value));
  if (fits) return value;
  const kind = integer ? 'an integer' : 'a number';
  throw new RangeError(`${name}: ${String(value)} is not ${kind} from ${min} to ${max}`);
}
