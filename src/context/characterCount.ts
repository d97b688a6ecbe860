/** 字数 by the Chinese convention: each Han character and each punctuation mark is one, each Latin word or number is one. */

export interface CharacterCount {
  /** With punctuation. */
  all: number;
  withoutPunctuation: number;
}

/**
 * A Han character (kana and bopomofo too) | a word or number of other scripts, with what may stand inside it
 * (don't, 3.14, 50%) | a punctuation mark or symbol. White space and format characters are none of them.
 */
const units =
  /([\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}])|((?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}])[\p{L}\p{M}\p{N}])+(?:['’.,_-](?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}])[\p{L}\p{M}\p{N}])+)*%?)|[\p{P}\p{S}]/gu;

export function characterCount(text: string): CharacterCount {
  let all = 0;
  let withoutPunctuation = 0;
  for (const [, character, word] of text.matchAll(units)) {
    all++;
    if (character !== undefined || word !== undefined) withoutPunctuation++;
  }
  return { all, withoutPunctuation };
}
