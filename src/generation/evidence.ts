/**
 * What others than the network know of the next token: the writer's own words, or a table that came with the model. Each
 * level claims a share of the probability for the tokens that it has seen in this place, and leaves the rest to the levels
 * below it, the network's own distribution at the bottom (linear interpolation, Jelinek and Mercer 1980):
 *
 *     p(token) = λ₁ · q₁(token) + (1 − λ₁) · ( λ₂ · q₂(token) + (1 − λ₂) · ( … network(token) ) )
 */
import { maximum, sumOfExp } from './candidates';

/** Tokens seen after a context, how often, and how much they are to be trusted. */
export interface EvidenceLevel {
  /** λ, 0 … 1. */
  share: number;
  /** Each at most once. */
  tokenIds: ArrayLike<number>;
  /** Of the same length; only their proportions matter. */
  counts: ArrayLike<number>;
}

export interface EvidenceSource {
  /** For the token that follows `context`, token ids oldest first: what to trust most comes first. */
  levels(context: readonly number[]): EvidenceLevel[];
}

/** The same source, each share times `strength`, 0 … 1. */
export function weakened(source: EvidenceSource, strength: number): EvidenceSource {
  if (strength === 1) return source;
  const levels = (context: readonly number[]) =>
    source.levels(context).map((level) => ({ ...level, share: level.share * strength }));
  return { levels };
}

/**
 * The network's logits [vocabSize] with the levels laid over them, the topmost first; a copy where there are any. A token
 * that no level names keeps its logit: all of those lose the same share, and logits have no absolute height.
 */
export function withEvidence(logits: Float32Array, levels: readonly EvidenceLevel[]): Float32Array {
  // By token id: a frequent token is followed by thousands of others, too many for a map.
  const claims = new Float64Array(logits.length);
  const claimed: number[] = [];
  let left = 1;
  for (const { share, tokenIds, counts } of levels) {
    const total = sum(counts);
    if (share <= 0 || total <= 0) continue;
    const each = (left * share) / total;
    for (let i = 0; i < tokenIds.length; i++) {
      const id = tokenIds[i] as number;
      if (claims[id] === 0) claimed.push(id);
      claims[id] = (claims[id] as number) + each * (counts[i] as number);
    }
    left *= 1 - share;
  }
  if (claimed.length === 0) return logits;
  const mixed = logits.slice();
  const max = maximum(logits);
  const logTotal = max + Math.log(sumOfExp(logits, max));
  for (const id of claimed) {
    const network = Math.exp((logits[id] as number) - logTotal);
    mixed[id] = logTotal + Math.log(network + (claims[id] as number) / left);
  }
  return mixed;
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total;
}
