/** What characters cost to type. */
import { pinyin } from 'pinyin-pro';

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
