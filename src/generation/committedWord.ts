/**
 * What an input method commits is a word, or several: who wanted 天气 would have written both at once. So where the writer
 * has just committed 天, a token that goes on within that word, 天气, is far less likely than the model, which saw no hand
 * write, makes it; 我觉得 behind 我 is as likely as it was.
 */
import { wordEnds } from '../context/acceptUnits';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { Healer } from './healing';
import { distributionOf, type Distribution } from './softmax';

/** Of the probability of going on within a word, so much is left once its beginning has been committed. */
const share = 0.1;

export class CommittedWord {
  /** Of tokens that were asked for: the lengths in UTF-16 units at which words of theirs end. */
  private readonly ends = new Map<number, ReadonlySet<number>>();

  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly healer: Healer,
  ) {}

  /** @param required the bytes that are still to come of what was committed, one or more */
  weighed({ logits }: Distribution, required: Uint8Array): Distribution {
    const weighed = logits.slice();
    const { length } = decoded(required);
    for (const id of this.healer.longerThan(required))
      if (id < weighed.length && !this.endsOf(id).has(length)) weighed[id] = (weighed[id] as number) + Math.log(share);
    return distributionOf(weighed);
  }

  private endsOf(tokenId: number): ReadonlySet<number> {
    let ends = this.ends.get(tokenId);
    if (!ends) this.ends.set(tokenId, (ends = new Set(wordEnds(decoded(this.tokenizer.tokenBytes(tokenId))))));
    return ends;
  }
}

function decoded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
