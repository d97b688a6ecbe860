/** What the generation loops and the evaluation ask of a loaded model, on whatever it runs. */
import type { ScoringModel } from '../generation/fillGap';
import type { BatchLanguageModel } from '../generation/generateBatch';

/** Tokens computed in one run. A run cannot be interrupted, so this bounds how long an abort may take. */
export const chunkLength = 64;

export interface Network extends BatchLanguageModel, ScoringModel {
  /**
   * Logits [vocabSize] after each of `tokenIds` from index `from` on, for measuring: what comes next is known there.
   * Computed in a prompt's chunks, from nothing, so that figures do not depend on earlier calls and memory holds the
   * logits of one chunk. Each array is valid until the next is asked for.
   */
  logitsFrom(tokenIds: readonly number[], from: number): AsyncGenerator<Float32Array, void>;
  release(): Promise<void>;
}

export function commonPrefixLength(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a[i] === b[i]) i++;
  return i;
}
