/**
 * Logits → one token. The order is llama.cpp's, so that settings carry over from there:
 *
 *     logits → ban → repetition penalty → top-k → top-p → min-p → temperature → draw
 */
import type { GenerateOptions } from '../options';
import { Candidates } from './candidates';
import type { Random } from './random';
import { banTokens, minP, repetitionPenalty, temperature, topK, topP } from './stages';
import type { AdjustingStage, TruncatingStage } from './stages';

export type SamplerOptions = Pick<
  GenerateOptions,
  'temperature' | 'topK' | 'topP' | 'minP' | 'repetitionPenalty' | 'repetitionWindow'
>;

export class Sampler {
  private readonly adjusting: readonly AdjustingStage[];
  private readonly truncating: readonly TruncatingStage[];

  constructor(
    options: SamplerOptions,
    bannedTokenIds: readonly number[],
    private readonly random: Random,
  ) {
    this.adjusting = [
      banTokens(bannedTokenIds),
      repetitionPenalty(options.repetitionPenalty, options.repetitionWindow),
    ];
    this.truncating = [topK(options.topK), topP(options.topP), minP(options.minP), temperature(options.temperature)];
  }

  /** What may be drawn, and from which logits. `logits` [vocabSize] is left as it is. */
  distribution(logits: Float32Array, history: readonly number[]): Candidates {
    const adjusted = logits.slice();
    for (const stage of this.adjusting) stage(adjusted, history);
    return this.truncating.reduce((candidates, stage) => stage(candidates), Candidates.of(adjusted));
  }

  /** Draws the next token id. */
  sample(logits: Float32Array, history: readonly number[]): number {
    const candidates = this.distribution(logits, history);
    const probabilities = candidates.probabilities();
    let left = this.random();
    for (let i = 0; i < probabilities.length; i++) {
      left -= probabilities[i] as number;
      if (left < 0) return candidates.tokenIds[i] as number;
    }
    // Rounding can leave a crumb after the last one.
    const last = candidates.tokenIds[candidates.size - 1];
    if (last === undefined) throw new RangeError('every token is banned');
    return last;
  }
}

/** Natural logarithm of the model's own probability for a token, before any option changed it. */
export function logProbability(logits: Float32Array, tokenId: number): number {
  let max = -Infinity;
  for (const logit of logits) if (logit > max) max = logit;
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - max);
  return (logits[tokenId] as number) - max - Math.log(total);
}
