import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SortedWords, WordSearch } from '../../../src/tokenizer/jieba/sortedWords';

/** As makeDictionary.py packs them. */
function packed(words: readonly string[]): SortedWords {
  const [shared, lengths, suffixes]: [number[], number[], number[]] = [[], [], []];
  words.forEach((word, i) => {
    const before = words[i - 1] ?? '';
    let common = 0;
    while (common < Math.min(word.length, before.length) && word[common] === before[common]) common++;
    shared.push(common);
    lengths.push(word.length - common);
    for (const unit of word.slice(common).split('')) suffixes.push(unit.charCodeAt(0));
  });
  return SortedWords.unpack(Uint16Array.from(suffixes), Uint8Array.from(shared), Uint8Array.from(lengths));
}

/** The words that a text begins with. */
function found(search: WordSearch, words: readonly string[], text: string): string[] {
  const all: string[] = [];
  search.restart();
  for (const unit of text.split('')) {
    if (!search.step(unit.charCodeAt(0))) break;
    const { word } = search;
    if (word >= 0) all.push(words[word] as string);
  }
  return all;
}

describe('words in order', () => {
  it('finds every word that a text begins with, the shortest first', () => {
    const words = ['天', '天上', '天气', '天气图', '天气预报', '天理', '晴'];
    const search = new WordSearch(packed(words));
    assert.deepEqual(found(search, words, '天气预报说'), ['天', '天气', '天气预报']);
    assert.deepEqual(found(search, words, '天理'), ['天', '天理']);
    assert.deepEqual(found(search, words, '晴天'), ['晴']);
    assert.deepEqual(found(search, words, '预报'), []);
  });

  it('finds what comparing with every word finds', () => {
    const unit = fc.constantFrom('\0', 'a', 'b', '天', '气', '\ud83d', '\uffff');
    const text = fc.array(unit, { minLength: 1, maxLength: 6 }).map((units) => units.join(''));
    fc.assert(
      fc.property(fc.uniqueArray(text, { maxLength: 60 }), fc.array(text, { maxLength: 20 }), (unsorted, texts) => {
        const words = unsorted.sort(); // by UTF-16 units
        const search = new WordSearch(packed(words));
        for (const one of [...texts, ...words])
          assert.deepEqual(
            found(search, words, one),
            words.filter((word) => one.startsWith(word)),
          );
      }),
      { numRuns: 300, seed: 30 },
    );
  });
});
