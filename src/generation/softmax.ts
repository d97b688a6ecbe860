/** Logits and their probabilities. Indexed loops: they run over the whole vocabulary at each token. */

/** Logits [vocabSize], and ln Σ exp of them: a token's probability is exp(logit − logSum). */
export interface Distribution {
  logits: Float32Array;
  logSum: number;
}

export function distributionOf(logits: Float32Array): Distribution {
  const max = maximum(logits);
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += expMinus(max - (logits[i] as number));
  return { logits, logSum: max + Math.log(total) };
}

/** Natural logarithm of a token's probability. */
export function logProbability({ logits, logSum }: Distribution, tokenId: number): number {
  return (logits[tokenId] as number) - logSum;
}

/** Iterators would cost five times as much. */
export function maximum(values: Float32Array): number {
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) if ((values[i] as number) > max) max = values[i] as number;
  return max;
}

const stepsPerNat = 64;

/** exp(−n / 64), to where it is under 1e-19. */
const powers = Float64Array.from({ length: 44 * stepsPerNat }, (_, n) => Math.exp(-n / stepsPerNat));

/**
 * exp(−depth) for depth ≥ 0, to 1e-8, in a fraction of the time of Math.exp: over a vocabulary this is most of a sampler's
 * work. The next lower step from a table times e^−r of what is left, r < 1/64: four terms of its series.
 */
export function expMinus(depth: number): number {
  const steps = depth * stepsPerNat;
  if (!(steps < powers.length)) return 0; // a depth of ∞ too
  const n = steps | 0;
  const r = depth - n / stepsPerNat;
  return (powers[n] as number) * (1 - r * (1 - r * (1 / 2 - r / 6)));
}
