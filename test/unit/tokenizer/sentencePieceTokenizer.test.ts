import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer';
import { type Fixture, readFixture, readModel, sha256 } from './fixtures';

const builtinModel = () => readFileSync(join('models', 'builtin', 'tokenizer.model'));

/** The only texts on which we differ from the reference on purpose: see `Normalizer.normalize`. */
const typedSpaceSymbol = '▁';

function assertSameAsPython(tokenizer: Tokenizer, fixture: Fixture): void {
  for (const row of fixture.rows) {
    if ('times' in row) {
      const ids = tokenizer.encode(row.text.repeat(row.times));
      const name = `${JSON.stringify(row.text)} × ${row.times}`;
      assert.equal(ids.length, row.count, name);
      assert.equal(sha256(ids.join()), row.sha256, name);
    } else {
      assert.deepEqual(tokenizer.encode(row.text), row.ids, JSON.stringify(row.text));
      assert.equal(tokenizer.decode(row.ids), row.decoded, JSON.stringify(row.text));
    }
  }
}

/** `String.prototype.toWellFormed`, which our TypeScript target lacks. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

function assertLossless(tokenizer: Tokenizer, text: string): void {
  const ids = tokenizer.encode(text);
  assert.equal(tokenizer.decode(ids), text);
  for (const id of ids) assert.ok(id >= 0 && id < tokenizer.vocabSize);
}

describe('SentencePiece tokenizer: ids of the Python library', () => {
  for (const name of ['bytes', 'bytes_prefix', 'collapsed', 'unusual']) {
    it(`gives the same ids and the same text back: ${name}.model`, async () => {
      const model = readModel(name);
      const fixture = readFixture(name);
      assert.equal(sha256(model), fixture.model, 'the fixture was recorded with another model: run make.py');
      assertSameAsPython(await createTokenizer('sentencepiece-unigram', model), fixture);
    });
  }

  it('gives the same ids and the same text back: the built-in model', async () => {
    const model = builtinModel();
    const fixture = readFixture('builtin');
    assert.equal(sha256(model), fixture.model, 'the fixture was recorded with another model: run make.py --builtin');
    assertSameAsPython(await createTokenizer('sentencepiece-unigram', model), fixture);
  });
});

describe('SentencePiece tokenizer: every text survives', () => {
  const open = (name: string): Promise<Tokenizer> =>
    createTokenizer('sentencepiece-unigram', name === 'builtin' ? builtinModel() : readModel(name));

  for (const name of ['bytes', 'bytes_prefix', 'builtin']) {
    it(`decode(encode(text)) is the text: ${name}`, async () => {
      const tokenizer = await open(name);
      const chinese = fc
        .array(fc.constantFrom(...Array.from('的一是了我不人在春天来，。“”——\n \t\u3000aB1😀𠮷\u0301▁')), {
          maxLength: 60,
        })
        .map((characters) => characters.join(''));
      for (const text of [
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        fc.string({ unit: 'binary', maxLength: 80 }),
        fc.string({ unit: 'binary-ascii', maxLength: 80 }),
        chinese,
      ])
        fc.assert(
          fc.property(text, (value) => assertLossless(tokenizer, value)),
          { numRuns: 500, seed: 20 },
        );
    });
  }

  it('takes a lone surrogate for U+FFFD', async () => {
    const tokenizer = await open('bytes');
    for (const text of ['\ud83d', '春\ude00天', '\ude00\ud83d', 'a\ud83d\ud83d\ude00b', '\udc00'])
      assert.equal(tokenizer.decode(tokenizer.encode(text)), wellFormed(text), JSON.stringify(text));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }), (units) => {
        const text = String.fromCharCode(...units);
        assert.equal(tokenizer.decode(tokenizer.encode(text)), wellFormed(text));
      }),
      { numRuns: 500, seed: 21 },
    );
  });

  it('spells a typed "▁" in bytes, so that it does not come back as a space', async () => {
    const tokenizer = await open('bytes');
    const ids = tokenizer.encode(`a${typedSpaceSymbol} b`);
    assert.deepEqual(
      ids.slice(1, 4).map((id) => [...tokenizer.tokenBytes(id)]),
      [[0xe2], [0x96], [0x81]],
    );
    assertLossless(tokenizer, `a${typedSpaceSymbol} b`);
  });

  it('encodes and decodes a million characters', async () => {
    const tokenizer = await open('bytes');
    for (const unit of ['春', '春天来了，小草绿了。', '龘']) {
      const text = unit.repeat(1_000_000 / unit.length);
      assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
    }
  });
});

describe('SentencePiece tokenizer: pieces', () => {
  it('never yields a control id from text', async () => {
    const tokenizer = await createTokenizer('sentencepiece-unigram', readModel('bytes'));
    for (const name of ['<unk>', '<s>', '</s>', '<pad>', '<sep>', '<eod>']) {
      const ids = tokenizer.encode(name);
      assert.ok(
        ids.every((id) => id > 5),
        `${name} → ${ids.join()}`,
      );
    }
  });

  it('gives each token its bytes: together they are the text; control ids have none', async () => {
    const tokenizer = await createTokenizer('sentencepiece-unigram', readModel('bytes'));
    const text = '春天 来了😀\n𠮷 e\u0301';
    const bytes = tokenizer.encode(text).flatMap((id) => [...tokenizer.tokenBytes(id)]);
    assert.equal(Buffer.from(bytes).toString('utf8'), text);
    for (const control of [1, 2, 3, 4, 5]) assert.equal(tokenizer.tokenBytes(control).length, 0);
    assert.equal(tokenizer.decode([4, ...tokenizer.encode('春'), 5]), '春');
  });

  it('marks bytes that are no character with U+FFFD', async () => {
    const tokenizer = await createTokenizer('sentencepiece-unigram', readModel('bytes'));
    const ids = tokenizer.encode('龘').slice(0, 2);
    assert.equal(tokenizer.decode([...ids, ...tokenizer.encode('春')]), '\ufffd春');
  });

  it('refuses ids outside the vocabulary', async () => {
    const tokenizer = await createTokenizer('sentencepiece-unigram', readModel('bytes'));
    for (const id of [-1, tokenizer.vocabSize, 0.5, NaN]) {
      assert.throws(() => tokenizer.decode([id]), RangeError);
      assert.throws(() => tokenizer.tokenBytes(id), RangeError);
    }
  });
});
