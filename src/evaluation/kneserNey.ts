/**
 * A character n-gram model with interpolated modified Kneser-Ney smoothing (Chen and Goodman 1998, §3; KenLM's lmplz
 * has the same discounts): the baseline that a network has to beat.
 *
 *     p(w | h) = max(0, c(hw) − D(c(hw))) / c(h·) + γ(h) · p(w | h without its first character)
 *     γ(h)     = (D₁ N₁(h·) + D₂ N₂(h·) + D₃ N₃₊(h·)) / c(h·)
 *     Y = n₁ / (n₁ + 2 n₂),  D₁ = 1 − 2Y n₂/n₁,  D₂ = 2 − 3Y n₃/n₂,  D₃ = 3 − 4Y n₄/n₃   for each order
 *
 * c is the number of occurrences at the highest order and, below it, the number of different characters before; N_k(h·)
 * is how many characters follow h k times, n_k how many n-grams of the order have count k. Below order 1 every UTF-16
 * unit is equally likely, so that a character never seen has a price too.
 */
import { childOf, countNgrams, numUnits } from './ngramTrie';
import type { Level } from './ngramTrie';

export type Discounts = readonly [one: number, two: number, more: number];

/** @param n [n₁, n₂, n₃, n₄]; a text too small to have all of them gets lmplz's fallback: ½, 1, 1½ */
export function discounts([n1, n2, n3, n4]: readonly [number, number, number, number]): Discounts {
  const y = n1 / (n1 + 2 * n2);
  const estimated: Discounts = [1 - (2 * y * n2) / n1, 2 - (3 * y * n3) / n2, 3 - (4 * y * n4) / n3];
  const usable = estimated.every((discount, i) => Number.isFinite(discount) && discount > 0 && discount <= i + 1);
  return usable ? estimated : [0.5, 1, 1.5];
}

/** What the followers of one context add up to. */
interface Followers {
  first: number;
  end: number;
  total: number;
  /** γ(h) · c(h·): the discounted mass. */
  freed: number;
}

export class KneserNey {
  private readonly levels: Level[];
  private readonly discounts: Discounts[];
  /** Order 1: [numUnits] probabilities. */
  private readonly unigrams: Float64Array;
  private readonly commonest: number;
  /** [numUnits] zero between calls of `likeliest`. */
  private readonly scores = new Float64Array(numUnits);

  /** @param text UTF-16 units of the training text */
  constructor(
    text: Uint16Array,
    readonly order: number,
    onLevel?: (n: number) => void,
  ) {
    this.levels = countNgrams(text, order, onLevel);
    this.discounts = this.levels.map(({ counts }) => discounts(countsOfCounts(counts)));
    const root = this.sum(0, 0, numUnits);
    this.unigrams = Float64Array.from({ length: numUnits }, (_, unit) => this.discounted(0, unit) / root.total);
    const base = root.freed / root.total / numUnits;
    for (let unit = 0; unit < numUnits; unit++) this.unigrams[unit] = (this.unigrams[unit] as number) + base;
    this.commonest = this.unigrams.reduce((best, p, unit, all) => (p > (all[best] as number) ? unit : best), 0);
  }

  /** p(unit | the last units of `context`) */
  probability(context: string, unit: number): number {
    let p = this.unigrams[unit] as number;
    for (const { followers, level } of this.contexts(context)) {
      const node = this.child(level, followers, unit);
      p = ((node < 0 ? 0 : this.discounted(level, node)) + followers.freed * p) / followers.total;
    }
    return p;
  }

  /** [numUnits] p(· | the last units of `context`) */
  distribution(context: string): Float64Array {
    const p = this.unigrams.slice();
    for (const { followers, level } of this.contexts(context)) {
      const { first, end, total, freed } = followers;
      for (let unit = 0; unit < numUnits; unit++) p[unit] = ((p[unit] as number) * freed) / total;
      const { characters } = this.levels[level] as Level;
      for (let node = first; node < end; node++) {
        const unit = characters[node] as number;
        p[unit] = (p[unit] as number) + this.discounted(level, node) / total;
      }
    }
    return p;
  }

  /** The likeliest unit after `context`, and its probability; of equals the lowest. */
  likeliest(context: string): { unit: number; probability: number } {
    const contexts = this.contexts(context);
    let weight = 1;
    for (const { followers, level } of [...contexts].reverse()) {
      const { characters } = this.levels[level] as Level;
      for (let node = followers.first; node < followers.end; node++) {
        const unit = characters[node] as number;
        const share = (weight * this.discounted(level, node)) / followers.total;
        this.scores[unit] = (this.scores[unit] as number) + share;
      }
      weight *= followers.freed / followers.total;
    }
    // What follows a context follows its end too: beside the shortest one's followers only the commonest unit can win.
    const shortest = contexts[0];
    const known = shortest
      ? (this.levels[1] as Level).characters.subarray(shortest.followers.first, shortest.followers.end)
      : [];
    let best = { unit: -1, probability: -1 };
    for (const unit of [...known, this.commonest]) {
      const probability = (this.scores[unit] as number) + weight * (this.unigrams[unit] as number);
      if (probability > best.probability || (probability === best.probability && unit < best.unit))
        best = { unit, probability };
    }
    for (const unit of known) this.scores[unit] = 0;
    return best;
  }

  /** The known contexts, shortest first: those of 1, 2, … order − 1 units before the character that is asked for. */
  private contexts(context: string): { followers: Followers; level: number }[] {
    const found: { followers: Followers; level: number }[] = [];
    for (let length = 1; length < this.order && length <= context.length; length++) {
      const node = this.walk(context, context.length - length);
      if (node < 0) break; // then nothing longer is known either
      const { starts } = this.levels[length - 1] as Level;
      const followers = this.sum(length, starts[node] as number, starts[node + 1] as number);
      if (followers.total > 0) found.push({ followers, level: length });
    }
    return found;
  }

  /** The node of `context` from index `from` on, or −1. */
  private walk(context: string, from: number): number {
    let node = context.charCodeAt(from);
    for (let i = from + 1; i < context.length && node >= 0; i++) {
      const depth = i - from;
      node = childOf(this.levels[depth - 1] as Level, this.levels[depth] as Level, node, context.charCodeAt(i));
    }
    return node;
  }

  private child(level: number, { first, end }: Followers, unit: number): number {
    const { characters } = this.levels[level] as Level;
    let [low, high] = [first, end - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = characters[middle] as number;
      if (found === unit) return middle;
      if (found < unit) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  private sum(level: number, first: number, end: number): Followers {
    const { counts } = this.levels[level] as Level;
    const [one, two, more] = this.discounts[level] as Discounts;
    let total = 0;
    let freed = 0;
    for (let node = first; node < end; node++) {
      const count = counts[node] as number;
      total += count;
      if (count > 0) freed += count === 1 ? one : count === 2 ? two : more;
    }
    return { first, end, total, freed };
  }

  private discounted(level: number, node: number): number {
    const count = (this.levels[level] as Level).counts[node] as number;
    const [one, two, more] = this.discounts[level] as Discounts;
    return count === 0 ? 0 : count - (count === 1 ? one : count === 2 ? two : more);
  }
}

function countsOfCounts(counts: Uint32Array): [number, number, number, number] {
  const n: [number, number, number, number] = [0, 0, 0, 0];
  for (const count of counts) if (count >= 1 && count <= 4) n[count - 1] = (n[count - 1] as number) + 1;
  return n;
}
