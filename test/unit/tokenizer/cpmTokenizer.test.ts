import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { EngineError } from '../../../src/errors';
import { banWords, biasWords } from '../../../src/generation/words';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';
import { JiebaSegmenter } from '../../../src/tokenizer/jieba/jieba';
import { readJiebaDictionary } from '../../../src/tokenizer/jieba/jiebaDictionary';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer';
import { skip } from '../../host/skip';
import { readBytes, readIfThere, sha256 } from './fixtures';

type CpmRow =
  | { text: string; words: string; thu: number[]; hf46: number[]; decoded: string }
  | { text: string; times: number; words: string; thu: string; hf46: string };

/** Recorded with the real vocabulary, which is no part of this repository. */
interface GoldenRow {
  text: string;
  seg: string;
  thu: number[];
  hf46: number[];
}

const dictionaryFile = join('src', 'tokenizer', 'jieba', 'dictionary.bin.br');
const loadDictionary = (): Promise<Uint8Array> => Promise.resolve(readFileSync(dictionaryFile));
const shared = join('..', 'shared', 'cpm');

describe('CPM tokenizer', () => {
  let segmenter: JiebaSegmenter;
  let vocabulary: Uint8Array;
  let thu: Tokenizer;
  let hf46: Tokenizer;

  /** The words as CPM sees them. */
  const wordsOf = (text: string): string =>
    segmenter
      .cut(text)
      .map((word) => word.replaceAll(' ', '▂').replaceAll('\n', '▃'))
      .join(' ');

  before(async () => {
    segmenter = new JiebaSegmenter(readJiebaDictionary(await loadDictionary()));
    vocabulary = brotliDecompressSync(readBytes('cpm.model.br'));
    thu = await createTokenizer('cpm-thu', vocabulary, loadDictionary);
    hf46 = await createTokenizer('cpm-hf46', vocabulary, loadDictionary);
  });

  it('gives the words and ids that Python gives, with a small vocabulary of the same flags', () => {
    const fixture = JSON.parse(Buffer.from(readBytes('cpm.json')).toString('utf8')) as {
      model: string;
      rows: CpmRow[];
    };
    assert.equal(sha256(vocabulary), fixture.model, 'the fixture was recorded with another model: run make.py');
    for (const row of fixture.rows) {
      const name = JSON.stringify(row.text);
      if ('times' in row) {
        const text = row.text.repeat(row.times);
        assert.equal(sha256(wordsOf(text)), row.words, name);
        assert.equal(sha256(thu.encode(text).join()), row.thu, name);
        assert.equal(sha256(hf46.encode(text).join()), row.hf46, name);
      } else {
        assert.equal(wordsOf(row.text), row.words, name);
        assert.deepEqual(thu.encode(row.text), row.thu, name);
        assert.deepEqual(hf46.encode(row.text), row.hf46, name);
        assert.equal(thu.decode(row.thu), row.decoded, name);
      }
    }
  });

  for (const name of ['golden_small.json', 'golden.json'])
    it(`gives the words and ids of CPM's own vocabulary: ${name}`, async function () {
      const file = readIfThere(shared, 'chinese_vocab.model');
      const golden = readIfThere(shared, name);
      if (!file || !golden) return skip(this, `../shared/cpm/${name} and chinese_vocab.model are not there`);
      const real = {
        thu: await createTokenizer('cpm-thu', file, loadDictionary),
        hf46: await createTokenizer('cpm-hf46', file, loadDictionary),
      };
      for (const row of JSON.parse(Buffer.from(golden).toString('utf8')) as GoldenRow[]) {
        assert.equal(wordsOf(row.text), row.seg);
        assert.deepEqual(real.thu.encode(row.text), row.thu, row.text);
        assert.deepEqual(real.hf46.encode(row.text), row.hf46, row.text);
      }
    });

  it('gives each token its share of the text: ▁ nothing, ▂ a space, ▃ a newline', () => {
    const text = '春天 来了\n小草绿了';
    for (const tokenizer of [thu, hf46]) {
      const ids = tokenizer.encode(text);
      const bytes = ids.flatMap((id) => [...tokenizer.tokenBytes(id)]);
      assert.equal(Buffer.from(bytes).toString('utf8'), text);
      assert.equal(tokenizer.decode(ids), text);
    }
  });

  it('never yields a control id from text, and control ids add none', () => {
    for (const name of ['<unk>', '<s>', '</s>', '<cls>', '<sep>', '<pad>', '<mask>'])
      for (const id of thu.encode(name)) assert.ok(id === 0 || id > 6, `${name} → ${id}`);
    for (const control of [1, 2, 3, 4, 5, 6]) assert.equal(thu.tokenBytes(control).length, 0);
  });

  it('takes a lone surrogate for U+FFFD', () => {
    for (const tokenizer of [thu, hf46])
      assert.deepEqual(tokenizer.encode('春\ud83d天'), tokenizer.encode('春\ufffd天'));
  });

  it('encodes a long text', () => {
    const text = '春天来了，小草绿了。'.repeat(20_000);
    assert.equal(thu.decode(thu.encode(text)), text.replaceAll('，', ','));
  });

  it('does not read the dictionary for another kind, or for a damaged file', async () => {
    const never = (): Promise<Uint8Array> => assert.fail('the dictionary was read');
    await createTokenizer('sentencepiece-unigram', readBytes('bytes.model'), never);
    await assert.rejects(createTokenizer('cpm-thu', Uint8Array.of(1, 2, 3), never), { code: 'model-invalid' });
  });

  it('needs the dictionary', async () => {
    await assert.rejects(createTokenizer('cpm-hf46', vocabulary), { code: 'internal', message: /jieba dictionary/ });
  });

  it('forbids and favours words in the form that its vocabulary has them in', () => {
    for (const tokenizer of [thu, hf46]) {
      const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id);
      const holding = (text: string) => ids.filter((id) => tokenizer.decode([id]).includes(text));
      const [marks, commas] = [holding('!'), holding(',')];
      assert.ok(marks.length > 0 && commas.length > 0);
      const logits = new Float32Array(tokenizer.vocabSize);
      banWords(['！'], tokenizer)(logits, []);
      biasWords({ '，': 2 }, tokenizer)(logits, []);
      for (const id of ids) {
        const expected = marks.includes(id) ? -Infinity : commas.includes(id) ? 2 : 0;
        assert.equal(logits[id], expected, `${id} ${tokenizer.decode([id])}`);
      }
    }
  });

  it('forbids a word in full-width letters at the letter that completes it', () => {
    const [a, b] = ['a', 'b'].map((letter) => thu.encode(letter).at(-1) ?? -1);
    assert.deepEqual([thu.decode([a ?? -1]), thu.decode([b ?? -1])], ['a', 'b']);
    const logits = new Float32Array(thu.vocabSize);
    banWords(['ａｂ'], thu)(logits, [a ?? -1]);
    assert.equal(logits[b ?? -1], -Infinity);
    assert.equal(logits[a ?? -1], 0);
  });

  it('forbids nothing but spaces where a word is only these, and nothing at all where tokens have none', () => {
    const logits = new Float32Array(thu.vocabSize);
    banWords([' '], thu)(logits, []);
    const forbidden = [...logits.entries()].filter(([, logit]) => logit !== 0).map(([id]) => thu.decode([id]));
    assert.ok(forbidden.length > 0 && forbidden.every((text) => text.includes(' ')), forbidden.join('|'));
    const others = new Float32Array(thu.vocabSize);
    banWords(['\u3000'], thu)(others, []);
    assert.ok(others.every((logit) => logit === 0));
  });
});

describe('jieba', () => {
  let segmenter: JiebaSegmenter;
  before(async () => {
    segmenter = new JiebaSegmenter(readJiebaDictionary(await loadDictionary()));
  });

  // What Python's jieba 0.42.1 gives.
  const cases: [text: string, words: string][] = [
    ['我来到北京清华大学', '我/来到/北京/清华大学'],
    ['他来到了网易杭研大厦', '他/来到/了/网易/杭研/大厦'],
    ['小明硕士毕业于中国科学院计算所', '小明/硕士/毕业/于/中国科学院/计算所'],
    ['做了B超', '做/了/B超'],
    ['500-100元', '500/-/100/元'],
    ['a+1b', 'a/+/1b'],
    ['价格是283.75元，50%OFF', '价格/是/283.75/元/，/50%/OFF'],
    ['a\r\nb \n', 'a/\r\n/b/ /\n'],
    ['𠮷野家', '𠮷/野家'],
    ['', ''],
  ];
  for (const [text, words] of cases)
    it(`cuts ${JSON.stringify(text)}`, () => assert.equal(segmenter.cut(text).join('/'), words));

  it('loses no character', () => {
    for (const text of ['龘靐\ud83d😀\0 \r\r\n\n', '春'.repeat(1000), 'a1.5%'.repeat(500)])
      assert.equal(segmenter.cut(text).join(''), text);
  });

  it('says that a dictionary is damaged', () => {
    const whole = readFileSync(dictionaryFile);
    const wrong = [
      new Uint8Array(0),
      whole.subarray(0, 1000),
      Buffer.from('not a dictionary'),
      brotliCompressSync('another file'.repeat(9)),
    ];
    for (const file of wrong)
      assert.throws(
        () => readJiebaDictionary(file),
        (error) => error instanceof EngineError && error.code === 'model-invalid' && error.message.includes('jieba'),
      );
  });
});
