import assert from 'node:assert/strict';
import { characterCount } from '../../../src/context/characterCount';

describe('characterCount', () => {
  const cases: [string, string, number, number][] = [
    ['nothing', '', 0, 0],
    ['white space', ' \n\u3000\t\r\n', 0, 0],
    ['Han and punctuation', '春天来了，花开了。', 9, 7],
    ['quotation marks and brackets', '“好！”《雨》「是」', 10, 3],
    ['dashes and dots count as drawn', '雨……停——了', 7, 3],
    ['dots and dashes as they are written in 繁體, and as the standard has them', '列夫‧托爾斯泰⋯⋯雨⸺停', 12, 8],
    ['small marks', '﹙雨﹚﹐停﹖', 6, 2],
    ['a Latin word', 'hello', 1, 1],
    ['Latin between Han', '我用VS Code写作', 6, 6],
    ['numbers', '2026年11月，3.14 和 1,000', 8, 7],
    ['words with inner marks', "don't don’t GPT-2 a@b.com", 4, 4],
    ['ASCII punctuation belongs to its word', 'Hello, world!', 2, 2],
    ['half-width marks beside Han', '雨停了,天晴了.', 8, 6],
    ['half-width quotes and brackets around Han', '他说:"好!"(雨)', 10, 4],
    ['several half-width marks', '雨...停?!', 7, 2],
    ['half-width marks between Han and Latin', '我用GPT-2,他用手(3.14)。', 11, 7],
    ['a mark behind a variant', '葛\u{e0100}.', 2, 1],
    ['numbers, times, names and addresses stay whole', "雨 3.14 12:30 it's a@b.com f(x) 停", 8, 8],
    ['Markdown: a list, a link, a picture', '- 雨 1. [停](a.png) ![](b.png)', 5, 5],
    ['an accent written as two', 'cafe\u0301', 1, 1],
    ['a variant of a character', '葛\u{e0100}飾', 2, 2],
    ['Han beyond the first plane is one', '𠮷', 1, 1],
    ['々 and 〇 are characters', '人々二〇', 4, 4],
    ['kana', 'カタカナ', 4, 4],
    ['full-width exclamation and percent', '１００％！', 3, 1],
    ['an address is one', '见 https://example.com/a?b=1&c=%E9%9B%A8#d。', 3, 2],
    ['so are names and amounts with marks in them', 'R&D C++ C# 10% 37.5°C 2020–2024 3~5 a=b C:\\Users\\a', 9, 9],
    ['words with three marks between them are one, with more are two', 'a...b a....b', 3, 3],
    ['such marks alone, or beside Han, make no word', '雨&雪 雨%雪 雨--雪 ~~雨~~ ***', 7, 7],
    ['units and numerals as wide as Han', '25℃，5㎡①②㈠', 8, 7],
    ['emoji and Markdown marks are none', '# 雨 **😀**', 1, 1],
  ];
  for (const [name, text, all, withoutPunctuation] of cases)
    it(name, () => assert.deepEqual(characterCount(text), { all, withoutPunctuation }));

  it('agrees with Unicode’s tables on what is a word, and on what counts singly', () => {
    for (let code = 0; code < 0x20000; code++) {
      const text = String.fromCodePoint(code);
      const isWord = /[\p{L}\p{N}]/u.test(text);
      if (/[\u2103\u2109\u249c-\u24e9\u3200-\u33ff]/.test(text)) continue; // ℃ ⓐ ㈱ ㎡, which are no letters to Unicode
      const isSingle = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Bopo}]/u.test(text);
      const { all, withoutPunctuation } = characterCount(text);
      if (all > withoutPunctuation) continue; // a mark
      assert.equal(withoutPunctuation, isWord || isSingle ? 1 : 0, code.toString(16));
    }
  });

  it('does not remember the text before', () => {
    assert.equal(characterCount('雨').all, 1);
    assert.equal(characterCount('雨').all, 1);
  });
});
