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
  tokenIds: readonly number[];
  /** Of the same length; only their proportions matter. */
  counts: readonly number[];
}

export interface EvidenceSource {
  /** For the token that follows `context`, token ids oldest first: what to trust most comes first. */
  levels(context: readonly number[]): EvidenceLevel[];
}

/**
 * The network's logits [vocabSize] with the levels laid over them, the topmost first; a copy where there are any.
 * `strength`, 0 … 1, scales every share. A token that no level names keeps its logit: all of those lose the same share, and logits have no absolute height.
 */
export function withEvidence(logits: Float32Array, levels: readonly EvidenceLevel[], strength = 1): Float32Array {
  const claims = new Map<number, number>();
  let left = 1;
  for (const { share: fullShare, tokenIds, counts } of levels) {
    const share = fullShare * strength;
    let total = 0;
    for (const count of counts) total += count;
    if (share <= 0 || total <= 0) continue;
    tokenIds.forEach((id, i) => claims.set(id, (claims.get(id) ?? 0) + (left * share * (counts[i] as number)) / total));
    left *= 1 - share;
  }
  if (claims.size === 0) return logits;
  const mixed = logits.slice();
  const max = maximum(logits);
  const logTotal = max + Math.log(sumOfExp(logits, max));
  for (const [id, claim] of claims) {
    const network = Math.exp((logits[id] as number) - logTotal);
    mixed[id] = logTotal + Math.log(network + claim / left);
  }
  return mixed;
}
