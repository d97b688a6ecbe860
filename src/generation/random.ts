/** A uniform number in [0, 1), the next of a seeded sequence. Passed in wherever chance decides, never global. */
export type Random = () => number;

/** SplitMix32: every 32-bit seed, 0 too, starts a full-period, well-mixed sequence. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
