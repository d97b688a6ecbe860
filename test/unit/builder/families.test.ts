/** What a folder is recognised as, and what can be changed about it. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { buildModel } from '../../../src/builder/buildModel';
import { recognise } from '../../../src/builder/recognise';
import { sentencePieceVocabulary, specialTokens } from '../../../src/builder/vocabulary';
import { EngineError } from '../../../src/errors';
import { parseSentencePieceModel } from '../../../src/tokenizer/sentencePieceModel';
import { configOf, randomTensors, TemporaryFolder, tiny, tokenizerBytes } from './tinyCheckpoint';

const fixtures = join('test', 'fixtures', 'tokenizer');

describe('special tokens of SentencePiece', () => {
  const vocabulary = (special?: string[]) => sentencePieceVocabulary(parseSentencePieceModel(tokenizerBytes(special)));
  const tokens = (special: string[] | undefined, vocabSize: number, opening?: number) =>
    specialTokens(vocabulary(special), vocabulary(special).endOfText, { vocabSize, opening });

  it('are found by the names of the pieces', () => {
    const expected = { unknown: 0, start: null, endOfText: [5, 2], separator: 4, banned: [1, 3, 4] };
    assert.deepEqual(tokens(undefined, 15), expected);
    assert.deepEqual(tokens(['</s>'], 11), { ...expected, endOfText: [1], separator: null, banned: [] });
  });

  it('hold the one that begins a text behind its title, where there is a separator for it to follow', () => {
    assert.equal(tokens(undefined, 15, 1).opening, 1);
    assert.ok(!('opening' in tokens(['</s>'], 11, 2)));
  });

  it('ban the rows of the token table that have no piece, and must fit into it', () => {
    assert.deepEqual(tokens(['</s>'], 14).banned, [11, 12, 13]);
    assert.throws(() => tokens(undefined, 14), /the tokenizer has 15 tokens, but config.json says vocab_size 14/);
    assert.throws(
      () => specialTokens(vocabulary(), [15], { vocabSize: 15, opening: undefined }),
      /end of text 15 is not a token id below 15/,
    );
  });
});

describe('a checkpoint folder', () => {
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  const cpmVocabulary = temporary.join('chinese_vocab.model');
  const cpmSizes = { ...tiny, numPositions: 1024 };
  let bare: string;

  before(() => {
    writeFileSync(cpmVocabulary, brotliDecompressSync(readFileSync(join(fixtures, 'cpm.model.br'))));
    const vocabSize = parseSentencePieceModel(readFileSync(cpmVocabulary)).pieces.length;
    const sizes = { ...cpmSizes, vocabSize, hiddenSize: 16 };
    bare = temporary.checkpoint('bare', randomTensors(sizes), configOf(sizes));
    rmSync(join(bare, 'tokenizer.model'));
  });

  const named = (...names: string[]): string => {
    const folder = temporary.join(...names);
    cpSync(bare, folder, { recursive: true });
    return folder;
  };
  const inside = (folder: string, file = 'spiece.model'): string => {
    cpSync(cpmVocabulary, join(folder, file));
    return folder;
  };

  it('of CPM without a tokenizer asks for it, and is then taken for one that makes essays of titles', () => {
    const from = named('apart', 'deep', 'epoch40');
    assert.throws(
      () => recognise({ from }),
      (error) =>
        error instanceof EngineError && error.code === 'tokenizer-missing' && /--tokenizer/.test(error.message),
    );
    const { settings } = recognise({ from, tokenizer: cpmVocabulary });
    assert.deepEqual(settings, {
      family: 'cpm-essay',
      tokenizer: 'cpm-hf46',
      promptLayout: 'title-separator-text',
      contextLength: 200,
      endOfText: [7],
    });
  });

  it('finds the vocabulary where the public code keeps it', () => {
    mkdirSync(temporary.join('repository', 'vocab'), { recursive: true });
    cpSync(cpmVocabulary, temporary.join('repository', 'vocab', 'chinese_vocab.model'));
    const { tokenizerFile } = recognise({ from: named('repository', 'model', 'epoch40') });
    assert.equal(tokenizerFile, temporary.join('repository', 'vocab', 'chinese_vocab.model'));
  });

  it('of Tsinghua is told by its tokenizer file, and others by their names', () => {
    const family = (from: string) => recognise({ from }).settings.family;
    assert.equal(family(inside(named('a', 'checkpoint'))), 'cpm');
    assert.equal(family(inside(named('b', 'CPM-Generate-distill'))), 'cpm');
    assert.equal(family(inside(named('zuowen_epoch40'), 'chinese_vocab.model')), 'cpm-essay');
    // The name goes before the file that Tsinghua's folders have.
    for (const name of ['作文模型', 'zuowen', 'yangjianxin1-CPM', 'cpm-essay'])
      assert.equal(family(inside(named('names', name))), 'cpm-essay', name);
    assert.equal(family(inside(named('leeguandong', 'final'))), 'cpm-shopping');
    const { settings } = recognise({ from: inside(named('c', 'cpm-generate')) });
    assert.deepEqual(settings, {
      family: 'cpm',
      tokenizer: 'cpm-thu',
      promptLayout: 'title-text',
      contextLength: 1024,
      endOfText: [7],
    });
  });

  it('in the cache of Hugging Face has the model’s name and author, not those of a revision', () => {
    const model = join('hub', 'models--leeguandong--CPM');
    const revision = inside(named(model, 'snapshots', '0123abcd'));
    for (const from of [revision, temporary.join(model)]) {
      const { name, settings } = recognise({ from });
      assert.deepEqual([name, settings.family], ['CPM', 'cpm-shopping'], from);
    }
    assert.equal(recognise({ from: inside(named('snapshots', '0123abcd')) }).name, '0123abcd');
  });

  it('of yangjianxin1’s code stays one when the vocabulary is put into it, and when it was distilled', () => {
    const family = (from: string, tokenizer?: string) =>
      recognise({ from, ...(tokenizer !== undefined && { tokenizer }) }).settings.family;
    assert.equal(family(inside(named('f', 'model', 'epoch40'), 'chinese_vocab.model')), 'cpm-essay');
    const distilled = named('f', 'output', 'distill', 'epoch_1-step_100');
    assert.equal(family(distilled, cpmVocabulary), 'cpm-essay');
    assert.equal(family(inside(distilled, 'chinese_vocab.model')), 'cpm-essay');
    // Tsinghua's, with the file of their repository in place of the one that Hugging Face's folder has.
    assert.equal(family(inside(named('g', 'CPM-1-Distill'), 'chinese_vocab.model')), 'cpm');
  });

  it('can be called something else', async () => {
    const from = inside(named('d', 'CPM-Generate'));
    const settings = { family: 'cpm-shopping', contextLength: 64, endOfText: [7, 2] } as const;
    const chosen = { from, settings: { ...settings, endOfText: [7, 2] } };
    assert.deepEqual(recognise(chosen).settings.tokenizer, 'cpm-hf46');
    const manifest = await buildModel({ ...chosen, to: temporary.join('shop'), quantization: 'int8' });
    assert.deepEqual(
      [manifest.family, manifest.contextLength, manifest.specialTokens.endOfText, manifest.sampling],
      ['cpm-shopping', 64, [7, 2], { temperature: 1, topK: 0, topP: 0.85 }],
    );
    assert.ok(manifest.specialTokens.banned.includes(1) && !manifest.specialTokens.banned.includes(2));
  });

  it('cannot be called what it is not', () => {
    const from = inside(named('e', 'CPM-Generate'));
    const refused = (settings: object, message: RegExp) =>
      assert.throws(() => recognise({ from, settings }), message, JSON.stringify(settings));
    refused({ tokenizer: 'bert' }, /is not a file for the tokenizer bert/);
    refused({ contextLength: 1025 }, /window is 1025 tokens, but must be 1 to 1024/);
    refused({ endOfText: [999_999] }, /end of text 999999 is not a token id/);
    refused({ family: 'gpt2-bert' }, /is not a file for the tokenizer bert/);
  });

  it('with a BERT vocabulary begins with [CLS] and ends with [SEP]', () => {
    const from = temporary.checkpoint('uer', randomTensors({ ...tiny, vocabSize: 600 }), {
      ...configOf({ ...tiny, vocabSize: 600 }),
    });
    rmSync(join(from, 'tokenizer.model'));
    cpSync(join(fixtures, 'bert', 'vocab.txt'), join(from, 'vocab.txt'));
    assert.equal(recognise({ from }).settings.tokenizer, 'bert-uncased');
    writeFileSync(join(from, 'tokenizer_config.json'), '{"do_lower_case": false}');
    const { settings } = recognise({ from });
    assert.deepEqual(settings, {
      family: 'gpt2-bert',
      tokenizer: 'bert',
      promptLayout: 'title-text',
      contextLength: 40,
      endOfText: [12],
    });
  });

  it('of uer’s has the window that it was trained in, and may be given all of its positions', () => {
    const sizes = { ...cpmSizes, vocabSize: 600, hiddenSize: 16 };
    const from = temporary.checkpoint('bert-window', randomTensors(sizes), configOf(sizes));
    rmSync(join(from, 'tokenizer.model'));
    cpSync(join(fixtures, 'bert', 'vocab.txt'), join(from, 'vocab.txt'));
    for (const [name, window] of [
      ['gpt2-chinese-poem', 128],
      ['gpt2-chinese-couplet', 64],
      [join('models--uer--gpt2-chinese-ancient', 'snapshots', '01ab'), 320],
      ['gpt2-chinese-lyric', 1024],
      ['gpt2-chinese-cluecorpussmall', 1024],
    ] as const) {
      const folder = temporary.join('uers', name);
      cpSync(from, folder, { recursive: true });
      const { settings, maxContextLength } = recognise({ from: folder });
      assert.deepEqual([settings.contextLength, maxContextLength], [window, 1024], name);
      assert.equal(recognise({ from: folder, settings: { contextLength: 1000 } }).settings.contextLength, 1000);
    }
  });

  it('may have its BERT vocabulary in a tokenizer.json, the one file that transformers 5 saves', async () => {
    const sizes = { ...tiny, vocabSize: 600 };
    const from = temporary.checkpoint('saved-by-5', randomTensors(sizes), configOf(sizes));
    rmSync(join(from, 'tokenizer.model'));
    const lines = readFileSync(join(fixtures, 'bert', 'vocab.txt'), 'utf8');
    const vocab: Record<string, number> = Object.fromEntries(
      lines
        .trimEnd()
        .split('\n')
        .map((token, id) => [token, id]),
    );
    const save = (normalizer: object, model: object = {}) =>
      writeFileSync(
        join(from, 'tokenizer.json'),
        JSON.stringify({ normalizer, model: { type: 'WordPiece', continuing_subword_prefix: '##', vocab, ...model } }),
      );
    save({ type: 'BertNormalizer', lowercase: false });
    assert.equal(recognise({ from }).settings.tokenizer, 'bert');
    save({ type: 'BertNormalizer', lowercase: true }, { type: undefined });
    const { settings, tokenizerFile } = recognise({ from });
    assert.deepEqual(
      [settings.family, settings.tokenizer, settings.endOfText, tokenizerFile],
      ['gpt2-bert', 'bert-uncased', [12], join(from, 'tokenizer.json')],
    );
    writeFileSync(join(from, 'tokenizer_config.json'), '{"do_lower_case": false}');
    const to = temporary.join('saved-by-5-built');
    const { tokenizer } = await buildModel({ from, to, quantization: 'int8' });
    assert.deepEqual(tokenizer, { kind: 'bert', file: 'vocab.txt' });
    assert.equal(readFileSync(join(to, 'vocab.txt'), 'utf8'), lines);
    for (const wrong of [{ a: 0, '[UNK]': 2 }, { a: 0, '[UNK]': 0 }, { '[UNK]': 0, 'a\n': 1 }, { '[UNK]': '0' }]) {
      save({}, { vocab: wrong });
      assert.throws(() => recognise({ from }), { fault: 'tokenizer' });
    }
  });

  it('whose tokenizer.json is SentencePiece’s asks for the file that it was made of, or finds it', () => {
    const from = named('unigram', 'in', 'CPM-Generate');
    const model = { type: 'Unigram', unk_id: 0, vocab: [['<unk>', 0]] };
    writeFileSync(join(from, 'tokenizer.json'), JSON.stringify({ model }));
    assert.throws(() => recognise({ from }), {
      code: 'tokenizer-missing',
      message: /chinese_vocab\.model.*vocab\.txt/,
    });
    assert.equal(recognise({ from: inside(from) }).settings.family, 'cpm');
  });

  it('with byte-level BPE takes its two files as one', async () => {
    const sizes = { ...tiny, vocabSize: 512 };
    const from = temporary.checkpoint('wenzhong', randomTensors(sizes), configOf(sizes));
    rmSync(join(from, 'tokenizer.model'));
    for (const file of ['vocab.json', 'merges.txt']) cpSync(join(fixtures, 'byteBpe', file), join(from, file));
    const manifest = await buildModel({ from, to: temporary.join('bpe'), quantization: 'int8' });
    assert.deepEqual(manifest.tokenizer, { kind: 'byte-bpe', file: 'tokenizer.json' });
    const { unknown, endOfText, banned } = manifest.specialTokens;
    assert.deepEqual([unknown, endOfText, manifest.family], [null, [0], 'gpt2-byte-bpe']);
    assert.deepEqual(
      banned,
      Array.from({ length: 12 }, (_, i) => 500 + i),
    );
    renameSync(join(from, 'merges.txt'), join(from, 'gone.txt'));
    assert.throws(() => recognise({ from }), /merges\.txt: does not exist/);
  });
});
