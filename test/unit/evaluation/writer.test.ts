import assert from 'node:assert/strict';
import type { TextDelta } from '../../../src/protocol';
import { lowestFloor, productRule } from '../../../src/evaluation/ghostRule';
import { characterKeys, pinyinKeys, wordHand } from '../../../src/evaluation/keys';
import type { Predictor } from '../../../src/evaluation/predictor';
import { RecordedStreams } from '../../../src/evaluation/recordedStreams';
import { measureSavings } from '../../../src/evaluation/savings';
import { GhostAtCursor, write } from '../../../src/evaluation/writer';

/** Always the same ghosts at the same offsets; no type-through. */
function script(ghosts: Record<number, string>) {
  return { at: (offset: number) => Promise.resolve({ ghost: ghosts[offset] ?? '', fresh: offset in ghosts }) };
}

/** Says the same text after any prompt that ends so; each character is a token. Counts what it is asked. */
function predictor(continuations: Record<string, [text: string, probability: number][]>) {
  const asked: string[] = [];
  const fake: Predictor = {
    maxCharacters: 100,
    async *continuation({ text }) {
      await Promise.resolve();
      asked.push(text);
      const found = Object.entries(continuations).find(([end]) => text.endsWith(end));
      for (const [piece, probability] of found?.[1] ?? [])
        yield { text: piece, logProb: Math.log(probability), numTokens: 1 } satisfies TextDelta;
      return undefined;
    },
  };
  return { fake, asked };
}

describe('simulated writer', () => {
  const text = '今天天气很好，我们去散步。';

  it('pays a key a character without ghosts', async () => {
    const tally = await write(text, { start: 0, end: text.length }, script({}), characterKeys(text));
    assert.equal(tally.keys, 13);
    assert.equal(tally.plainKeys, 13);
    assert.equal(tally.positions, 13);
    assert.equal(tally.ghosts, 0);
  });

  it('counts keys by hand: Tab, a clause, a wrong ghost, a ghost that saves nothing', async () => {
    const ghosts = script({
      0: '今天天气', // all right: Tab, 4 characters for 1 key
      4: '不好', // wrong
      6: '，你们', // ， is right, but a key for a character saves nothing
      7: '我们去跑步', // 我们 去 are right: 2 keys for 3 characters
    });
    const tally = await write(text, { start: 0, end: text.length }, ghosts, characterKeys(text));
    // Tab 1 + 很 好 ， 3 + words 2 + 散 步 。 3
    assert.equal(tally.keys, 9);
    assert.equal(tally.plainKeys, 13);
    assert.equal(tally.acceptedCharacters, 7);
    assert.equal(tally.acceptances, 2);
    assert.equal(tally.positions, 8);
    assert.equal(tally.positionsWithGhost, 4);
    assert.equal(tally.ghosts, 4);
    // of 今天天气 不好 ，你们 我们去跑步 the first words 今天 and 我们 are right, ，你们 is not
    assert.equal(tally.rightGhosts, 2);
  });

  it('counts a ghost once, and every place where it stands', async () => {
    const ghosts = {
      at: (offset: number) => Promise.resolve({ ghost: ['今夜', '夜'][offset] ?? '', fresh: offset === 0 }),
    };
    const tally = await write('今天很好', { start: 0, end: 4 }, ghosts, characterKeys(''));
    assert.deepEqual([tally.ghosts, tally.rightGhosts], [1, 0]);
    assert.deepEqual([tally.positions, tally.positionsWithGhost], [4, 2]);
  });

  it('takes parts as the product’s keys do: a ghost may begin within a word', async () => {
    // 及待 and 地 are right: two keys; what stands in another line has no say
    for (const before of ['孩子们迫不', '好\n孩子们迫不']) {
      const written = `${before}及待地跑`;
      const start = before.length;
      const ghosts = script({ [start]: '及待地打开' });
      const { keys } = await write(written, { start, end: written.length }, ghosts, characterKeys(written));
      assert.equal(keys, 3, before);
    }
  });

  it('takes a single character where pinyin makes it dear', async () => {
    // zhuang 6 + 1; the ghost 庄 costs one key
    // 了 is le here and liao there; 女 is nv; 𠮷 has two units and no reading
    const keysAt = pinyinKeys('走了，了解𠮷女a');
    assert.deepEqual([0, 1, 2, 3, 4, 5, 7, 8].map(keysAt), [4, 3, 1, 5, 4, 1, 3, 1]);
    const tally = await write('庄女', { start: 0, end: 2 }, script({ 0: '庄' }), pinyinKeys('庄女'));
    assert.equal(tally.plainKeys, 10);
    assert.equal(tally.keys, 4);
  });

  it('types a stretch from its start and ends after what was accepted over its end', async () => {
    const tally = await write(text, { start: 4, end: 6 }, script({ 5: '好，我们' }), characterKeys(text));
    assert.equal(tally.characters, 5);
    assert.equal(tally.keys, 2);
  });

  it('with an input method that commits words: letters and a key to choose, and ghosts only behind words', async () => {
    // jin 3 tian 4 + 1, tian 4 qi 2 + 1, hen 3 + 1, hao 3 + 1, ，1, wo 3 men 3 + 1
    const cut = (_: string) => ['今天', '天气', '很', '好', '，', '我们', '去', '散步', '。'];
    const { keysAt, wordEnd } = wordHand(text, cut);
    assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map(keysAt), [3, 5, 4, 3, 4, 4, 1, 2, 4]);
    assert.deepEqual([0, 1, 2, 6, 12].map(wordEnd), [2, 2, 4, 7, 13]);
    const asked: [number, boolean][] = [];
    const ghosts = {
      at: (offset: number, endsWord?: boolean) => {
        asked.push([offset, endsWord ?? false]);
        return Promise.resolve({ ghost: offset === 4 ? '很好' : '', fresh: offset === 4 });
      },
    };
    const tally = await write(text, { start: 0, end: 9 }, ghosts, keysAt, wordEnd);
    // What was accepted was not committed, and a mark is no word.
    assert.deepEqual(asked, [
      [0, false],
      [2, true],
      [4, true],
      [6, false],
      [7, false],
    ]);
    assert.equal(tally.plainKeys, 8 + 7 + 8 + 1 + 6);
    assert.equal(tally.keys, 8 + 7 + 1 + 1 + 6);
    assert.equal(tally.characters, 9);
    // A stretch that begins within a word is written from its end on.
    asked.length = 0;
    assert.equal((await write(text, { start: 3, end: 7 }, ghosts, keysAt, wordEnd)).characters, 3);
    assert.deepEqual(asked[0], [4, true]);
    // And one that ends within a word is written to its end.
    const cutOff = await write(text, { start: 0, end: 3 }, script({}), keysAt, wordEnd);
    assert.deepEqual([cutOff.characters, cutOff.keys, cutOff.positions], [3, 12, 2]);
    // Letters are typed as they are.
    const mixed = wordHand('用GPT写', () => ['用', 'GPT', '写']);
    assert.deepEqual([0, 1, 2, 3, 4].map(mixed.keysAt), [5, 1, 1, 1, 4]);
  });

  it('cuts no character in two', async () => {
    // both begin with the unit d842
    const tally = await write('𠮷', { start: 0, end: 2 }, script({ 0: '𠮶' }), characterKeys('𠮷'));
    assert.equal(tally.keys, 1);
    assert.equal(tally.characters, 1);
    assert.equal(tally.acceptances, 0);
  });
});

describe('ghosts at the cursor', () => {
  const document = { title: '春', text: '今天天气很好', genre: 'essay', source: '' };

  it('asks anew where a word was committed, and tells so', async () => {
    const told: (boolean | undefined)[] = [];
    const listening: Predictor = {
      maxCharacters: 100,
      async *continuation({ endsWord }) {
        await Promise.resolve();
        told.push(endsWord);
        yield { text: '天', logProb: -0.1, numTokens: 1 } satisfies TextDelta;
        return undefined;
      },
    };
    const streams = new RecordedStreams(listening, lowestFloor);
    for (const endsWord of [false, true, false, true])
      await new GhostAtCursor(document, productRule(), streams).at(1, endsWord);
    assert.deepEqual(told, [false, true]);
  });

  it('asks once for a ghost that is being typed through, and anew where the text disagrees', async () => {
    const { fake, asked } = predictor({
      今: [
        ['天', 0.9],
        ['天', 0.9],
        ['不', 0.9],
      ],
    });
    const streams = new RecordedStreams(fake, lowestFloor);
    const cursor = new GhostAtCursor(document, productRule(), streams);
    assert.deepEqual(await cursor.at(1), { ghost: '天天不', fresh: true });
    assert.deepEqual(await cursor.at(2), { ghost: '天不', fresh: false });
    assert.deepEqual(await cursor.at(3), { ghost: '不', fresh: false });
    assert.deepEqual(await cursor.at(4), { ghost: '', fresh: false });
    assert.deepEqual(asked, ['今', '今天天气']);
  });

  it('keeps a ghost that is being typed through where the prompt begins elsewhere meanwhile', async () => {
    const { fake, asked } = predictor({
      今天: Array.from('天气很好啊', (character): [string, number] => [character, 0.9]),
    });
    const cursor = new GhostAtCursor(
      document,
      productRule(),
      new RecordedStreams({ ...fake, maxCharacters: 4 }, lowestFloor),
    );
    for (const offset of [2, 3, 4, 5, 6])
      assert.deepEqual(await cursor.at(offset), { ghost: '天气很好啊'.slice(offset - 2), fresh: offset === 2 });
    assert.equal(asked.length, 1);
  });

  it('is silent where there is no Han at all, without asking', async () => {
    const { fake, asked } = predictor({});
    const cursor = new GhostAtCursor(
      { title: '', text: 'abc', genre: '', source: '' },
      productRule(),
      new RecordedStreams(fake, 0.1),
    );
    assert.deepEqual(await cursor.at(2), { ghost: '', fresh: false });
    assert.deepEqual(asked, []);
  });

  it('asks the network once for all rules, and a higher floor makes of it what the product would', async () => {
    const { fake, asked } = predictor({
      今: [
        ['天', 0.5],
        ['天', 0.2],
        ['气', 0.01],
        ['很', 1],
      ],
    });
    const streams = new RecordedStreams(fake, 0.05);
    const ghost = async (confidenceFloor: number) => {
      const rule = productRule({ confidenceFloor, maxTokens: 24, ownWords: false, bannedWords: [] });
      return (await new GhostAtCursor(document, rule, streams).at(1)).ghost;
    };
    assert.equal(await ghost(0.6), '');
    assert.equal(await ghost(0.5), '天');
    // √(0.5 × 0.2) = 0.316; with what follows the second 天 is half of 天气
    assert.equal(await ghost(0.3), '天');
    // ∛(0.5 × 0.2 × 0.01) = 0.1, and ⁴√0.001 = 0.178: it comes back above the floor
    assert.equal(await ghost(0.09), '天天气很');
    assert.deepEqual(asked, ['今']);
  });
});

describe('savings', () => {
  it('of the documents that are sampled only; what is not taken is a ghost all the same', async () => {
    const { fake } = predictor({ 春: Array.from('天来', (character): [string, number] => [character, 0.9]) });
    // Of the first Tab takes 天来; of the second nothing is right.
    const sampled = ['春天来了', '春风', '秋雨', '春天来', '冬'].map((text) => ({
      title: '季',
      text,
      genre: 'essay',
      source: '',
    }));
    const others = Array.from({ length: 20 }, () => ({ title: '', text: '不在其中', genre: 'essay', source: '' }));
    const measured = async (documents: typeof sampled) => {
      const stretches = sampled.map(({ text }, document) => ({ document, start: 0, end: text.length }));
      const streams = new RecordedStreams(fake, 0.1);
      const { all } = await measureSavings(documents, stretches, streams, productRule(), (text) => [text]);
      return all ?? assert.fail();
    };
    const figures = await measured(sampled);
    assert.deepEqual(await measured([...sampled, ...others]), figures);
    assert.equal(figures.acceptedLength.value, 2);
    assert.equal(figures.acceptances.value, 2 / 3);
    assert.equal(figures.precision.value, 2 / 3);
    // Each text is a word here, so that nobody stands behind 春.
    assert.equal(figures.words.coverage.value, 0);
    assert.ok(Number.isNaN(figures.words.precision.value));
  });

  it('are sums over documents, by genre', async () => {
    const { fake } = predictor({
      春: [
        ['天', 0.9],
        ['来', 0.9],
      ],
    });
    const documents = [
      { title: '春', text: '春天来了', genre: 'essay', source: '' }, // 春, Tab, 了: 3 keys for 4
      { title: '秋', text: '秋雨', genre: 'article', source: '' },
    ];
    const stretches = documents.map(({ text }, document) => ({ document, start: 0, end: text.length }));
    const words = (text: string) => (text === '春天来了' ? ['春', '天', '来了'] : [text]);
    const figures = await measureSavings(documents, stretches, new RecordedStreams(fake, 0.1), productRule(), words);
    assert.deepEqual(Object.keys(figures), ['all', 'essay', 'article']);
    assert.equal(figures.all?.savings.value, 1 / 6);
    assert.equal(figures.essay?.savings.value, 1 / 4);
    assert.equal(figures.article?.savings.value, 0);
    assert.equal(figures.essay.precision.value, 1);
    assert.equal(figures.essay.coverage.value, 1 / 3);
    // chun 4 + 1, tian 4 + 1, lai 3 le 2 + 1 = 16 keys: 5, Tab, le 2 + 1 with the ghost; qiu 3 yu 2 + 1
    assert.equal(figures.essay.words.savings.value, 7 / 16);
    assert.equal(figures.essay.words.coverage.value, 1 / 3);
    assert.equal(figures.all.words.savings.value, 7 / 22);
    assert.equal(figures.essay.acceptedLength.value, 2);
    assert.ok(Number.isNaN(figures.article.precision.value));
    // chun 5 + tian 5 + lai 4 + le 3 = 17 keys; 5 + 1 + 3 with the ghost
    assert.equal(figures.essay.savingsPinyin.value, 8 / 17);
  });
});
