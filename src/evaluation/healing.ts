/**
 * Token healing, as an experiment on the product's generation. A writer who has typed 天 has a prompt that ends with the
 * token 天, but the model was trained on texts in which 天气 is one token: after a token 天 it never saw 气. So the last
 * tokens are taken back where longer ones could begin with them, and what is generated must begin with their bytes:
 *
 *     今天│天       the prompt's tokens; │ where healing cuts
 *         天气 天上 天 …   what may come: tokens that begin with 天, or with which 天 begins
 *
 * Other tokens are at −∞, so that probabilities are given what is already typed.
 */
import type { LanguageModel } from '../generation/generate';
import type { TextDelta } from '../protocol';
import type { Tokenizer } from '../tokenizer/tokenizer';

/** More tokens than this are hardly ever one. */
const maxTaken = 4;

export class Healer {
  private readonly bytes: readonly Buffer[];
  /** Proper beginnings of tokens, as Latin-1 strings of their bytes. */
  private readonly beginnings = new Set<string>();

  constructor(private readonly tokenizer: Tokenizer) {
    this.bytes = Array.from({ length: tokenizer.vocabSize }, (_, id) => Buffer.from(tokenizer.tokenBytes(id)));
    for (const bytes of this.bytes)
      for (let length = 1; length < bytes.length; length++)
        this.beginnings.add(bytes.subarray(0, length).toString('latin1'));
  }

  /** How many tokens of the end are taken back, and the bytes that have to come instead. */
  cut(textIds: readonly number[]): { kept: readonly number[]; required: Buffer } {
    let best = { kept: textIds, required: Buffer.alloc(0) };
    for (let taken = 1; taken <= Math.min(maxTaken, textIds.length); taken++) {
      const end = textIds.slice(-taken);
      // A mark may end a sentence; only words are healed.
      if (!/^[\p{L}\p{N}]+$/u.test(this.tokenizer.decode(end))) break;
      const required = Buffer.concat(end.map((id) => this.bytes[id] as Buffer));
      if (this.beginnings.has(required.toString('latin1'))) best = { kept: textIds.slice(0, -taken), required };
    }
    return best;
  }

  /** The network for one generation that has to begin with `required`. */
  network(network: LanguageModel, required: Buffer): LanguageModel {
    let numGenerated = 0;
    return {
      logitsAfter: async (tokenIds, signal) => {
        const logits = await network.logitsAfter(tokenIds, signal);
        const generated = tokenIds.slice(tokenIds.length - numGenerated++);
        const there = generated.reduce((sum, id) => sum + (this.bytes[id]?.length ?? 0), 0);
        const left = required.subarray(there);
        return logits === null || left.length === 0 ? logits : this.only(logits, left);
      },
    };
  }

  private only(logits: Float32Array, left: Buffer): Float32Array {
    return logits.map((logit, id) => {
      const bytes = this.bytes[id] as Buffer;
      const length = Math.min(bytes.length, left.length);
      return length > 0 && bytes.compare(left, 0, length, 0, length) === 0 ? logit : -Infinity;
    });
  }
}

/** Deltas without the first `length` UTF-16 units, which are there already; tokens without text count with the next. */
export async function* withoutBeginning<Result>(
  deltas: AsyncGenerator<TextDelta, Result>,
  length: number,
): AsyncGenerator<TextDelta, Result> {
  let left = length;
  let held = { logProb: 0, numTokens: 0 };
  for (;;) {
    const next = await deltas.next();
    if (next.done) return next.value;
    const { text, logProb, numTokens } = next.value;
    const rest = text.slice(left);
    left = Math.max(0, left - text.length);
    held = { logProb: held.logProb + logProb, numTokens: held.numTokens + numTokens };
    if (rest === '') continue;
    yield { text: rest, ...held };
    held = { logProb: 0, numTokens: 0 };
  }
}
