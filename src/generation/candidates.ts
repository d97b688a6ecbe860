/**
 * The tokens that can still be drawn, with their logits. Sorting a whole vocabulary would cost more than a step of a
 * small model, so the list is sorted only as far as a stage needs.
 */
import { distributionOf, expMinus, maximum } from './softmax';

/** Room for as many candidates as there are tokens, used again at each token: making it anew takes longer than filling it. */
export class CandidateRoom {
  readonly tokenIds: Int32Array;
  readonly logits: Float32Array;

  constructor(vocabSize: number) {
    this.tokenIds = new Int32Array(vocabSize);
    this.logits = new Float32Array(vocabSize);
  }
}

export class Candidates {
  private constructor(
    readonly tokenIds: Int32Array,
    /** Of the same length as `tokenIds`. */
    readonly logits: Float32Array,
    private readonly sorted: boolean,
  ) {}

  /** All tokens but those at −∞. `logits` is [vocabSize]. @param room where they are put; its next use ends theirs */
  static of(logits: Float32Array, room = new CandidateRoom(logits.length)): Candidates {
    const { tokenIds, logits: kept } = room;
    let size = 0;
    for (let id = 0; id < logits.length; id++) {
      const logit = logits[id] as number;
      if (!(logit >= -Number.MAX_VALUE)) continue;
      tokenIds[size] = id;
      kept[size++] = logit;
    }
    return new Candidates(tokenIds.subarray(0, size), kept.subarray(0, size), false);
  }

  get size(): number {
    return this.tokenIds.length;
  }

  get maxLogit(): number {
    return this.sorted ? (this.logits[0] ?? -Infinity) : maximum(this.logits);
  }

  /** Those with a logit of at least `threshold`, in the same order. */
  atLeast(threshold: number): Candidates {
    const { tokenIds, logits } = this;
    let kept = 0;
    for (let i = 0; i < logits.length; i++) if ((logits[i] as number) >= threshold) kept++;
    if (kept === this.size) return this;
    const indices = new Int32Array(kept);
    for (let i = 0, at = 0; i < tokenIds.length; i++) if ((logits[i] as number) >= threshold) indices[at++] = i;
    return this.select(indices, this.sorted);
  }

  /** The first n; only meaningful after `sort`. */
  first(n: number): Candidates {
    return n >= this.size
      ? this
      : new Candidates(this.tokenIds.subarray(0, n), this.logits.subarray(0, n), this.sorted);
  }

  /** Likeliest first; equal logits by token id, so that the order does not depend on how they got here. */
  sort(): Candidates {
    if (this.sorted) return this;
    const { tokenIds, logits } = this;
    const order = Int32Array.from(tokenIds.keys()).sort(
      (a, b) => (logits[b] as number) - (logits[a] as number) || (tokenIds[a] as number) - (tokenIds[b] as number),
    );
    return this.select(order, true);
  }

  /** The k likeliest, sorted. */
  top(k: number): Candidates {
    if (this.sorted || k >= this.size) return this.sort().first(k);
    const { logits } = this;
    if (k > longestInsertionList)
      return this.pick(leastUntil(this.surprises(), new Float64Array(logits.length).fill(1), k)).sort();
    // A descending insertion list of k: almost every token of a large vocabulary fails the one comparison.
    const best: number[] = [];
    for (let i = 0; i < logits.length; i++) {
      const logit = logits[i] as number;
      const worst = best[best.length - 1];
      if (best.length === k && worst !== undefined && logit <= (logits[worst] as number)) continue;
      let at = best.length;
      while (at > 0 && (logits[best[at - 1] as number] as number) < logit) at--;
      best.splice(at, 0, i);
      if (best.length > k) best.pop();
    }
    return this.select(Int32Array.from(best), true);
  }

  /**
   * The smallest set of likeliest tokens whose probabilities sum to at least `p`. Done at almost every token, so without
   * arrays as long as the vocabulary; else it is what `leastUntil` does.
   */
  nucleus(p: number): Candidates {
    const { logits } = this;
    const max = this.maxLogit;
    const binMass = new Float64Array(numBins);
    let total = 0;
    for (let i = 0; i < logits.length; i++) {
      const depth = max - (logits[i] as number);
      const weight = expMinus(depth);
      total += weight;
      const bin = binOf(depth);
      binMass[bin] = (binMass[bin] as number) + weight;
    }
    const { last, below } = lastBin(binMass, p * total);
    const kept: number[] = [];
    const edge: number[] = [];
    const end = last === numBins - 1 ? Infinity : (last + 1) / binsPerNat;
    for (let i = 0; i < logits.length; i++) {
      const depth = max - (logits[i] as number);
      if (depth < end) (depth * binsPerNat < last ? kept : edge).push(i);
    }
    edge.sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
    let mass = below;
    for (const i of edge) {
      if (kept.length > 0 && mass >= p * total) break;
      kept.push(i);
      mass += expMinus(max - (logits[i] as number));
    }
    return this.pick(kept);
  }

  /** The tokens whose surprise is closest to the expected one, until their probabilities sum to at least `p`. */
  typical(p: number): Candidates {
    const probabilities = this.probabilities();
    const distances = this.surprises();
    let expected = 0;
    for (let i = 0; i < distances.length; i++) expected += (distances[i] as number) * (probabilities[i] as number);
    for (let i = 0; i < distances.length; i++) distances[i] = Math.abs((distances[i] as number) - expected);
    return this.pick(leastUntil(distances, probabilities, p));
  }

  /** Those at these indices, in that order, which need not be by likelihood. */
  private pick(indices: readonly number[]): Candidates {
    return this.select(Int32Array.from(indices), false);
  }

  /** Logits divided by `temperature` > 0, as distances from the highest: near 0 all others are −∞, and it is no ∞. */
  scale(temperature: number): Candidates {
    if (temperature === 1) return this;
    const { tokenIds, logits, maxLogit } = this;
    return new Candidates(
      tokenIds,
      logits.map((logit) => (logit - maxLogit) / temperature),
      this.sorted,
    );
  }

  /** Softmax over these candidates, in their order. */
  probabilities(): Float64Array {
    const { logits } = this;
    const max = this.maxLogit;
    const weights = new Float64Array(logits.length);
    let total = 0;
    for (let i = 0; i < logits.length; i++) total += weights[i] = Math.exp((logits[i] as number) - max);
    for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) / total;
    return weights;
  }

  /** −ln of their probabilities, never below 0. */
  private surprises(): Float64Array {
    const { logits, logSum } = distributionOf(this.logits);
    const surprises = new Float64Array(logits.length);
    for (let i = 0; i < logits.length; i++) surprises[i] = Math.max(0, logSum - (logits[i] as number));
    return surprises;
  }

  private select(indices: Int32Array, sorted: boolean): Candidates {
    const tokenIds = new Int32Array(indices.length);
    const logits = new Float32Array(indices.length);
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i] as number;
      tokenIds[i] = this.tokenIds[index] as number;
      logits[i] = this.logits[index] as number;
    }
    return new Candidates(tokenIds, logits, sorted);
  }
}

/** Beyond, a splice moves too much. */
const longestInsertionList = 256;

const binsPerNat = 8;
/** The last, 32 nats deep, holds all the rest. */
const numBins = 256;

function binOf(key: number): number {
  const bin = key * binsPerNat;
  return bin < numBins - 1 ? bin | 0 : numBins - 1;
}

/** The bin, not empty, in which a sum over bins reaches `target`, and the sum of those before it. */
function lastBin(binMass: Float64Array, target: number): { last: number; below: number } {
  let below = 0;
  let last = 0;
  for (; last < numBins - 1; last++) {
    const sum = below + (binMass[last] as number);
    if (sum > 0 && sum >= target) break;
    below = sum;
  }
  return { last, below };
}

/**
 * Indices of the smallest keys, as few as have masses that sum to at least `target`, at least one. What is thrown into bins
 * by its key has to be sorted in one bin only, that in which the sum is reached.
 * @param keys 0 or more, in nats
 */
function leastUntil(keys: Float64Array, masses: Float64Array, target: number): number[] {
  const binMass = new Float64Array(numBins);
  for (let i = 0; i < keys.length; i++) {
    const bin = binOf(keys[i] as number);
    binMass[bin] = (binMass[bin] as number) + (masses[i] as number);
  }
  const { last, below } = lastBin(binMass, target);
  const kept: number[] = [];
  const edge: number[] = [];
  for (let i = 0; i < keys.length; i++) {
    const bin = binOf(keys[i] as number);
    if (bin < last) kept.push(i);
    else if (bin === last) edge.push(i);
  }
  edge.sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b);
  let mass = below;
  for (const i of edge) {
    if (kept.length > 0 && mass >= target) break;
    kept.push(i);
    mass += masses[i] as number;
  }
  return kept;
}
