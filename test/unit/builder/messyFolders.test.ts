/** Folders as people have them: what can be read all the same is, and else it is said what to do. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { recogniseOpen } from '../../../src/builder/recognise';
import { TorchFile } from '../../../src/builder/torch/torchFile';
import { EngineError, type CheckpointFault } from '../../../src/errors';
import { skip } from '../../host/skip';
import {
  configOf,
  headerBytes,
  randomTensors,
  safetensorsBytes,
  TemporaryFolder,
  tiny,
  tokenizerBytes,
} from './tinyCheckpoint';
import { dictPickle, nestedDictPickle, pickle, tensorPickle, torchArchive, zipOf } from './torchArchive';

const fixtures = join('test', 'fixtures', 'checkpoints');
const lfsPointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 435000000\n';

describe('folders as people have them', () => {
  const temporary = new TemporaryFolder();
  let number = 0;
  after(() => temporary.remove());

  const newFolder = (): string => temporary.checkpoint(`模型 (${number++})`);

  /** A fixture with a tokenizer that fits it. */
  function copyOf(name: string): string {
    const folder = temporary.join(`${name} (${number++})`);
    cpSync(join(fixtures, name), folder, { recursive: true });
    writeFileSync(join(folder, 'spiece.model'), tokenizerBytes());
    return folder;
  }

  /** Name, and the folder that the weights were found in, seen from the one that was chosen. */
  function recognised(from: string): { name: string; place: string; format: string; licence: string } {
    const { name, licence, checkpoint } = recogniseOpen({ from });
    checkpoint.close();
    return { name, place: checkpoint.folder.slice(from.length), format: checkpoint.format, licence };
  }

  function assertRefused(from: string, fault: CheckpointFault, subject: string): void {
    assert.throws(
      () => recognised(from),
      (error) => {
        assert.ok(error instanceof EngineError && error.code === 'checkpoint-invalid', String(error));
        assert.deepEqual([error.fault, error.subject], [fault, subject], error.message);
        return true;
      },
    );
  }

  it('may have the checkpoint a little below, where an archive was unpacked', () => {
    for (const below of ['CPM-distill', join('下载', 'CPM')]) {
      const outer = temporary.join(`outer-${number++}`);
      mkdirSync(join(outer, 'docs'), { recursive: true });
      cpSync(newFolder(), join(outer, below), { recursive: true });
      assert.deepEqual(recognised(outer), {
        ...{ name: basename(outer), place: join('/', below), format: 'safetensors', licence: 'unknown' },
      });
    }
    // Megatron's without the file that names the step; tokenizer and config.json lie outside.
    const ranks = copyOf('megatron-2');
    rmSync(join(ranks, 'latest_checkpointed_iteration.txt'));
    assert.equal(recognised(ranks).place, join('/', '80000'));
    const nested = temporary.join(`nested-${number++}`);
    cpSync(copyOf('megatron-2'), join(nested, 'CPM-large'), { recursive: true });
    assert.equal(recognised(nested).place, join('/', 'CPM-large', '80000'));
  });

  it('may hold several models, or none: which one is asked for', () => {
    const training = temporary.join('training');
    for (const epoch of ['epoch1', 'epoch2']) cpSync(newFolder(), join(training, epoch), { recursive: true });
    assertRefused(training, 'several', 'training');
    mkdirSync(temporary.join('空的'));
    assertRefused(temporary.join('空的'), 'no-weights', '空的');
    const renamed = newFolder();
    renameSync(join(renamed, 'model.safetensors'), join(renamed, 'model (1).safetensors'));
    assertRefused(renamed, 'no-weights', basename(renamed));
    for (const [file, fault] of [
      ['CPM-distill.zip', 'packed'],
      ['pytorch_model.bin.crdownload', 'downloading'],
    ] as const) {
      const folder = newFolder();
      renameSync(join(folder, 'model.safetensors'), join(folder, file));
      assertRefused(folder, fault, file);
    }
  });

  it('may hold what is made for other programs, an adapter, or a download that goes on: it is said which', () => {
    const ollamas = temporary.join('ollama');
    for (const name of ['blobs', 'manifests']) mkdirSync(join(ollamas, name), { recursive: true });
    assertRefused(ollamas, 'other-format', 'ollama');
    for (const [file, fault, subject] of [
      ['qwen2.5-7b-q4_k_m.gguf', 'other-format', 'qwen2.5-7b-q4_k_m.gguf'],
      [`sha256-${'0'.repeat(64)}`, 'other-format', `sha256-${'0'.repeat(64)}`],
      ['tf_model.h5', 'other-format', 'tf_model.h5'],
      ['model.ckpt-100000.index', 'other-format', 'model.ckpt-100000.index'],
      ['adapter_model.safetensors', 'adapter', 'adapter_model.safetensors'],
      [join('.cache', 'huggingface', 'download', '1.2.incomplete'), 'downloading', null],
      [join('._____temp', 'model.safetensors'), 'downloading', null],
      [join('blobs', '1.incomplete'), 'downloading', null],
    ] as const) {
      const folder = newFolder();
      mkdirSync(join(folder, file, '..'), { recursive: true });
      renameSync(join(folder, 'model.safetensors'), join(folder, file));
      assertRefused(folder, fault, subject ?? basename(folder));
    }
    // Beside a model that can be read they are nothing.
    const whole = newFolder();
    for (const name of ['model.gguf', 'adapter_config.json']) writeFileSync(join(whole, name), '{}');
    assert.equal(recognised(whole).format, 'safetensors');
  });

  it('may have the list of CPM’s tokens beside or above the tokenizer: it is none, nor half of another one', () => {
    const folder = newFolder();
    rmSync(join(folder, 'tokenizer.model'));
    writeFileSync(join(folder, 'vocab.json'), JSON.stringify({ '<unk>': 0, '▂': 1 }));
    assert.throws(() => recognised(folder), { code: 'tokenizer-missing' });
    mkdirSync(join(folder, 'vocab'));
    writeFileSync(join(folder, 'vocab', 'chinese_vocab.model'), tokenizerBytes());
    recognised(folder);
    const half = newFolder();
    rmSync(join(half, 'tokenizer.model'));
    writeFileSync(join(half, 'vocab.json'), JSON.stringify({ Ġa: 0 }));
    assertRefused(half, 'missing-part', 'merges.txt');
  });

  it('may hold an n-gram table: one that is damaged or another model’s is refused, and what is none is left alone', () => {
    const folder = newFolder();
    const path = join(folder, 'ngrams.bin');
    const tableOf = (vocabSize: number): Buffer => {
      const bytes = Buffer.alloc(16 + 4 * 32 + 8);
      bytes.write('NGRM');
      [1, 1, vocabSize].forEach((value, i) => bytes.writeUInt32LE(value, 4 + 4 * i));
      return bytes;
    };
    const found = (): number | undefined => {
      const { checkpoint, ngrams } = recogniseOpen({ from: folder });
      checkpoint.close();
      return ngrams?.length;
    };
    writeFileSync(path, tableOf(tiny.vocabSize));
    assert.equal(found(), 152);
    writeFileSync(path, tableOf(tiny.vocabSize + 1));
    assertRefused(folder, 'mixed', 'ngrams.bin');
    writeFileSync(path, tableOf(tiny.vocabSize).subarray(0, 100));
    assertRefused(folder, 'incomplete', 'ngrams.bin');
    for (const other of ['', 'a table of somebody else']) {
      writeFileSync(path, other);
      assert.equal(found(), undefined);
    }
  });

  it('may hold weights by name only, beside others that are there', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'pytorch_model.bin'), lfsPointer);
    assert.equal(recognised(folder).format, 'safetensors');
    const bin = copyOf('bin');
    writeFileSync(join(bin, 'model.safetensors'), lfsPointer);
    assert.equal(recognised(bin).format, 'pytorch');
    writeFileSync(join(bin, 'pytorch_model.bin'), lfsPointer);
    assertRefused(bin, 'pointer', 'model.safetensors');
    // The index of parts that were left out.
    const indexed = copyOf('bin');
    cpSync(
      join(fixtures, 'safetensors-sharded', 'model.safetensors.index.json'),
      join(indexed, 'model.safetensors.index.json'),
    );
    assert.equal(recognised(indexed).format, 'pytorch');
    rmSync(join(indexed, 'pytorch_model.bin'));
    assertRefused(indexed, 'missing-part', 'model-00002-of-00002.safetensors');
    const parts = copyOf('bin-sharded');
    writeFileSync(join(parts, 'pytorch_model-00002-of-00002.bin'), lfsPointer);
    assertRefused(parts, 'pointer', 'pytorch_model-00002-of-00002.bin');
    rmSync(join(parts, 'pytorch_model.bin.index.json'));
    assertRefused(parts, 'missing-part', 'pytorch_model.bin.index.json');
    const tokenizer = newFolder();
    writeFileSync(join(tokenizer, 'tokenizer.model'), lfsPointer);
    assertRefused(tokenizer, 'pointer', 'tokenizer.model');
  });

  it('may lie beside another model’s tokenizer, which is not taken for theirs', () => {
    const downloads = temporary.join('downloads');
    const [fitting, other] = ['a', 'b'].map((name) => join(downloads, name)) as [string, string];
    for (const folder of [fitting, other]) {
      cpSync(newFolder(), folder, { recursive: true });
      rmSync(join(folder, 'tokenizer.model'));
    }
    writeFileSync(join(downloads, 'chinese_vocab.model'), tokenizerBytes());
    recognised(fitting);
    const sizes = { ...tiny, vocabSize: 8 };
    writeFileSync(join(other, 'config.json'), JSON.stringify(configOf(sizes)));
    writeFileSync(join(other, 'model.safetensors'), safetensorsBytes(randomTensors(sizes)));
    assert.throws(() => recognised(other), { code: 'tokenizer-missing' });
  });

  it('may lack a rank: it is named', () => {
    const rank = (number: number) => `mp_rank_0${number}_model_states.pt`;
    const ranks = copyOf('megatron-4-legacy');
    rmSync(join(ranks, '80000', rank(3)));
    assertRefused(ranks, 'missing-part', rank(3));
    rmSync(join(ranks, '80000', rank(1)));
    assertRefused(ranks, 'missing-part', rank(1));
    const other = copyOf('megatron-2');
    cpSync(join(fixtures, 'megatron-4-legacy', '80000', rank(1)), join(other, '80000', rank(1)));
    assertRefused(other, 'mixed', rank(1));
  });

  it('may have a config.json that says little, or begins with a byte order mark', () => {
    const folder = copyOf('bin');
    const write = (config: object, before = '') =>
      writeFileSync(join(folder, 'config.json'), before + JSON.stringify(config));
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as object;
    write(config, '\uFEFF');
    recognised(folder);
    write({ n_head: 4, n_positions: null, n_ctx: 208 });
    const { checkpoint } = recogniseOpen({ from: folder });
    checkpoint.close();
    const { numPositions, numLayers, hiddenSize, vocabSize } = checkpoint.config;
    assert.deepEqual([numPositions, numLayers, hiddenSize, vocabSize], [208, 2, 8, 32]);
    write({});
    assertRefused(folder, 'no-config', 'config.json');
    write({ ...config, model_type: 'qwen2' });
    assertRefused(folder, 'other-model', 'config.json: model_type qwen2');
    write({ ...config, n_layer: 1 });
    assertRefused(folder, 'mixed', 'config.json');
    writeFileSync(join(folder, 'config.json'), '{');
    assertRefused(folder, 'incomplete', 'config.json');
    // GPT-2's usual number of heads for CPM's small size.
    const small = temporary.checkpoint('small', randomTensors({ ...tiny, hiddenSize: 768, numLayers: 1 }));
    rmSync(join(small, 'config.json'));
    const { checkpoint: found } = recogniseOpen({ from: small });
    found.close();
    assert.equal(found.config.numHeads, 12);
  });

  it('may name their tensors behind any prefix, and have them where trainers put them', () => {
    const folder = newFolder();
    const renamed = new Map([...randomTensors(tiny)].map(([name, data]) => [`model.transformer.${name}`, data]));
    const head = renamed.get('model.transformer.wte.weight');
    assert.ok(head);
    renamed.set('model.lm_head.weight', head);
    writeFileSync(join(folder, 'model.safetensors'), safetensorsBytes(renamed));
    recognised(folder);
    rmSync(join(folder, 'model.safetensors'));
    const trained = dictPickle([['model_state_dict', nestedDictPickle([['other.weight', tensorPickle()]])]]);
    writeFileSync(join(folder, 'pytorch_model.bin'), torchArchive(trained));
    assertRefused(folder, 'other-model', 'wte.weight');
  });

  it('may hold weights in 64 bits', () => {
    const folder = newFolder();
    const values = [0.5, -3, 1e-3, 7];
    const parts = ['data', 'turned'].map((name) => {
      const strides = name === 'data' ? [2, 1] : [1, 2];
      return [name, tensorPickle({ storage: 'DoubleStorage', shape: [2, 2], strides })] as [string, Buffer];
    });
    const gaps = tensorPickle({ storage: 'DoubleStorage', shape: [2], strides: [2] });
    const bytes = Buffer.from(Float64Array.from(values).buffer);
    writeFileSync(
      join(folder, 'x.bin'),
      zipOf([
        { name: 'archive/data.pkl', data: dictPickle([...parts, ['gaps', gaps]]) },
        { name: 'archive/data/0', data: bytes },
      ]),
    );
    const file = TorchFile.open(join(folder, 'x.bin'));
    const read = (name: string) => [...file.stream(name).blocks()].flatMap((block) => [...block]);
    const [a, b, c, d] = values.map(Math.fround);
    assert.deepEqual(
      [read('data'), read('turned'), read('gaps')],
      [
        [a, b, c, d],
        [a, c, b, d],
        [a, c],
      ],
    );
    file.close();
  });

  it('may hold damage: each file is named', () => {
    const cut = newFolder();
    truncateSync(join(cut, 'model.safetensors'), 4000);
    assert.throws(() => recognised(cut), { fault: 'incomplete' });
    for (const content of ['', '<!DOCTYPE html>']) {
      const folder = newFolder();
      rmSync(join(folder, 'model.safetensors'));
      writeFileSync(join(folder, 'pytorch_model.bin'), content);
      assertRefused(folder, 'incomplete', 'pytorch_model.bin');
    }
    const calling = newFolder();
    rmSync(join(calling, 'model.safetensors'));
    const { global, tupleOf, text, reduce } = pickle;
    const call = Buffer.concat([global('os', 'system'), tupleOf(text('id')), reduce]);
    writeFileSync(join(calling, 'pytorch_model.bin'), torchArchive(dictPickle([['w', call]])));
    assertRefused(calling, 'not-only-tensors', 'pytorch_model.bin: os.system');
    const tokenizer = newFolder();
    writeFileSync(join(tokenizer, 'tokenizer.model'), 'no protobuf');
    assertRefused(tokenizer, 'tokenizer', 'tokenizer.model');
    writeFileSync(
      join(tokenizer, 'tokenizer.model'),
      tokenizerBytes(
        [],
        1,
        Array.from({ length: 200 }, (_, i) => `${i}`),
      ),
    );
    assertRefused(tokenizer, 'tokenizer', 'tokenizer.model');
    writeFileSync(join(tokenizer, 'model.safetensors'), headerBytes({}));
    assertRefused(tokenizer, 'other-model', 'wte.weight');
  });

  it('with files that are huge, or never end, are refused or read in part, soon', function () {
    if (process.platform === 'win32') skip(this, 'Windows makes no links and pipes for everyone');
    const huge = newFolder();
    truncateSync(join(huge, 'tokenizer.model'), 5e9);
    assertRefused(huge, 'incomplete', 'tokenizer.model');
    const card = newFolder();
    writeFileSync(join(card, 'README.md'), '---\nlicense: mit\n---\n');
    truncateSync(join(card, 'README.md'), 5e9);
    assert.equal(recognised(card).licence, 'mit');
    const pipe = (path: string) => assert.equal(spawnSync('mkfifo', [path]).status, 0);
    const bert = newFolder();
    renameSync(join(bert, 'tokenizer.model'), join(bert, 'vocab.txt'));
    pipe(join(bert, 'tokenizer_config.json'));
    assertRefused(bert, 'unreadable', 'tokenizer_config.json');
    const above = temporary.join('above');
    const inner = join(above, 'inner');
    cpSync(newFolder(), inner, { recursive: true });
    rmSync(join(inner, 'tokenizer.model'));
    pipe(join(above, 'chinese_vocab.model'));
    assertRefused(inner, 'unreadable', 'chinese_vocab.model');
    const linked = newFolder();
    rmSync(join(linked, 'model.safetensors'));
    symlinkSync(join(huge, 'model.safetensors'), join(linked, 'model.safetensors'));
    assertRefused(linked, 'link', 'model.safetensors');
  });
});
