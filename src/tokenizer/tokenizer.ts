import type { TokenTable } from './tokenTable';

/** Text ↔ token ids, and each token's share of the text. Implementations are pure: no file access, no editor. */
export interface Tokenizer {
  readonly vocabSize: number;
  /** Never yields control ids: a typed "<sep>" is ordinary text. A lone surrogate counts as U+FFFD. */
  encode(text: string): number[];
  /** Inverse of `encode` for every well-formed string; control ids contribute nothing. */
  decode(tokenIds: readonly number[]): string;
  /**
   * The UTF-8 bytes that a token adds to the text; empty for control ids. With byte fallback a character may be spread
   * over several tokens, so a stream must hold back incomplete characters. Not to be written to.
   */
  tokenBytes(tokenId: number): Uint8Array;
  /** `tokenBytes` of all tokens, where they are had faster so. */
  readonly table?: TokenTable;
  /** A text as tokens spell it, where that is not as it is written: with “!” for a “！”, say. */
  spelt?(text: string): string;
  /** Whether a word begins with this token; only where words are told apart before they are cut into tokens. */
  beginsWord?(tokenId: number): boolean;
}
