/** What characters cost to type. */
import { pinyin } from 'pinyin-pro';
import { hasHan } from '../context/modelText';

/** @returns the keys for the character that begins at an offset of `text`, in UTF-16 units */
export type KeyCosts = (text: string) => (offset: number) => number;

export const characterKeys: KeyCosts = () => () => 1;

/**
 * 全拼: the letters of the reading that the character has in this text, without its tone (ü is v, one key), and one key
 * that chooses the character; one key for anything else. An input method also chooses whole words at once, so this is the
 * upper end of what typing costs.
 */
export const pinyinKeys: KeyCosts = (text) => {
  const keys = new Map<number, number>();
  let offset = 0;
  for (const { origin, pinyin: reading, isZh } of pinyin(text, { toneType: 'none', type: 'all', v: true })) {
    if (isZh) keys.set(offset, reading.length + 1);
    offset += origin.length;
  }
  return (at) => keys.get(at) ?? 1;
};

/** A writer whose input method commits words. */
export interface WordHand {
  /** The letters of a word's readings and one key that chooses it; one key for any other character. */
  keysAt: (offset: number) => number;
  /** Where the word ends in which an offset stands; that of a character that is in none. */
  wordEnd: (offset: number) => number;
}

/** @param cut words whose concatenation is the text */
export function wordHand(text: string, cut: (text: string) => readonly string[]): WordHand {
  const alone = pinyinKeys(text);
  const ends = new Uint32Array(text.length);
  let start = 0;
  for (const { length } of cut(text)) ends.fill(start + length, start, (start += length));
  const wordEnd = (offset: number): number => ends[offset] ?? text.length;
  return {
    // Only the last character of a word is charged with the key that chooses.
    keysAt: (offset) => alone(offset) - (hasHan(text.charAt(offset)) && wordEnd(offset) > offset + 1 ? 1 : 0),
    wordEnd,
  };
}
