/**
 * Texts that go on side by side from a beginning that they share, all in one cache:
 *
 *     rows of the cache   │ base, seen by all │ other text │ a₁ b₁ c₁ │ a₂ b₂ c₂ │ …
 *                                             what a₂ sees:   ^          ^
 *
 * Compared with a cache for each text, the shared rows are read once at each step and stored once.
 */
import type { BranchToken } from './graph';

interface Branch {
  /** Behind the base: those computed already, and those to come. */
  ids: readonly number[];
  /** Rows of the cache of those computed already. */
  rows: number[];
}

export interface NextTokens {
  tokens: BranchToken[];
  /** Which of `tokens` are the last of their branch. */
  ends: { index: number; branch: number }[];
}

export class Branches {
  private branches: Branch[];

  /**
   * @param base what all texts begin with; it is in the first rows of the cache
   * @param used rows of the cache that are taken: those of the base, and perhaps more
   * @param texts each longer than the base
   */
  constructor(
    private readonly base: readonly number[],
    private usedRows: number,
    texts: readonly (readonly number[])[],
  ) {
    this.branches = texts.map((text) => ({ ids: text.slice(base.length), rows: [] }));
  }

  get used(): number {
    return this.usedRows;
  }

  /** Whether the logits after every text have been computed. */
  get isComplete(): boolean {
    return this.branches.every(({ ids, rows }) => rows.length === ids.length);
  }

  /**
   * Makes these the texts, if what is known helps all of them. Each goes on from the one that it shares most with.
   * @returns whether it does; if not, nothing has changed
   */
  goOnTo(texts: readonly (readonly number[])[]): boolean {
    const next: Branch[] = [];
    for (const text of texts) {
      const ids = text.slice(this.base.length);
      if (ids.length === 0 || this.base.some((id, i) => text[i] !== id)) return false;
      let rows: number[] = [];
      for (const branch of this.branches) {
        const shared = branch.rows.findIndex((_, i) => branch.ids[i] !== ids[i]);
        const length = Math.min(shared < 0 ? branch.rows.length : shared, ids.length - 1);
        if (length > rows.length) rows = branch.rows.slice(0, length);
      }
      if (rows.length === 0) return false;
      next.push({ ids, rows });
    }
    this.branches = next;
    return true;
  }

  /** The next tokens to compute, at most `limit`, text by text; `take` says that it was done. */
  next(limit: number): NextTokens {
    const tokens: BranchToken[] = [];
    const ends: NextTokens['ends'] = [];
    this.branches.forEach(({ ids, rows }, branch) => {
      const seen = [...rows];
      while (seen.length < ids.length && tokens.length < limit) {
        const depth = seen.length;
        seen.push(this.usedRows + tokens.length);
        if (seen.length === ids.length) ends.push({ index: tokens.length, branch });
        const [base, position] = [this.base.length, this.base.length + depth];
        tokens.push({ id: ids[depth] as number, position, base, rows: [...seen] });
      }
    });
    return { tokens, ends };
  }

  /** The first `count` of what `next` gave are in the cache now, in that order. */
  take(count: number): void {
    for (const { ids, rows } of this.branches)
      while (rows.length < ids.length && count > 0) {
        rows.push(this.usedRows++);
        count--;
      }
  }
}
