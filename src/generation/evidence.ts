/**
 * What others than the network know of the next token: the writer's own words, or a table that came with the model. Each
 * level claims a share of the probability for the tokens that it has seen in this place, and leaves the rest to the levels
 * below it, the network's own distribution at the bottom (linear interpolation, Jelinek and Mercer 1980):
 *
 *     p(token) = λ₁ · q₁(token) + (1 − λ₁) · ( λ₂ · q₂(token) + (1 − λ₂) · ( … network(token) ) )
 */
import { distributionOf, expMinus, type Distribution } from './softmax';

/** Tokens seen after a context, how often, and how much they are to be trusted. */
export interface EvidenceLevel {
  /** λ, 0 … 1. */
  share: number;
  /** Each at most once. */
  tokenIds: ArrayLike<number>;
  /** Of the same length; only their proportions matter. */
  counts: ArrayLike<number>;
}

export interface SureToken {
  id: number;
  /** What it would have beside the logits that `mix` gave if nothing else spoke for it. */
  logit: number;
}

export interface EvidenceSource {
  /**
   * For the token that follows `context`, token ids oldest first: what to trust most comes first. The arrays are valid until
   * the next call.
   */
  levels(context: readonly number[]): EvidenceLevel[];
}

/** The same source, each share times `strength`, 0 … 1. */
export function weakened(source: EvidenceSource, strength: number): EvidenceSource {
  if (strength === 1) return source;
  const levels = (context: readonly number[]) =>
    source.levels(context).map((level) => ({ ...level, share: level.share * strength }));
  return { levels };
}

/** The share of the probability that `levels`, the topmost, claim for one token, 0 … 1. */
export function claimFor(tokenId: number, levels: readonly EvidenceLevel[]): number {
  let left = 1;
  let claim = 0;
  for (const { share, tokenIds, counts } of levels) {
    const at = Array.prototype.indexOf.call(tokenIds, tokenId);
    const total = sum(counts);
    if (share <= 0 || total <= 0) continue;
    if (at >= 0) claim += (left * share * (counts[at] as number)) / total;
    left *= 1 - share;
  }
  return claim;
}

/** Lays evidence over one network's logits, token after token. */
export class EvidenceMixer {
  private mixed = new Float32Array(0);
  /**
   * What the levels claim, by token id, 0 between calls: a frequent token is followed by thousands of others, too many for
   * a map.
   */
  private claims = new Float64Array(0);
  private readonly claimedIds: number[] = [];

  /**
   * The network's logits [vocabSize], which stay as they are, with the levels laid over them, the topmost first. A token that
   * no level names keeps its logit: all of those lose the same share, and logits have no absolute height.
   * @returns what is valid until the next call; `logits` themselves where no level claims anything
   */
  mix(logits: Float32Array, levels: readonly EvidenceLevel[]): Distribution {
    if (this.mixed.length !== logits.length) {
      this.mixed = new Float32Array(logits.length);
      this.claims = new Float64Array(logits.length);
    }
    const { mixed, claims, claimedIds } = this;
    const network = distributionOf(logits);
    const left = this.claim(levels);
    if (claimedIds.length === 0) return network;
    mixed.set(logits);
    for (const id of claimedIds) {
      const probability = expMinus(network.logSum - (logits[id] as number));
      mixed[id] = network.logSum + Math.log(probability + (claims[id] as number) / left);
      claims[id] = 0;
    }
    claimedIds.length = 0;
    return { logits: mixed, logSum: network.logSum - Math.log(left) };
  }

  /**
   * The token that the topmost of the levels, just laid over logits by `mix`, alone make likelier than all others together;
   * null where there is none.
   */
  likelierThanAll(levels: readonly EvidenceLevel[], { logSum }: Distribution): SureToken | null {
    const { claims, claimedIds } = this;
    this.claim(levels);
    let sure: SureToken | null = null;
    for (const id of claimedIds) {
      const share = claims[id] as number;
      if (share > 0.5) sure = { id, logit: logSum + Math.log(share) };
      claims[id] = 0;
    }
    claimedIds.length = 0;
    return sure;
  }

  /** @returns the share that is left to the network */
  private claim(levels: readonly EvidenceLevel[]): number {
    const { claims, claimedIds } = this;
    let left = 1;
    for (const { share, tokenIds, counts } of levels) {
      const total = sum(counts);
      if (share <= 0 || total <= 0) continue;
      const each = (left * share) / total;
      for (let i = 0; i < tokenIds.length; i++) {
        const id = tokenIds[i] as number;
        if (claims[id] === 0) claimedIds.push(id);
        claims[id] = (claims[id] as number) + each * (counts[i] as number);
      }
      left *= 1 - share;
    }
    return left;
  }
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total;
}
