/**
 * How much of what the model is sure enough of is worth showing. A ghost that is right to its end costs one key (Tab); of one
 * that goes wrong on the way the right words cost a key each, or nothing is taken. So the best length is not the longest:
 *
 *     keys saved by the first k words, in expectation
 *       = P(k) · (characters(k) − 1)  +  Σ over j < k of (P(j) − P(j + 1)) · (characters(j) − j)
 *
 * P(j) is the model's probability of the first j words together. Held out, this saves a seventh more keys than the longest
 * ghost above the same floor, with as many ghosts whose first word is right (`npm run eval -- --variants`).
 */

/** A longer one that saves almost as much is shown: it ends less often in the middle of a thought. */
const almost = 0.9;

/**
 * @param wordEnds UTF-16 offsets in `ghost`, ascending, the last at its end
 * @param probabilityOf the first `length` UTF-16 units, 0 … 1
 * @returns the offset to cut at
 */
export function bestLength(
  ghost: string,
  wordEnds: readonly number[],
  probabilityOf: (length: number) => number,
): number {
  // Of the words before the one that is looked at.
  let before = { probability: 1, saved: 0 };
  let savedByParts = 0;
  const saved = wordEnds.map((length, index) => {
    const probability = probabilityOf(length);
    savedByParts += (before.probability - probability) * before.saved;
    const characters = Array.from(ghost.slice(0, length)).length;
    before = { probability, saved: Math.max(0, characters - (index + 1)) };
    return savedByParts + probability * (characters - 1);
  });
  const enough = almost * Math.max(...saved);
  let last = saved.length - 1;
  while (last > 0 && (saved[last] as number) < enough) last--;
  return wordEnds[last] ?? ghost.length;
}
