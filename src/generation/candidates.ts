/**
 * The tokens that can still be drawn, with their logits. Sorting a whole vocabulary would cost more than a step of a
 * small model, so the list is sorted only as far as a stage needs.
 */
export class Candidates {
  private constructor(
    readonly tokenIds: Int32Array,
    /** Of the same length as `tokenIds`. */
    readonly logits: Float32Array,
    private readonly sorted: boolean,
  ) {}

  /** All tokens but those at −∞. `logits` is [vocabSize]. */
  static of(logits: Float32Array): Candidates {
    const tokenIds = new Int32Array(logits.length);
    for (let id = 0; id < tokenIds.length; id++) tokenIds[id] = id;
    return new Candidates(tokenIds, logits, false).atLeast(-Number.MAX_VALUE);
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
    // A descending insertion list of k: almost every token of a large vocabulary fails the one comparison.
    if (this.sorted || k >= this.size || k > 256) return this.sort().first(k);
    const { logits } = this;
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
   * The smallest set of likeliest tokens whose probabilities sum to at least `p`. Sorting would take longer than a step of
   * a small model: tokens are thrown into bins by their logit, and only the bin in which the sum is reached is sorted.
   */
  nucleus(p: number): Candidates {
    const { logits } = this;
    const max = this.maxLogit;
    const weights = new Float64Array(logits.length);
    const binMass = new Float64Array(numBins);
    let total = 0;
    for (let i = 0; i < logits.length; i++) {
      const depth = max - (logits[i] as number);
      const weight = expMinus(depth);
      weights[i] = weight;
      total += weight;
      const bin = binOf(depth);
      binMass[bin] = (binMass[bin] as number) + weight;
    }
    let mass = 0;
    let last = 0;
    while (last < numBins - 1 && mass + (binMass[last] as number) < p * total) mass += binMass[last++] as number;

    const kept: number[] = [];
    const edge: number[] = [];
    for (let i = 0; i < logits.length; i++) {
      const bin = binOf(max - (logits[i] as number));
      if (bin < last) kept.push(i);
      else if (bin === last) edge.push(i);
    }
    edge.sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
    for (const i of edge) {
      if (kept.length > 0 && mass >= p * total) break;
      kept.push(i);
      mass += weights[i] as number;
    }
    return this.select(Int32Array.from(kept), false);
  }

  /** Those at these indices, in that order, which need not be by likelihood. */
  pick(indices: readonly number[]): Candidates {
    return this.select(Int32Array.from(indices), false);
  }

  /** Logits divided by `temperature` > 0. */
  scale(temperature: number): Candidates {
    if (temperature === 1) return this;
    return new Candidates(
      this.tokenIds,
      this.logits.map((logit) => logit / temperature),
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

/** Bins of an eighth of a nat, 32 nats deep; the last holds all the rest. */
const numBins = 256;

function binOf(depth: number): number {
  return depth < 31.875 ? (depth * 8) | 0 : numBins - 1;
}

/** Indexed loops here and above: they run over the whole vocabulary at each token, and iterators cost five times as much. */
export function maximum(values: Float32Array): number {
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) if ((values[i] as number) > max) max = values[i] as number;
  return max;
}

/** 2⁰, 2⁻¹, 2⁻² … */
const halves = Float64Array.from({ length: 64 }, (_, n) => 2 ** -n);

/**
 * exp(−depth) for depth ≥ 0, to 1e-7, in a third of the time of Math.exp: over a vocabulary this is most of a sampler's
 * work. With x = depth / ln 2 rounded to n, it is 2⁻ⁿ · e^r, |r| ≤ ln 2 / 2, and e^r is six terms of its series.
 */
function expMinus(depth: number): number {
  const x = depth * Math.LOG2E;
  if (!(x < halves.length - 1)) return 0; // under 1e-18; a depth of ∞ too
  const n = (x + 0.5) | 0;
  const r = (n - x) * Math.LN2;
  const series = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r / 720)))));
  return (halves[n] as number) * series;
}

/** Σ exp(value − max) with `max` the largest value: the denominator of a softmax. */
export function sumOfExp(values: Float32Array, max: number): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += expMinus(max - (values[i] as number));
  return total;
}
