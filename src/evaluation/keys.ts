/** What a character costs to type. */
import { pinyin } from 'pinyin-pro';
import { hasHan } from '../context/modelText';
import type { KeysOf } from './writer';

export const characterKeys: KeysOf = () => 1;

const known = new Map<string, number>();

/**
 * 全拼: the letters of the character's commonest reading without its tone (ü is v, one key), and one key that chooses it.
 * A real input method also chooses whole words at once, so this is the upper end of what typing costs.
 */
export const pinyinKeys: KeysOf = (character) => {
  const before = known.get(character);
  if (before !== undefined) return before;
  const keys = hasHan(character) ? pinyin(character, { toneType: 'none', v: true }).length + 1 : 1;
  known.set(character, keys);
  return keys;
};
