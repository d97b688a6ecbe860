/**
 * Logits → one token. The order is llama.cpp's, so that settings carry over from there; `samplerOrder` changes that of
 * the truncating stages:
 *
 *     logits → bias → bans → repetition, presence, frequency penalty → DRY → no-repeat n-gram
 *            → top-k → typical-p → top-p → min-p → temperature → draw
 *
 * Of which the three penalties do not touch what the writer's own words make sure: they are there against a model that
 * repeats itself, not against a name that is used again.
 */
import type { Manifest } from '../manifest';
import type { GenerateOptions, SamplerStageName } from '../options';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { SureToken } from './evidence';
import { CandidateRoom, Candidates } from './candidates';
import { dry, dryBreakers } from './dry';
import type { Random } from './random';
import * as stages from './stages';
import type { AdjustingStage, TruncatingStage } from './stages';
import { banWords, biasWords } from './words';

export type SamplerOptions = Omit<
  GenerateOptions,
  'maxNewTokens' | 'seed' | 'repeatable' | 'titleGuidance' | 'stopAt' | 'minCharacters'
>;

export class Sampler {
  private readonly adjusting: readonly AdjustingStage[];
  private readonly penalties: readonly AdjustingStage[];
  private readonly patterns: readonly AdjustingStage[];
  private readonly truncating: readonly TruncatingStage[];
  private readonly greedy: boolean;
  private readonly banEnd: AdjustingStage;
  /** Used again at each token. */
  private adjusted = new Float32Array(0);
  private room = new CandidateRoom(0);

  constructor(
    options: SamplerOptions,
    tokenizer: Tokenizer,
    { unknown, banned, endOfText }: Pick<Manifest['specialTokens'], 'unknown' | 'banned' | 'endOfText'>,
    private readonly random: Random,
  ) {
    this.banEnd = stages.banTokens(endOfText);
    const text = (id: number) => Buffer.from(tokenizer.tokenBytes(id)).toString('utf8');
    const { repetitionWindow } = options;
    this.adjusting = [
      biasWords(options.logitBias, tokenizer),
      stages.banTokens(unknown === null ? banned : [unknown, ...banned]),
      banWords(options.bannedWords, tokenizer),
    ];
    this.penalties = [
      stages.repetitionPenalty(options.repetitionPenalty, repetitionWindow),
      stages.countPenalties(options.presencePenalty, options.frequencyPenalty, repetitionWindow),
    ];
    this.patterns = [
      dry(options.dryMultiplier, options.dryBase, options.dryAllowedLength, (id) => holdsAny(text(id), dryBreakers)),
      stages.noRepeatNgram(options.noRepeatNgram),
    ];
    this.greedy = options.temperature === 0;
    const afterNewline = (history: readonly number[]) =>
      history.length > 0 && text(history[history.length - 1] as number).endsWith('\n');
    const truncating: Record<SamplerStageName, TruncatingStage> = {
      topK: stages.topK(options.topK),
      typicalP: stages.typicalP(options.typicalP),
      topP: stages.topPWithNewline(options.topP, options.newlineTopP, afterNewline),
      minP: stages.minP(options.minP),
      temperature: stages.temperature(options.temperature),
    };
    this.truncating = options.samplerOrder.map((name) => truncating[name]);
  }

  /**
   * What may be drawn, and from which logits, until the next call. `logits` [vocabSize] is left as it is.
   * @param mayEnd whether the text is long enough to end
   * @param sure no penalty takes this token below its logit
   */
  distribution(
    logits: Float32Array,
    history: readonly number[],
    mayEnd = true,
    sure: SureToken | null = null,
  ): Candidates {
    if (this.adjusted.length !== logits.length) {
      this.adjusted = new Float32Array(logits.length);
      this.room = new CandidateRoom(logits.length);
    }
    const { adjusted, room } = this;
    adjusted.set(logits);
    if (!mayEnd) this.banEnd(adjusted, history);
    for (const stage of this.adjusting) stage(adjusted, history);
    this.penalise(adjusted, history, sure);
    for (const stage of this.patterns) stage(adjusted, history);
    // Greedy: whatever the other stages leave, the likeliest token is taken.
    if (this.greedy) return Candidates.of(adjusted, room).top(1);
    return this.truncating.reduce((candidates, stage) => stage(candidates, history), Candidates.of(adjusted, room));
  }

  private penalise(adjusted: Float32Array, history: readonly number[], sure: SureToken | null): void {
    const floor = sure === null ? 0 : Math.min(sure.logit, adjusted[sure.id] as number);
    for (const stage of this.penalties) stage(adjusted, history);
    if (sure !== null) adjusted[sure.id] = Math.max(floor, adjusted[sure.id] as number);
  }

  /** Draws the next token id. */
  sample(logits: Float32Array, history: readonly number[], mayEnd = true, sure: SureToken | null = null): number {
    const candidates = this.distribution(logits, history, mayEnd, sure);
    const probabilities = candidates.probabilities();
    let left = this.random();
    for (let i = 0; i < probabilities.length; i++) {
      left -= probabilities[i] as number;
      if (left < 0) return candidates.tokenIds[i] as number;
    }
    // Rounding can leave a crumb after the last one.
    const last = candidates.tokenIds[candidates.size - 1];
    if (last !== undefined) return last;
    // Bans forbid everything that healing lets through: the writer has typed such a word themselves.
    const likeliest = Candidates.of(logits).top(1).tokenIds[0];
    if (likeliest === undefined) throw new RangeError('every token is impossible');
    return likeliest;
  }
}

function holdsAny(text: string, characters: string): boolean {
  for (const character of text) if (characters.includes(character)) return true;
  return false;
}
