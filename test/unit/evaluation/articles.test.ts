import assert from 'node:assert/strict';
import { articleFigures, articlesAsText } from '../../../src/evaluation/articleFigures';
import { articleOptions, countArticle, invalidCharacters, writeArticle } from '../../../src/evaluation/articles';

describe('what is counted about an article', () => {
  it('by hand', () => {
    // windows of 8: 一…八 二…一 三…二 … : 17 characters, 10 windows; 一二三四五六七八 comes twice
    const { characters, windows, repeatedWindows, bigrams, distinctBigrams, trigrams, distinctTrigrams } =
      countArticle('一二三四五六七八，一二三四五六七八');
    assert.deepEqual({ characters, windows, repeatedWindows }, { characters: 17, windows: 10, repeatedWindows: 1 });
    // 一二 … 七八 twice, 八， and ，一
    assert.deepEqual({ bigrams, distinctBigrams }, { bigrams: 16, distinctBigrams: 9 });
    // 一二三 … 六七八 twice, and three with ，
    assert.deepEqual({ trigrams, distinctTrigrams }, { trigrams: 15, distinctTrigrams: 9 });
  });

  it('counts a loop as repetition: all windows but the first round', () => {
    const { windows, repeatedWindows } = countArticle('哈'.repeat(20));
    assert.deepEqual([windows, repeatedWindows], [13, 12]);
  });

  it('knows the end of a sentence', () => {
    for (const text of ['好。', '“好！”', '好……', '好？\n', '（好。）'])
      assert.equal(countArticle(text).endsWithSentence, 1, text);
    for (const text of ['好', '好，', '。好', '']) assert.equal(countArticle(text).endsWithSentence, 0, text);
  });

  it('finds invalid characters and special tokens', () => {
    assert.equal(invalidCharacters('春天，𠮷 abc 12\n\t“……”——☕️'), 0);
    assert.equal(invalidCharacters('a\ufffdb\u0007\ue000\u200b'.replace('\u200b', '')), 3);
    assert.equal(invalidCharacters('a\ud842'), 1);
    assert.equal(invalidCharacters('春<sep>天'), 5);
    assert.equal(invalidCharacters('1 < s 与 <b>'), 0);
  });
});

describe('figures of articles', () => {
  it('are sums over articles, by hand', () => {
    const article = { title: '', genre: 'essay', finishReason: 'stop', ms: 90 } as const;
    const figures = articleFigures([
      { ...article, text: '一二三四五六七八，一二三四五六七八' },
      { ...article, text: '春天，春天' },
    ]).all;
    assert.ok(figures);
    assert.equal(figures.repetition.value, 1 / 10);
    assert.equal(figures.distinct2.value, (9 + 3) / (16 + 4));
    assert.equal(figures.distinct3.value, (9 + 3) / (15 + 3));
    assert.equal(figures.endsWithSentence.value, 0);
    // 字 include marks: 17 and 5
    assert.equal(figures.msPerCharacter.value, 180 / 22);
    // and no spaces
    assert.equal(articleFigures([{ ...article, text: '春\n天 ' }]).all?.msPerCharacter.value, 45);
  });
});

describe('articles', () => {
  it('are written with the product’s options and timed by the clock', async () => {
    let time = 0;
    const seen: unknown[] = [];
    const article = await writeArticle(
      {
        maxCharacters: 1,
        async *continuation(prompt, { stopAt, minCharacters, temperature, titleGuidance, seed }) {
          await Promise.resolve();
          seen.push(prompt, { stopAt, minCharacters, temperature, titleGuidance, seed });
          yield { text: '春天', logProb: 0, numTokens: 1 };
          yield { text: '来。', logProb: 0, numTokens: 1 };
          return { text: '春天来。', finishReason: 'endOfText', numTokens: 3, numPromptTokens: 2 };
        },
      },
      '春',
      articleOptions(7, { numParameters: 10e6, sampling: null }),
      () => (time += 20),
    );
    assert.deepEqual(article, { title: '春', text: '春天来。', finishReason: 'endOfText', ms: 20 });
    assert.deepEqual(seen, [
      { title: '春', text: '', fromStart: true },
      { stopAt: 'sentence', minCharacters: 400, temperature: 0.9, titleGuidance: 1.5, seed: 7 },
    ]);
    const figures = articleFigures([{ ...article, genre: 'essay' }]).all;
    assert.equal(figures?.msPerCharacter.value, 5);
    assert.equal(figures.endsWithSentence.value, 1);
    assert.ok(articlesAsText([{ ...article, genre: 'essay' }]).startsWith('# 春\n\n(essay, endOfText)\n\n春天来。\n'));
  });
});
