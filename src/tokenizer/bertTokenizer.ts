/**
 * The tokenizer of BERT vocabularies (`vocab.txt`): every Han character is a token, other words are cut into the longest
 * pieces that the vocabulary has. Gives the ids of Hugging Face transformers' BertTokenizer, without [CLS] and [SEP].
 *
 *     "我用Python 3。" → 我│用│Python│3│。 → 我, 用, py, ##thon, 3, 。
 *
 * Line breaks and spaces are no tokens, so a text comes back without them, but for spaces between Latin words.
 */
import { EngineError } from '../errors';
import type { Tokenizer } from './tokenizer';
import { isWordToken, joinPiece } from './wordSpacing';

/** The index is the token id. @throws EngineError 'model-invalid' when it is no BERT vocabulary. */
export function parseBertVocabulary(file: Uint8Array): string[] {
  const tokens = new TextDecoder()
    .decode(file)
    .replace(/\r?\n$/, '')
    .split(/\r?\n/);
  if (!tokens.includes(unknownToken))
    throw new EngineError('model-invalid', `vocab.txt has no ${unknownToken}: it is not a BERT vocabulary`);
  return tokens;
}

export const unknownToken = '[UNK]';

/** Tokens that stand for no text: [CLS], [unused12], and `<S>`, `<T>`, which Google's Chinese vocabulary has. */
export function isBertMarker(token: string): boolean {
  return /^\[(?:PAD|UNK|CLS|SEP|MASK|BOS|EOS|EOD|unused\d+)\]$|^<[ST]>$/.test(token);
}

/** transformers' `BasicTokenizer`: a Han character or a mark is a word, and so is whatever stands between them. */
const han =
  '\\u4e00-\\u9fff\\u3400-\\u4dbf\\u{20000}-\\u{2a6df}\\u{2a700}-\\u{2b73f}\\u{2b740}-\\u{2ceaf}\\uf900-\\ufaff\\u{2f800}-\\u{2fa1f}';
const mark = '!-/:-@\\[-`\\{-~\\p{P}';
const words = new RegExp(`[${han}]|[${mark}]|[^\\s${han}${mark}]+`, 'gu');
const withoutText = /[\0\ufffd]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}]/gu;

/** Characters; a longer word is unknown as a whole. */
const maxWordLength = 100;

export class BertTokenizer implements Tokenizer {
  readonly vocabSize: number;
  private readonly ids: ReadonlyMap<string, number>;
  private readonly texts: readonly string[]; // [vocabSize]
  private readonly unknown: number;
  private readonly longest: number;

  /** @param lowerCase whether text is lower-cased and stripped of accents first */
  constructor(
    vocabulary: readonly string[],
    private readonly lowerCase: boolean,
  ) {
    this.vocabSize = vocabulary.length;
    this.ids = new Map(vocabulary.map((token, id) => [token, id]));
    this.unknown = this.ids.get(unknownToken) ?? 0;
    this.longest = vocabulary.reduce((longest, token) => Math.max(longest, token.length), 0);
    this.texts = vocabulary.map((token) => {
      if (isBertMarker(token)) return '';
      if (token.startsWith('##')) return token.slice(2);
      return isWordToken(token) ? ` ${token}` : token;
    });
  }

  encode(text: string): number[] {
    const clean = text.replace(/\p{Surrogate}/gu, '').replace(withoutText, '');
    const plain = this.lowerCase
      ? clean
          .toLowerCase()
          .normalize('NFD')
          .replace(/\p{Mn}/gu, '')
      : clean;
    return (plain.match(words) ?? []).flatMap((word) => this.pieces(word));
  }

  /** Spaces stand between Latin words and numbers only. */
  decode(tokenIds: readonly number[]): string {
    let text = '';
    for (const id of tokenIds) text += joinPiece(text, this.textOf(id));
    return text;
  }

  /** A token that begins a Latin word or a number begins with a space here, also where `decode` drops it. */
  tokenBytes(tokenId: number): Uint8Array {
    return new TextEncoder().encode(this.textOf(tokenId));
  }

  private textOf(id: number): string {
    const text = this.texts[id];
    if (text === undefined) throw new RangeError(`token id ${id} is not in 0 … ${this.vocabSize - 1}`);
    return text;
  }

  /** The longest token that the rest begins with, again and again; a word with a part that is none is unknown. */
  private pieces(word: string): number[] {
    const characters = Array.from(word);
    if (characters.length > maxWordLength) return [this.unknown];
    const pieces: number[] = [];
    for (let start = 0; start < characters.length;) {
      let end = Math.min(characters.length, start + this.longest);
      let id: number | undefined;
      for (; end > start; end--) {
        const piece = characters.slice(start, end).join('');
        id = this.ids.get(start === 0 ? piece : `##${piece}`);
        if (id !== undefined) break;
      }
      if (id === undefined) return [this.unknown];
      pieces.push(id);
      start = end;
    }
    return pieces;
  }
}
