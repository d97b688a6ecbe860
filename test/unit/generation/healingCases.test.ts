/**
 * Cursors inside words. Without healing the prompt's last tokens are often others than those of the whole word; after it,
 * all tokens of the whole word must be possible. Prompts for CPM are not healed: its tokens tell where jieba's words begin,
 * and bytes do not; here stands what it would have to mend.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { Healer } from '../../../src/generation/healing';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer';
import { skip } from '../../host/skip';
import { readBytes, readIfThere } from '../tokenizer/fixtures';

/** │ is the cursor. */
const cases = [
  ...['人民共│和国', '迫不│及待', 'Mic│rosoft', '今天天│气', '中华人│民', '社会主│义', '计│算机', '操作系│统'],
  ...['图书│馆', '北京大│学', '乱七八│糟', '的时│候', '历│史', '石│榴', '一│张'],
];

const jieba = (): Promise<Uint8Array> =>
  Promise.resolve(readFileSync(join('src', 'tokenizer', 'jieba', 'dictionary.bin.br')));

describe('cursors inside words', function () {
  this.timeout(30_000);

  const startsWith = (all: readonly number[], some: readonly number[]) => some.every((id, i) => all[i] === id);

  /** Those of which the vocabulary has every character, as tokens. */
  function* encoded(tokenizer: Tokenizer) {
    for (const name of cases) {
      const before = `这是${name.split('│')[0] ?? ''}`;
      const text = `这是${name.replace('│', '')}`;
      const whole = tokenizer.encode(text);
      if (tokenizer.decode(whole) === text) yield { name, typed: tokenizer.encode(before), whole };
    }
  }

  /** The cases in which the tokens of what is typed do not begin those of the whole. */
  const broken = (tokenizer: Tokenizer) =>
    [...encoded(tokenizer)].filter(({ typed, whole }) => !startsWith(whole, typed)).map(({ name }) => name);

  it('the built-in model’s tokens: healing makes every whole word possible', async () => {
    const bytes = readFileSync(join('models', 'builtin', 'tokenizer.model'));
    const tokenizer = await createTokenizer('sentencepiece-unigram', bytes, jieba);
    const healer = new Healer(tokenizer);
    assert.ok(broken(tokenizer).length > 2, broken(tokenizer).join());
    for (const { name, typed, whole } of encoded(tokenizer)) {
      const { kept, required } = healer.cut(typed);
      assert.ok(startsWith(whole, kept), `${name}: ${tokenizer.decode(kept)} is kept`);
      let left = required;
      for (let i = kept.length; left.length > 0; i++) {
        const id = whole[i] as number;
        const allowed = healer.only(new Float32Array(tokenizer.vocabSize), left);
        assert.equal(allowed[id], 0, `${name}: ${Buffer.from(tokenizer.tokenBytes(id)).toString()} is not possible`);
        left = left.subarray(tokenizer.tokenBytes(id).length);
      }
    }
  });

  it('jieba’s words, with a small vocabulary', async () => {
    const tokenizer = await createTokenizer('cpm-thu', brotliDecompressSync(readBytes('cpm.model.br')), jieba);
    for (const name of ['历│史', '石│榴']) assert.ok(broken(tokenizer).includes(name), name);
  });

  it('jieba’s words, with CPM’s own vocabulary', async function () {
    const bytes = readIfThere(join('..', 'shared', 'cpm'), 'chinese_vocab.model');
    if (!bytes) return skip(this, '../shared/cpm/chinese_vocab.model is not there');
    const tokenizer = await createTokenizer('cpm-thu', bytes, jieba);
    for (const name of ['人民共│和国', '迫不│及待', 'Mic│rosoft']) assert.ok(broken(tokenizer).includes(name), name);
  });
});
