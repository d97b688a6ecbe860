/**
 * The tokens that can still be drawn, with their logits. Sorting a whole vocabulary would cost more than a step of a
 * small model, so the list is sorted only as far as a stage needs.
 */
export class Candidates {
  private constructor(
    readonly tokenIds: readonly number[],
    /** Of the same length as `tokenIds`. */
    readonly logits: readonly number[],
    private readonly sorted: boolean,
  ) {}

  /** All tokens but those at −∞. `logits` is [vocabSize]. */
  static of(logits: Float32Array): Candidates {
    const ids: number[] = [];
    for (let id = 0; id < logits.length; id++) if ((logits[id] as number) > -Infinity) ids.push(id);
    return new Candidates(
      ids,
      ids.map((id) => logits[id] as number),
      false,
    );
  }

  get size(): number {
    return this.tokenIds.length;
  }

  get maxLogit(): number {
    if (this.sorted) return this.logits[0] ?? -Infinity;
    let max = -Infinity;
    for (const logit of this.logits) if (logit > max) max = logit;
    return max;
  }

  /** Those with a logit of at least `threshold`, in the same order. */
  atLeast(threshold: number): Candidates {
    const kept: number[] = [];
    for (let i = 0; i < this.size; i++) if ((this.logits[i] as number) >= threshold) kept.push(i);
    return kept.length === this.size ? this : this.select(kept, this.sorted);
  }

  /** The first n; only meaningful after `sort`. */
  first(n: number): Candidates {
    return n >= this.size ? this : new Candidates(this.tokenIds.slice(0, n), this.logits.slice(0, n), this.sorted);
  }

  /** Likeliest first; equal logits by token id, so that the order does not depend on how they got here. */
  sort(): Candidates {
    if (this.sorted) return this;
    const order = Array.from(this.tokenIds.keys()).sort(
      (a, b) =>
        (this.logits[b] as number) - (this.logits[a] as number) ||
        (this.tokenIds[a] as number) - (this.tokenIds[b] as number),
    );
    return this.select(order, true);
  }

  /** The k likeliest, sorted. */
  top(k: number): Candidates {
    // A descending insertion list of k: almost every token of a large vocabulary fails the one comparison.
    if (this.sorted || k >= this.size || k > 256) return this.sort().first(k);
    const best: number[] = [];
    for (let i = 0; i < this.size; i++) {
      const logit = this.logits[i] as number;
      const worst = best[best.length - 1];
      if (best.length === k && worst !== undefined && logit <= (this.logits[worst] as number)) continue;
      let at = best.length;
      while (at > 0 && (this.logits[best[at - 1] as number] as number) < logit) at--;
      best.splice(at, 0, i);
      if (best.length > k) best.pop();
    }
    return this.select(best, true);
  }

  /** Logits divided by `temperature` > 0. */
  scale(temperature: number): Candidates {
    return temperature === 1
      ? this
      : new Candidates(
          this.tokenIds,
          this.logits.map((logit) => logit / temperature),
          this.sorted,
        );
  }

  /** Softmax over these candidates, in their order. */
  probabilities(): number[] {
    const max = this.maxLogit;
    const weights = this.logits.map((logit) => Math.exp(logit - max));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  }

  /** Those at these indices, in that order, which need not be by likelihood. */
  pick(indices: readonly number[]): Candidates {
    return this.select(indices, false);
  }

  private select(indices: readonly number[], sorted: boolean): Candidates {
    return new Candidates(
      indices.map((i) => this.tokenIds[i] as number),
      indices.map((i) => this.logits[i] as number),
      sorted,
    );
  }
}
