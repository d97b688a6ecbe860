/**
 * DRY, “don't repeat yourself” (p-e-w, 2024): a token that would lengthen a passage that occurred before is punished,
 * the more the longer the passage already is. Single words may recur; passages may not. Passages do not reach across
 * breakers, nor is a breaker punished: 。” at each line of a dialogue counts as no repetition.
 */
import type { AdjustingStage } from './stages';

/** The ends of sentences and quotes, Chinese and ASCII. */
export const dryBreakers = '。！？；：”“」「\n.!?;:"';

/** @param isBreaker for each token id, whether its text holds a breaker */
export function dry(
  multiplier: number,
  base: number,
  allowedLength: number,
  isBreaker: (tokenId: number) => boolean,
): AdjustingStage {
  return (logits, history) => {
    if (multiplier === 0) return;
    for (const [id, length] of repeatedPassages(history, isBreaker))
      if (length >= allowedLength && !isBreaker(id))
        logits[id] = (logits[id] as number) - multiplier * base ** (length - allowedLength);
  };
}

/**
 * For each token that followed an earlier occurrence of the history's end: how many tokens of that end occurred there.
 * Linear: the Z function of the reversed history gives all match lengths in one pass.
 */
function repeatedPassages(history: readonly number[], isBreaker: (tokenId: number) => boolean): Map<number, number> {
  const last = history.length - 1;
  // A match may reach back to the latest breaker only.
  let reach = 0;
  while (reach <= last && !isBreaker(history[last - reach] as number)) reach++;
  const longest = new Map<number, number>();
  if (reach === 0) return longest;
  const z = zFunction(history.length, (i) => history[last - i] as number);
  for (let back = 1; back <= last; back++) {
    const length = Math.min(z[back] as number, reach);
    const next = history[last - back + 1] as number;
    if (length > 0 && length > (longest.get(next) ?? 0)) longest.set(next, length);
  }
  return longest;
}

/** z[i] = length of the longest common prefix of the sequence and its suffix from i. */
function zFunction(length: number, at: (index: number) => number): Int32Array {
  const z = new Int32Array(length);
  let left = 0;
  let right = 0;
  for (let i = 1; i < length; i++) {
    let same = i < right ? Math.min(right - i, z[i - left] as number) : 0;
    while (i + same < length && at(same) === at(i + same)) same++;
    z[i] = same;
    if (i + same > right) [left, right] = [i, i + same];
  }
  return z;
}
