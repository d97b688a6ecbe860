/** The text before the cursor as evidence: short enough to be looked through at each token. */
import type { EvidenceLevel, EvidenceSource } from './evidence';
import { TokenMatches, maxMatchLength } from './tokenMatches';
import type { ShareOf } from './tokenMatches';

export class TextBefore implements EvidenceSource {
  constructor(
    private readonly tokenIds: readonly number[],
    private readonly shareOf: ShareOf,
  ) {}

  levels(context: readonly number[]): EvidenceLevel[] {
    const { tokenIds } = this;
    const matches = new TokenMatches();
    const last = context[context.length - 1];
    for (let next = tokenIds.length - 1; next > 0; next--) {
      if (tokenIds[next - 1] !== last) continue;
      const reach = Math.min(maxMatchLength, context.length, next);
      let length = 1;
      while (length < reach && tokenIds[next - 1 - length] === context[context.length - 1 - length]) length++;
      matches.add(tokenIds[next] as number, length);
    }
    return matches.levels(context, this.shareOf);
  }
}
