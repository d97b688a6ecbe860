/**
 * Places in earlier text whose tokens are those at the end of a context, and what followed them there, as evidence:
 *
 *     earlier  … 我 和 陈 志 远 去 …   … 陈 志 国 …
 *     context          … 找 到 陈 志  │ ?
 *     level of 2 tokens: 远 1, 国 1
 *
 * A longer match tells more than a shorter one, so there is a level for each length, the longest first.
 */
import type { EvidenceLevel } from './evidence';

/** Longer contexts tell no more than these. */
export const maxMatchLength = 4;

/**
 * λ for a level: how far to trust what followed a match of `length` tokens `total` times, `distinct` different ones.
 * `sequence` is the end of the context and what follows it, three tokens, where the last token of the context has always
 * been followed by the same one; else it is empty. `context` ends with the tokens that agree.
 */
export type ShareOf = (
  length: number,
  total: number,
  distinct: number,
  sequence: readonly number[],
  context: readonly number[],
) => number;

export class TokenMatches {
  private readonly nextIds: number[] = [];
  private readonly lengths: number[] = [];

  get size(): number {
    return this.nextIds.length;
  }

  /** @param length tokens before `nextId` that agree with the context, 1 … maxMatchLength */
  add(nextId: number, length: number): void {
    this.nextIds.push(nextId);
    this.lengths.push(length);
  }

  /** A level that would say the same as the one above it is left out. @param context that the matches agree with */
  levels(context: readonly number[], shareOf: ShareOf): EvidenceLevel[] {
    const levels: EvidenceLevel[] = [];
    const next = this.nextIds[0];
    const isOnly = next !== undefined && this.nextIds.every((id) => id === next);
    const sequence = isOnly ? [...context.slice(-2), next] : [];
    let above = 0;
    for (let length = maxMatchLength; length > 0; length--) {
      const counts = new Map<number, number>();
      let total = 0;
      this.nextIds.forEach((id, i) => {
        if ((this.lengths[i] as number) < length) return;
        counts.set(id, (counts.get(id) ?? 0) + 1);
        total++;
      });
      if (total === above) continue;
      above = total;
      const share = shareOf(length, total, counts.size, sequence, context);
      levels.push({ share, tokenIds: [...counts.keys()], counts: [...counts.values()] });
    }
    return levels;
  }
}
