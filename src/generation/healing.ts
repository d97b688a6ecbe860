/**
 * Token healing. A writer who has typed 天 has a prompt that ends with the token 天, but the model was trained on texts
 * in which 天气 is one token: after a token 天 it hardly ever saw 气. So the last tokens are taken back where longer ones
 * could begin with them, and what is generated must begin with their bytes:
 *
 *     今天│天       the prompt's tokens; │ where healing cuts
 *         天气 天上 天 …   what may come: tokens that begin with 天, or with which 天 begins
 *
 * On the held-out texts this more than doubles the keystrokes that ghost text saves at the same precision.
 */
import type { Tokenizer } from '../tokenizer/tokenizer';

/** More tokens than this are hardly ever one. */
const maxTaken = 4;

export interface Cut {
  /** The prompt's tokens without those that are taken back. */
  kept: readonly number[];
  /** The bytes of those: what is generated must begin with them. */
  required: Uint8Array;
}

export class Healer {
  /** The bytes of all tokens, one after the other; those of token i are [starts[i], starts[i + 1]). */
  private readonly bytes: Uint8Array;
  private readonly starts: Uint32Array; // [vocabSize + 1]

  constructor(private readonly tokenizer: Tokenizer) {
    const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.tokenBytes(id));
    this.bytes = Buffer.concat(tokens);
    this.starts = new Uint32Array(tokens.length + 1);
    tokens.forEach(({ length }, id) => (this.starts[id + 1] = (this.starts[id] as number) + length));
  }

  /** Takes back as many tokens, at most four, as together begin a longer one. */
  cut(textIds: readonly number[]): Cut {
    let best: Cut = { kept: textIds, required: new Uint8Array() };
    for (let taken = 1; taken <= Math.min(maxTaken, textIds.length); taken++) {
      const end = textIds.slice(-taken);
      // A mark may end a sentence; only words are healed.
      if (!/^[\p{L}\p{N}]+$/u.test(this.tokenizer.decode(end))) break;
      const required = Buffer.concat(end.map((id) => this.tokenizer.tokenBytes(id)));
      if (this.isBeginning(required)) best = { kept: textIds.slice(0, -taken), required };
    }
    return best;
  }

  /**
   * `logits` [vocabSize] with −∞ for every token that neither begins with `required` nor is a beginning of it. The tokens
   * that were taken back always remain, so there is always one. A model may have more logits than there are tokens.
   */
  only(logits: Float32Array, required: Uint8Array): Float32Array {
    const { starts } = this;
    const left = new Float32Array(logits.length).fill(-Infinity);
    const numTokens = Math.min(logits.length, starts.length - 1);
    for (let id = 0; id < numTokens; id++)
      if (this.agrees(starts[id] as number, starts[id + 1] as number, required)) left[id] = logits[id] as number;
    return left;
  }

  /**
   * Whether a token has these bytes and more. Looking at all tokens takes a tenth of a millisecond for each 10,000; making
   * a set of all beginnings took a tenth of the time in which a model with 30,000 tokens is loaded.
   */
  private isBeginning(required: Uint8Array): boolean {
    const { starts } = this;
    for (let id = 0; id + 1 < starts.length; id++) {
      const [start, end] = [starts[id] as number, starts[id + 1] as number];
      if (end - start > required.length && this.agrees(start, end, required)) return true;
    }
    return false;
  }

  /** Whether the bytes from `start` to `end` and `required` are the same as far as both go; no bytes never are. */
  private agrees(start: number, end: number, required: Uint8Array): boolean {
    const length = Math.min(end - start, required.length);
    for (let i = 0; i < length; i++) if (this.bytes[start + i] !== required[i]) return false;
    return length > 0;
  }
}
