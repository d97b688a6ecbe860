/**
 * What an input method commits is a word, or several: who wanted 天气 would have written both at once. So where the writer has
 * just committed 天, a token that goes on within that word, 天气, is far less likely than the model, which saw no hand
 * write, makes it; 我觉得 behind 我 is as likely as it was.
 */
import { wordEnds } from '../context/acceptUnits';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { Healer } from './healing';
import { distributionOf, type Distribution } from './softmax';

/** Of the probability of going on within a word, so much is left once its beginning has been committed. */
const share = 0.1;

export class CommittedWord {
  /** Of tokens that were asked for: the lengths in bytes at which words of theirs end. */
  private readonly ends = new Map<number, ReadonlySet<number>>();

  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly healer: Healer,
  ) {}

  /** @param required the bytes that are still to come of what was committed, one or more */
  weighed({ logits }: Distribution, required: Uint8Array): Distribution {
    const weighed = logits.slice();
    for (const id of this.healer.longerThan(required))
      if (id < weighed.length && !this.endsOf(id).has(required.length))
        weighed[id] = (weighed[id] as number) + Math.log(share);
    return distributionOf(weighed);
  }

  private endsOf(tokenId: number): ReadonlySet<number> {
    const known = this.ends.get(tokenId);
    if (known) return known;
    const text = Buffer.from(this.tokenizer.tokenBytes(tokenId)).toString('utf8');
    const ends = new Set(wordEnds(text).map((end) => Buffer.byteLength(text.slice(0, end))));
    this.ends.set(tokenId, ends);
    return ends;
  }
}
