/**
 * Token healing. A writer who has typed 天 has a prompt that ends with the token 天, but the model was trained on texts
 * in which 天气 is one token: after a token 天 it hardly ever saw 气. So the last tokens are taken back where longer ones
 * could begin with them, and what is generated must begin with their bytes:
 *
 *     今天│天       the prompt's tokens; │ where healing cuts
 *         天气 天上 天 …   what may come: tokens that begin with 天, or with which 天 begins
 *
 * Of the ways to spell those bytes the likelier one is taken once both have come to new text (respelling.ts).
 *
 * On the held-out texts this more than doubles the keystrokes that ghost text saves at the same precision.
 *
 * CPM's tokens follow jieba's words, and what is typed next can change the last of these: 人民│共 is to become 人民共和国. So
 * whole words are taken back, and the bytes, in the tokenizer's form, are all that is required: where words begin is for the
 * network to say, as long as none ends inside a token of what is typed. At 30 % of the cursors in held-out texts CPM's tokens of what is typed do not begin those of the whole; of
 * what is kept that is so at 0.3 %.
 */
import type { Tokenizer } from '../tokenizer/tokenizer';
import { CommittedWord } from './committedWord';
import { logProbability, type Distribution } from './softmax';
import type { TokenTable } from '../tokenizer/tokenTable';

/** More tokens than this are hardly ever one. */
const maxTaken = 4;
/** Words that what is typed next can change, and UTF-16 units of them, where words are told apart. */
const maxWords = 2;
const maxWordsLength = 8;
/** What a token loses, in nats, that ends where the tokenizer would not end one. */
const strayLoss = 7;

/** What was taken back and is still to come. */
export interface Typed {
  bytes: Uint8Array;
  /** Where the tokens that were taken back end in `bytes`, ascending; the last at its end. */
  ends: readonly number[];
}

export const nothingTyped: Typed = { bytes: new Uint8Array(), ends: [] };

/** What is left when `length` bytes have come. */
export function typedBehind({ bytes, ends }: Typed, length: number): Typed {
  return { bytes: bytes.subarray(length), ends: ends.filter((end) => end > length).map((end) => end - length) };
}

export interface Cut {
  /** The prompt's tokens without those that are taken back. */
  kept: readonly number[];
  /** What is generated must begin with the bytes of those. */
  typed: Typed;
}

/** Which tokens begin with which byte. */
interface Tokens extends TokenTable {
  /** Token ids by the first of their bytes, ascending; without those of no bytes. */
  ids: Uint32Array;
  /** [257] ids of tokens that begin with byte b are [firsts[b], firsts[b + 1]) of `ids`. */
  firsts: Uint32Array;
  /** Tokens without text that begin a word. */
  wordMarks: readonly number[];
}

export class Healer {
  readonly committed: CommittedWord;
  private made: Tokens | null = null;

  constructor(private readonly tokenizer: Tokenizer) {
    this.committed = new CommittedWord(tokenizer, this);
  }

  /** Makes what the first call of the others would else make: some milliseconds for 30,000 tokens. */
  prepare(): void {
    this.made ??= sorted(this.tokenizer);
  }

  private get tokens(): Tokens {
    return (this.made ??= sorted(this.tokenizer));
  }

  cut(textIds: readonly number[]): Cut {
    return this.tokenizer.beginsWord ? this.cutWords(textIds) : this.cutTokens(textIds);
  }

  /** Takes back as many tokens, at most four, as together begin a longer one. */
  private cutTokens(textIds: readonly number[]): Cut {
    let best: Cut = { kept: textIds, typed: nothingTyped };
    for (let taken = 1; taken <= Math.min(maxTaken, textIds.length); taken++) {
      const end = textIds.slice(-taken);
      if (!this.isWord(end)) break;
      const typed = this.typedOf(end);
      if (this.isBeginning(typed.bytes)) best = { kept: textIds.slice(0, -taken), typed };
    }
    return best;
  }

  /** Takes back the last word, and the one before where the last is a single character or both begin a longer token. */
  private cutWords(textIds: readonly number[]): Cut {
    let best: Cut = { kept: textIds, typed: nothingTyped };
    let start = textIds.length;
    let lastLength = 0;
    for (let words = 1; words <= maxWords && start > 0; words++) {
      do start--;
      while (start > 0 && !this.tokenizer.beginsWord?.(textIds[start] as number));
      const end = textIds.slice(start);
      const { length } = this.tokenizer.decode(end);
      if (!this.isWord(end) || length > maxWordsLength) break;
      const typed = this.typedOf(end);
      if (words === 1 || lastLength === 1 || this.isBeginning(typed.bytes))
        best = { kept: textIds.slice(0, start), typed };
      lastLength = length;
    }
    return best;
  }

  /** A mark may end a sentence; only words are healed. */
  private isWord(tokenIds: readonly number[]): boolean {
    return /^[\p{L}\p{N}]+$/u.test(this.tokenizer.decode(tokenIds));
  }

  private typedOf(tokenIds: readonly number[]): Typed {
    let end = 0;
    const ends = tokenIds.map((id) => (end += this.tokenizer.tokenBytes(id).length));
    return { bytes: Buffer.concat(tokenIds.map((id) => this.tokenizer.tokenBytes(id))), ends };
  }

  /**
   * `logits` [vocabSize] with −∞ for every token that neither begins with what is typed nor is a beginning of it. The tokens
   * that were taken back always remain, so there is always one. One that ends inside of these counts for little: 不 is
   * likelier than 不断, since it begins so much else, but 断 hardly ever follows it, 不断 being a token. A model may have more
   * logits than there are tokens.
   * @param typed one byte or more
   * @param before the token before; a second mark of a word's beginning does not follow the first
   */
  only(logits: Float32Array, { bytes, ends }: Typed, before?: number): Float32Array {
    const left = new Float32Array(logits.length).fill(-Infinity);
    const allow = (id: number, less = 0) => (left[id] = (logits[id] ?? -Infinity) - less);
    const { wordMarks } = this.tokens;
    for (const id of this.beginningLike(bytes)) {
      if (!this.agrees(id, bytes)) continue;
      const length = this.lengthOf(id);
      allow(id, length < bytes.length && !ends.includes(length) ? strayLoss : 0);
    }
    if (before === undefined || !wordMarks.includes(before)) for (const id of wordMarks) allow(id);
    return left;
  }

  /**
   * Of the tokens that have these bytes, one or more, and others behind them: the likeliest, and the probability of all of
   * them; null where there is none.
   */
  beyond(distribution: Distribution, required: Uint8Array): { tokenId: number; mass: number } | null {
    const { logits } = distribution;
    let tokenId: number | null = null;
    let mass = 0;
    for (const id of this.longerThan(required)) {
      if (id >= logits.length) continue;
      mass += Math.exp(logProbability(distribution, id));
      if (tokenId === null || (logits[id] as number) > (logits[tokenId] as number)) tokenId = id;
    }
    return tokenId === null ? null : { tokenId, mass };
  }

  /** The tokens that have these bytes, one or more, and others behind them. */
  *longerThan(required: Uint8Array): Generator<number> {
    for (const id of this.beginningLike(required))
      if (this.lengthOf(id) > required.length && this.agrees(id, required)) yield id;
  }

  /** Whether a token has these bytes and more. */
  private isBeginning(required: Uint8Array): boolean {
    return this.longerThan(required).next().done === false;
  }

  /** A sixth of a Chinese vocabulary; a set of all beginnings took a tenth of the time in which a model is loaded. */
  private beginningLike(required: Uint8Array): Uint32Array {
    const { ids, firsts } = this.tokens;
    const byte = required[0] ?? 0;
    return ids.subarray(firsts[byte], firsts[byte + 1]);
  }

  private lengthOf(id: number): number {
    const { starts } = this.tokens;
    return (starts[id + 1] as number) - (starts[id] as number);
  }

  /** Whether the bytes of a token and `required` are the same as far as both go. */
  private agrees(id: number, required: Uint8Array): boolean {
    const { bytes, starts } = this.tokens;
    const start = starts[id] as number;
    const length = Math.min(this.lengthOf(id), required.length);
    for (let i = 0; i < length; i++) if (bytes[start + i] !== required[i]) return false;
    return true;
  }
}

function sorted(tokenizer: Tokenizer): Tokens {
  const { bytes, starts } = tokenizer.table ?? tableOf(tokenizer);
  const { vocabSize } = tokenizer;
  const wordMarks: number[] = [];
  const firsts = new Uint32Array(257);
  for (let id = 0; id < vocabSize; id++) {
    const start = starts[id] as number;
    if (start === starts[id + 1]) {
      if (tokenizer.beginsWord?.(id)) wordMarks.push(id);
    } else {
      (firsts[(bytes[start] as number) + 1] as number)++;
    }
  }
  for (let byte = 0; byte < 256; byte++) firsts[byte + 1] = (firsts[byte] as number) + (firsts[byte + 1] as number);
  const ids = new Uint32Array(firsts[256] as number);
  const next = firsts.slice();
  for (let id = 0; id < vocabSize; id++) {
    const start = starts[id] as number;
    if (start !== starts[id + 1]) ids[(next[bytes[start] as number] as number)++] = id;
  }
  return { bytes, starts, ids, firsts, wordMarks };
}

function tableOf(tokenizer: Tokenizer): TokenTable {
  const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.tokenBytes(id));
  const starts = new Uint32Array(tokens.length + 1);
  tokens.forEach(({ length }, id) => (starts[id + 1] = (starts[id] as number) + length));
  return { bytes: Buffer.concat(tokens), starts };
}
