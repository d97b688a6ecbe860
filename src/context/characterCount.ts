/** 字数, as editors count it: each Han character and each Chinese punctuation mark is one, each Latin word or number one. */

/** Characters that count singly. */
const single = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}`;
/** · — ‘’ “” … 、。《》「」【】 and the full-width forms; no ideographic space, and none of 々〆〇, which are Han. */
const marks = String.raw`\xb7\u2014\u2018\u2019\u201c\u201d\u2026\u3001-\u3003\u3008-\u3020\u3030\u30fb\ufe10-\ufe4f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65`;
/** Letters and digits of the scripts that write in words. */
const run = String.raw`(?:(?![${single}])[\p{L}\p{N}\p{M}])+`;
/** don't, 3.14, GPT-2, 2026-11-24 and a@b.com are one each. */
const word = String.raw`${run}(?:['’.,:/@_-]${run})*`;

const counted = new RegExp(`[${single}]|${word}`, 'gu');
const punctuation = new RegExp(`[${marks}]`, 'gu');

export interface CharacterCount {
  /** 字数, with punctuation. */
  all: number;
  withoutPunctuation: number;
}

/** About 0.1 ms for a text of a thousand characters. */
export function characterCount(text: string): CharacterCount {
  const withoutPunctuation = count(text, counted);
  // An apostrophe inside a word is part of it.
  const all = withoutPunctuation + count(text.replace(/(?<=[A-Za-z])’(?=[A-Za-z])/g, ''), punctuation);
  return { all, withoutPunctuation };
}

/** Faster than `match`, which would build an array of all that it finds. */
function count(text: string, pattern: RegExp): number {
  pattern.lastIndex = 0;
  let found = 0;
  while (pattern.test(text)) found++;
  return found;
}
