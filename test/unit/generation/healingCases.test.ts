/**
 * Cursors inside words. Without healing the prompt's last tokens are often others than those of the whole word; after it,
 * all tokens of the whole word must be possible, with jieba's words and without.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { generate } from '../../../src/generation/generate';
import type { LanguageModel } from '../../../src/generation/generate';
import { Healer, typedBehind } from '../../../src/generation/healing';
import type { Manifest } from '../../../src/manifest';
import { resolveOptions } from '../../../src/options';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer';
import { skip } from '../../host/skip';
import { readBytes, readIfThere } from '../tokenizer/fixtures';

/** │ is the cursor. */
const cases = [
  ...['人民共│和国', '迫不│及待', 'Mic│rosoft', '今天天│气', '中华人│民', '社会主│义', '计│算机', '操作系│统'],
  ...['图书│馆', '北京大│学', '乱七八│糟', '的时│候', '历│史', '石│榴', '一│张'],
];

/** Read with a cursor after each of its letters. */
const essay =
  '巷子口的老石榴树又开花了，红得像一盏盏小灯。祖母在世的时候，每年秋天都要把石榴分给左邻右舍，自己只留下最小的几个。' +
  '如今院子里住着一对年轻人，男的在图书馆工作，女的研究生物，他们说这棵树比书上写的还要有意思。我站在门外看了很久，' +
  '想起从前的许多事情，心里觉得很安静，好像时间从来没有走远，只是换了一个地方继续生活。';

const jieba = (): Promise<Uint8Array> =>
  Promise.resolve(readFileSync(join('src', 'tokenizer', 'jieba', 'dictionary.bin.br')));

describe('cursors inside words', function () {
  this.timeout(30_000);

  const startsWith = (all: readonly number[], some: readonly number[]) => some.every((id, i) => all[i] === id);

  /** Those of which the vocabulary has every character, as tokens. */
  function* encoded(tokenizer: Tokenizer) {
    for (const name of cases) {
      const before = `他说${name.split('│')[0] ?? ''}`;
      const text = `他说${name.replace('│', '')}`;
      const whole = tokenizer.encode(text);
      if (tokenizer.decode(whole) === text) yield { name, typed: tokenizer.encode(before), whole };
    }
  }

  /** The cases in which the tokens of what is typed do not begin those of the whole. */
  const broken = (tokenizer: Tokenizer) =>
    [...encoded(tokenizer)].filter(({ typed, whole }) => !startsWith(whole, typed)).map(({ name }) => name);

  /** What is kept begins the whole's tokens, and each token behind it is possible. @returns the cases */
  function assertHealed(tokenizer: Tokenizer): string[] {
    const healer = new Healer(tokenizer);
    const names: string[] = [];
    for (const { name, typed, whole } of encoded(tokenizer)) {
      const { kept, typed: taken } = healer.cut(typed);
      assert.ok(startsWith(whole, kept), `${name}: ${tokenizer.decode(kept)} is kept`);
      let left = taken;
      for (let i = kept.length; left.bytes.length > 0; i++) {
        const id = whole[i] as number;
        const allowed = healer.only(new Float32Array(tokenizer.vocabSize), left, whole[i - 1]);
        assert.equal(allowed[id], 0, `${name}: ${Buffer.from(tokenizer.tokenBytes(id)).toString()} is not possible`);
        left = typedBehind(left, tokenizer.tokenBytes(id).length);
      }
      names.push(name);
    }
    return names;
  }

  it('the built-in model’s tokens: healing makes every whole word possible', async () => {
    const bytes = readFileSync(join('models', 'builtin', 'tokenizer.model'));
    const tokenizer = await createTokenizer('sentencepiece-unigram', bytes, jieba);
    assert.ok(broken(tokenizer).length > 2, broken(tokenizer).join());
    assert.ok(assertHealed(tokenizer).length > 10);
  });

  const small = () => createTokenizer('cpm-thu', brotliDecompressSync(readBytes('cpm.model.br')), jieba);

  it('jieba’s words, with a small vocabulary', async () => {
    const tokenizer = await small();
    for (const name of ['历│史', '石│榴']) assert.ok(broken(tokenizer).includes(name), name);
    const healed = assertHealed(tokenizer);
    for (const name of broken(tokenizer)) assert.ok(healed.includes(name), name);
  });

  /** The share of cursors in the essay at which what is kept of the typed tokens does not begin the whole's. */
  function brokenShare(tokenizer: Tokenizer, kept: (typed: readonly number[]) => readonly number[]): number {
    const whole = tokenizer.encode(essay);
    const cursors = Array.from(essay, (_, at) => at + 1).filter((at) => /\p{L}/u.test(essay.charAt(at - 1)));
    const count = cursors.filter((at) => !startsWith(whole, kept(tokenizer.encode(essay.slice(0, at))))).length;
    return count / cursors.length;
  }

  it('jieba’s words: most cursors in a text at which they would be cut otherwise are mended', async () => {
    const tokenizer = await small();
    const healer = new Healer(tokenizer);
    const share = brokenShare(tokenizer, (typed) => typed);
    assert.ok(share > 0.03);
    assert.ok(brokenShare(tokenizer, (typed) => healer.cut(typed).kept) < share / 3);
  });

  it('jieba’s words: at most two are taken back, none of marks, and what is required is in the tokenizer’s form', async () => {
    const tokenizer = await small();
    const healer = new Healer(tokenizer);
    const required = (text: string) => Buffer.from(healer.cut(tokenizer.encode(text)).typed.bytes).toString();
    for (const text of ['', '历史。', '历史，', '历史 ', '历史\n']) assert.equal(required(text), '', text);
    assert.equal(required('历史，石'), '石');
    assert.equal(required('这１２'), required('这12'));
    for (const text of ['这是历', '我们在历史', '一张石榴'])
      assert.ok(text.endsWith(required(text)) && required(text).length < 5, required(text));
    assert.notEqual(required('这是历'), '');
  });

  it('jieba’s words: a mark of a beginning may stand before what is required, once', async () => {
    const tokenizer = await small();
    const [mark = -1] = tokenizer.encode('\n');
    assert.equal(tokenizer.tokenBytes(mark).length, 0);
    const allowed = (before: number) =>
      new Healer(tokenizer).only(
        new Float32Array(tokenizer.vocabSize),
        { bytes: Buffer.from('历'), ends: [3] },
        before,
      )[mark];
    assert.deepEqual([allowed(mark + 1), allowed(mark)], [0, -Infinity]);
  });

  it('jieba’s words: what is generated goes on within the word', async () => {
    const tokenizer = await small();
    const [whole, typed] = [tokenizer.encode('他说历史'), tokenizer.encode('他说历')];
    const network: LanguageModel = {
      forgetTexts: () => undefined,
      // As the whole word would have it, and something else where it is not on the way there.
      logitsAfter: (ids) => {
        const next = whole.slice(0, ids.length).every((id, i) => ids[i] === id) ? whole[ids.length] : whole[0];
        return Promise.resolve(Float32Array.from({ length: tokenizer.vocabSize }, (_, id) => (id === next ? 9 : 0)));
      },
    };
    const manifest = {
      contextLength: 40,
      promptLayout: 'text',
      tokenizer: { kind: 'cpm-thu', file: '' },
      specialTokens: { unknown: 0, start: null, endOfText: [7], separator: 4, banned: [] },
    } as unknown as Manifest;
    const written = async (healer: Healer | null) => {
      const healed = healer?.cut(typed).kept ?? typed;
      const stream = generate(
        { network, tokenizer, manifest, healer, lineStart: null, learnt: null, table: null },
        { titleIds: [], textIds: typed, fromStart: false },
        resolveOptions({ temperature: 0, maxNewTokens: Math.max(1, whole.length - healed.length) }),
        new AbortController().signal,
      );
      for (;;) {
        const next = await stream.next();
        if (next.done) return next.value.text;
      }
    };
    assert.equal(await written(new Healer(tokenizer)), '史');
    assert.notEqual(await written(null), '史');
  });

  it('jieba’s words, with CPM’s own vocabulary', async function () {
    const bytes = readIfThere(join('..', 'shared', 'cpm'), 'chinese_vocab.model');
    if (!bytes) return skip(this, '../shared/cpm/chinese_vocab.model is not there');
    for (const kind of ['cpm-thu', 'cpm-hf46'] as const) {
      const tokenizer = await createTokenizer(kind, bytes, jieba);
      const healer = new Healer(tokenizer);
      assert.ok(brokenShare(tokenizer, (typed) => typed) > 0.1);
      assert.ok(brokenShare(tokenizer, (typed) => healer.cut(typed).kept) < 0.01);
      const healed = assertHealed(tokenizer);
      for (const name of ['人民共│和国', '迫不│及待', 'Mic│rosoft']) {
        assert.ok(broken(tokenizer).includes(name), name);
        assert.ok(healed.includes(name), name);
      }
    }
  });
});
