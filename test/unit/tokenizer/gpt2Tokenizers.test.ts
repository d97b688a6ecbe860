/** BERT vocabularies and byte-level BPE give the ids that Python's transformers give (`fixtures/tokenizer/makeGpt2.py`). */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findTokenizer } from '../../../src/builder/tokenizerSource';
import { newTextStream } from '../../../src/generation/textStream';
import type { TokenizerKind } from '../../../src/manifest';
import { parseBertVocabulary } from '../../../src/tokenizer/bertTokenizer';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';
import type { ByteBpeFile } from '../../../src/tokenizer/byteBpeFile';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer';
import { readBytes } from './fixtures';

interface Rows {
  rows: { text: string; ids: number[]; decoded: string }[];
}

const rowsOf = (name: string) => (JSON.parse(Buffer.from(readBytes(`${name}.json`)).toString('utf8')) as Rows).rows;

/** Feeds a stream token by token, as generation does. */
function streamed(kind: TokenizerKind, tokenizer: Tokenizer, ids: readonly number[]): string {
  const stream = newTextStream(kind, '');
  return ids.map((id) => stream.push(tokenizer.tokenBytes(id))).join('') + stream.end();
}

describe('a BERT vocabulary', () => {
  const vocabulary = readBytes('bert/vocab.txt');
  /** transformers puts a space between all tokens; we only between words that are written with Latin letters. */
  const withoutSpaces = (text: string) => text.replaceAll(' ', '');

  for (const [kind, fixture] of [
    ['bert', 'bert'],
    ['bert-uncased', 'bert_uncased'],
  ] as const) {
    it(`gives the ids of BertTokenizer (${kind})`, async () => {
      const tokenizer = await createTokenizer(kind, vocabulary);
      for (const { text, ids, decoded } of rowsOf(fixture)) {
        assert.deepEqual(tokenizer.encode(text), ids, JSON.stringify(text));
        const ours = tokenizer.decode(ids);
        assert.equal(withoutSpaces(ours), withoutSpaces(decoded), JSON.stringify(text));
        assert.equal(streamed(kind, tokenizer, ids), ours);
      }
    });
  }

  it('sets spaces between Latin words and nowhere in Chinese', async () => {
    const tokenizer = await createTokenizer('bert', vocabulary);
    const again = (text: string) => tokenizer.decode(tokenizer.encode(text));
    assert.equal(again('清晨的雾，先醒了。'), '清晨的雾，先醒了。');
    assert.equal(again('清晨 hello world 的'), '清晨hello world的');
    assert.equal(again('hello, world 3.14, 3,000'), 'hello, world 3.14,3,000');
  });

  it('takes its markers for ordinary text when they are typed', async () => {
    const tokenizer = await createTokenizer('bert', vocabulary);
    for (const id of tokenizer.encode('[CLS][SEP][UNK][PAD]<S>')) assert.ok(id === 10 || id > 15, String(id));
  });

  it('takes any text, lone surrogates too', async () => {
    const tokenizer = await createTokenizer('bert-uncased', vocabulary);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        for (const id of tokenizer.encode(text)) assert.ok(id >= 0 && id < tokenizer.vocabSize);
      }),
    );
  });

  it('may have the line ends of Windows, at its end too', () => {
    assert.deepEqual(parseBertVocabulary(Buffer.from('[UNK]\r\n春\r\n天\r\n')), ['[UNK]', '春', '天']);
  });

  it('is told from another file', async () => {
    await assert.rejects(createTokenizer('bert', Buffer.from('a\nb\n')), /not a BERT vocabulary/);
  });
});

describe('byte-level BPE', () => {
  const source = findTokenizer(['test/fixtures/tokenizer/byteBpe'], undefined);
  const open = () => createTokenizer('byte-bpe', source.read());
  const fileOf = () => JSON.parse(Buffer.from(source.read()).toString('utf8')) as ByteBpeFile;

  it('gives the ids of GPT2Tokenizer', async () => {
    const tokenizer = await open();
    for (const { text, ids, decoded } of rowsOf('byteBpe')) {
      assert.deepEqual(tokenizer.encode(text), ids, JSON.stringify(text));
      assert.equal(tokenizer.decode(ids), decoded);
    }
  });

  it('may be a file as old as GPT-2’s own, which does not say that it is BPE', async () => {
    const { type, ...model } = fileOf().model;
    assert.equal(type, 'BPE');
    const old = await createTokenizer('byte-bpe', Buffer.from(JSON.stringify({ ...fileOf(), model })));
    for (const { text, ids } of rowsOf('byteBpe')) assert.deepEqual(old.encode(text), ids, JSON.stringify(text));
  });

  it('loses nothing, and streams no half character', async () => {
    const tokenizer = await open();
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(fc.constantFrom('天', '气', '很', '，', '龘', '😀', ' ', '\n'), fc.string()) }),
        (text) => {
          const ids = tokenizer.encode(text);
          assert.equal(tokenizer.decode(ids), text);
          const stream = newTextStream('byte-bpe', '');
          for (const id of ids) assert.ok(!/\p{Surrogate}/u.test(stream.push(tokenizer.tokenBytes(id))));
          if (!text.includes('\ufffd')) assert.equal(streamed('byte-bpe', tokenizer, ids), text);
        },
      ),
    );
  });

  it('takes <|endoftext|> for ordinary text when it is typed, and writes nothing for it', async () => {
    const tokenizer = await open();
    const ids = tokenizer.encode('<|endoftext|>');
    assert.ok(ids.length > 1 && !ids.includes(0));
    assert.equal(tokenizer.decode([0]), '');
  });

  it('is told from other files', async () => {
    await assert.rejects(createTokenizer('byte-bpe', Buffer.from('{')), /not valid JSON/);
    await assert.rejects(createTokenizer('byte-bpe', Buffer.from('null')), /only byte-level BPE is supported/);
    const file = fileOf();
    for (const id of [1e12, -1, 0.5, '7', null]) {
      const model = { ...file.model, vocab: { ...file.model.vocab, x: id } };
      const damaged = Buffer.from(JSON.stringify({ ...file, model }));
      await assert.rejects(createTokenizer('byte-bpe', damaged), {
        code: 'model-invalid',
        message: /is not a token id/,
      });
    }
    const unigram = Buffer.from('{"model":{"type":"Unigram"}}');
    await assert.rejects(createTokenizer('byte-bpe', unigram), /only byte-level BPE is supported/);
  });
});
