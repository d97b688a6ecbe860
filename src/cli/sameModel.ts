/** Whether a model folder holds the checkpoint with which it was compared. */
import type { Quantization } from '../manifest';

export interface Comparison {
  quantization: Quantization;
  /** Largest difference of two logits. */
  largest: number;
  /** At how many of `positions` the most probable token is the same. */
  same: number;
  positions: number;
  /** Whether the greedy texts are the same, and the smallest lead of a token in it over the next. */
  isSameText: boolean;
  lead: number;
}

/** Texts may part where two tokens are as good as equal. Of rounded weights only that much is known: another model's most
 * probable tokens are others almost everywhere, while 4 bits left 12 of 32 as they were, and 8 bits 28. */
export function isSameModel({ quantization, largest, same, positions, isSameText, lead }: Comparison): boolean {
  if (quantization !== 'none') return same >= positions / 4;
  return largest <= 1e-3 && (isSameText || lead < 1e-3);
}
