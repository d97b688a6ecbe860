/** How fast the model writes, seen from where the text arrives. */
import type { GenerateResult, TextDelta } from '../protocol';
import type { RunSpeed } from './engine';

/** A few tokens, most of which come in one batch of messages, tell nothing. */
const leastTokens = 8;

export class Speedometer {
  /** Of the latest text that was long enough to tell; null before there is one. */
  latest: RunSpeed | null = null;

  /** Passes a text on as it comes. */
  async *measure(
    deltas: AsyncGenerator<TextDelta, GenerateResult>,
    now = () => performance.now(),
  ): AsyncGenerator<TextDelta, GenerateResult> {
    const start = now();
    let first = 0;
    /** After the first piece; below zero before it. */
    let numTokens = -1;
    for (;;) {
      const next = await deltas.next();
      if (next.done) return next.value;
      const last = now();
      if (numTokens < 0) {
        first = last;
        numTokens = 0;
      } else numTokens += next.value.numTokens;
      if (numTokens >= leastTokens && last > first)
        this.latest = { firstTokenMs: first - start, tokensPerSecond: (1000 * numTokens) / (last - first) };
      yield next.value;
    }
  }
}
