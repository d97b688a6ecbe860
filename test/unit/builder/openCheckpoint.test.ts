/** Folders that hold what they should not: each is refused in words that name the file. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gpt2Tensors } from '../../../src/builder/checkpoint';
import { openCheckpoint } from '../../../src/builder/openCheckpoint';
import { MegatronSource } from '../../../src/builder/megatron';
import { sameInEach } from '../../../src/builder/replicas';
import { numValues } from '../../../src/builder/tensorStream';
import { EngineError } from '../../../src/errors';
import { skip } from '../../host/skip';
import { headerBytes, randomTensors, TemporaryFolder, tiny } from './tinyCheckpoint';
import { dictPickle, tensorPickle, torchArchive } from './torchArchive';

const fixtures = join('test', 'fixtures', 'checkpoints');

describe('checkpoint folders', () => {
  const temporary = new TemporaryFolder();
  let number = 0;
  after(() => temporary.remove());

  function copyOf(name: string): string {
    const folder = temporary.join(`${name}-${number++}`);
    cpSync(join(fixtures, name), folder, { recursive: true });
    return folder;
  }

  /** Opens it and reads every value. */
  function readAll(folder: string): void {
    const checkpoint = openCheckpoint(folder);
    try {
      gpt2Tensors(checkpoint, checkpoint.config);
      for (const [name, { dtype, shape }] of checkpoint.tensors) {
        if (!['F32', 'F16', 'BF16'].includes(dtype)) continue;
        let read = 0;
        for (const block of checkpoint.stream(name).blocks()) read += block.length;
        assert.equal(read, numValues(shape));
      }
    } finally {
      checkpoint.close();
    }
  }

  function assertRefused(folder: string, message: RegExp): void {
    assert.throws(
      () => readAll(folder),
      (error) => {
        assert.ok(error instanceof EngineError && error.code === 'checkpoint-invalid', String(error));
        assert.match(error.message, message);
        return true;
      },
    );
  }

  it('say what they lack', () => {
    const empty = temporary.join('empty');
    mkdirSync(empty);
    assertRefused(empty, /holds no checkpoint.*model\.safetensors, pytorch_model\.bin, mp_rank_00.*choose the folder/);
    assertRefused(temporary.join('absent'), /is not a folder that can be read/);
    const bin = copyOf('bin');
    rmSync(join(bin, 'config.json'));
    assertRefused(bin, /hidden size of 8, .*number of attention heads: put a config\.json/);
    const sharded = copyOf('bin-sharded');
    rmSync(join(sharded, 'pytorch_model.bin.index.json'));
    assertRefused(sharded, /holds pytorch_model-00001-of-00002\.bin, but not the index/);
  });

  it('with sizes that are not those of the tensors are refused', () => {
    for (const [change, message] of [
      [{ vocab_size: 33 }, /wte\.weight: expected shape \[33, 8\], found \[32, 8\]/],
      [{ n_layer: 3 }, /h\.2\.ln_1\.weight is missing/],
      [{ n_layer: 2 ** 50 }, /h\.2\.ln_1\.weight is missing/],
      [{ n_layer: 1 }, /has a layer 1 too/],
      [{ n_embd: -8 }, /n_embd must be a positive integer/],
    ] as const) {
      const folder = copyOf('bin');
      const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as object;
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, ...change }));
      assertRefused(folder, message);
    }
  });

  it('are not followed out of, neither by an index nor by a link', function () {
    if (process.platform === 'win32') skip(this, 'Windows makes no links and pipes for everyone');
    const outside = temporary.join('outside.bin');
    cpSync(join(fixtures, 'bin', 'pytorch_model.bin'), outside);
    for (const file of ['../outside.bin', outside, '..', 'a/../../outside.bin', 'a\\b', '']) {
      const folder = copyOf('bin-sharded');
      writeFileSync(join(folder, 'pytorch_model.bin.index.json'), JSON.stringify({ weight_map: { w: file } }));
      assertRefused(folder, /index\.json names a file that cannot be used: .*is not the name of a file/);
    }
    const linked = copyOf('bin');
    rmSync(join(linked, 'pytorch_model.bin'));
    symlinkSync(outside, join(linked, 'pytorch_model.bin'));
    assertRefused(linked, /pytorch_model\.bin is a link that leads out of .*; copy the file itself/);
    const folder = copyOf('bin');
    rmSync(join(folder, 'pytorch_model.bin'));
    mkdirSync(join(folder, 'pytorch_model.bin'));
    assertRefused(folder, /pytorch_model\.bin in .* is not a file/);
    const pipe = copyOf('bin');
    rmSync(join(pipe, 'pytorch_model.bin'));
    assert.equal(spawnSync('mkfifo', [join(pipe, 'pytorch_model.bin')]).status, 0);
    assertRefused(pipe, /is not a file/);
  });

  it('of the Hugging Face cache are read, whose files are links into its own folder', function () {
    if (process.platform === 'win32') skip(this, 'Windows makes no links for everyone');
    const model = temporary.join('models--someone--something');
    mkdirSync(join(model, 'snapshots', 'abc'), { recursive: true });
    mkdirSync(join(model, 'blobs'));
    for (const file of ['config.json', 'pytorch_model.bin']) {
      cpSync(join(fixtures, 'bin', file), join(model, 'blobs', file));
      symlinkSync(join('..', '..', 'blobs', file), join(model, 'snapshots', 'abc', file));
    }
    readAll(join(model, 'snapshots', 'abc'));
    // Copied without what they lead to.
    const copy = temporary.join('copied');
    cpSync(join(model, 'snapshots', 'abc'), copy, { recursive: true, verbatimSymlinks: true });
    assert.throws(() => openCheckpoint(copy), { fault: 'link', subject: 'pytorch_model.bin' });
  });

  it('with an index that is wrong are refused', () => {
    const withIndex = (index: string): string => {
      const folder = copyOf('bin-sharded');
      writeFileSync(join(folder, 'pytorch_model.bin.index.json'), index);
      return folder;
    };
    const first = 'pytorch_model-00001-of-00002.bin';
    const index = readFileSync(join(fixtures, 'bin-sharded', 'pytorch_model.bin.index.json'), 'utf8');
    assertRefused(withIndex('{'), /index\.json is not valid JSON/);
    assertRefused(withIndex('[]'), /index\.json is not a JSON object/);
    assertRefused(withIndex('{}'), /has no weight_map/);
    assertRefused(withIndex('[' .repeat(100)), /nested more than 64 deep/); // prettier-ignore
    assertRefused(withIndex(' '.repeat((8 << 20) + 1)), /has 8388609 bytes; at most 8388608 are read/);
    assertRefused(withIndex('{"weight_map": {"w": 3}}'), /names no file for tensor w/);
    assertRefused(withIndex(`{"weight_map": {"w": "${first}", "\\u0077": "${first}"}}`), /says "w" twice/);
    assertRefused(withIndex(`{"weight_map": {"w": "${first}"}}`), new RegExp(`says that ${first} holds tensor w`));
    assertRefused(withIndex(index.replaceAll('00002-of', '00003-of')), /cannot be used: .* has no pytorch_model-00003/);
    assertRefused(withIndex('{"weight_map": {}}'), /tensor wte\.weight is missing/);
  });

  it('in more parts than the system lets anyone have open are refused', () => {
    const folder = temporary.join('many');
    mkdirSync(folder);
    const weightMap: Record<string, string> = {};
    for (let i = 0; i < 513; i++) {
      writeFileSync(
        join(folder, `${i}`),
        headerBytes({ [`w${i}`]: { dtype: 'F32', shape: [0], data_offsets: [0, 0] } }),
      );
      weightMap[`w${i}`] = `${i}`;
    }
    writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }));
    assertRefused(folder, /index\.json names more than 512 files/);
  });

  it('with a safetensors header that names a tensor twice or is too deep are refused', () => {
    const folder = temporary.checkpoint('twice', headerBytes({}));
    const write = (json: string) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(json.length));
      writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([length, Buffer.from(json)]));
    };
    const entry = '{"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}';
    write(`{"w": ${entry}, "w": ${entry}}`);
    assertRefused(folder, /model\.safetensors has a header that says "w" twice/);
    write(`{"w": ${'['.repeat(10_000)}`);
    assertRefused(folder, /nested more than 64 deep/);
  });

  it('with weights that are not numbers are refused', () => {
    for (const value of [NaN, Infinity]) {
      const tensors = randomTensors(tiny);
      (tensors.get('h.1.mlp.c_fc.weight')?.values ?? [])[777] = value;
      const folder = temporary.checkpoint(`value-${value}`, tensors);
      const checkpoint = openCheckpoint(folder);
      const [, layer] = gpt2Tensors(checkpoint, checkpoint.config).layers;
      assert.throws(
        () => [...(layer?.mlpIn.weight.blocks() ?? [])],
        new RegExp(
          `tensor h\\.1\\.mlp\\.c_fc\\.weight in model\\.safetensors has .*${value} at index 777.*copy or download`,
        ),
      );
      checkpoint.close();
    }
  });

  describe('of Megatron', () => {
    it('may name its tensors behind a prefix, as wrapped models save them', () => {
      const folder = temporary.join('prefixed');
      mkdirSync(folder);
      const square = tensorPickle({ shape: [2, 2], strides: [2, 1] });
      const names = ['word_embeddings', 'position_embeddings', 'transformer.layers.0.attention.dense'];
      const data = dictPickle(names.map((name) => [`module.${name}.weight`, square]));
      writeFileSync(join(folder, 'mp_rank_00_model_states.pt'), torchArchive(data));
      const source = MegatronSource.open(folder, ['mp_rank_00_model_states.pt']);
      const values = (name: string) => [...source.stream(name).blocks()].flatMap((block) => [...block]);
      assert.deepEqual(values('wte.weight'), [1, 2, 3, 4]);
      assert.deepEqual(values('h.0.attn.c_proj.weight'), [1, 3, 2, 4]);
      source.close();
    });

    const rank = (folder: string, number: number): string =>
      join(folder, '80000', `mp_rank_0${number}_model_states.pt`);

    it('are refused when a rank is missing, or one too many', () => {
      const missing = copyOf('megatron-4-legacy');
      rmSync(rank(missing, 1));
      assertRefused(missing, /has mp_rank_02_model_states\.pt, but not mp_rank_01_model_states\.pt; copy it too/);
      const last = copyOf('megatron-4-legacy');
      rmSync(rank(last, 3));
      assertRefused(last, /is a part of 4 of the model, but there are 3 files/);
      const single = copyOf('megatron-2');
      rmSync(rank(single, 1));
      assertRefused(single, /is a part of 2 of the model, but there is 1 file/);
      const more = copyOf('megatron-2');
      cpSync(rank(more, 1), rank(more, 2));
      assertRefused(more, /is a part of 2 of the model, but there are 3 files/);
    });

    it('are refused when the ranks are not of one checkpoint', () => {
      const mixed = copyOf('megatron-2');
      cpSync(rank(join(fixtures, 'megatron-4-legacy'), 1), rank(mixed, 1));
      assertRefused(
        mixed,
        /mp_rank_01.* has F16 \[8, 8\] for word_embeddings.weight, mp_rank_00.* has F16 \[16, 8\].*same folder/,
      );
    });

    it('are refused when what the ranks share differs, but not when it drifted apart', () => {
      const stream = (...values: number[]) => ({
        name: 'w',
        shape: [values.length],
        blocks: () => [Float32Array.from(values)],
      });
      const read = (...values: number[]) =>
        [...sameInEach('w', [stream(1, -2, 3), stream(...values)], ['a', 'b']).blocks()].map((block) => [...block]);
      assert.deepEqual(read(1.01, -2.02, 2.9), [[1, -2, 3]]);
      for (const values of [
        [3, 1, -2],
        [1, -2],
        [1, -2, NaN],
      ])
        assert.throws(() => read(...values), /b and a differ in w, which they should share: .*same folder/);
    });

    it('ask for the number of heads when nothing says it', () => {
      const folder = copyOf('megatron-2');
      rmSync(join(folder, 'config.json'));
      assertRefused(folder, /hidden size of 8, .*number of attention heads: put a config\.json .*"n_head": 32/);
    });

    it('are found in the folder of the step, and in the folder itself', () => {
      const folder = copyOf('megatron-2');
      assert.equal(openCheckpoint(folder).folder, join(folder, '80000'));
      renameSync(join(folder, 'config.json'), join(folder, '80000', 'config.json'));
      assert.equal(openCheckpoint(join(folder, '80000')).config.numHeads, 4);
      renameSync(join(folder, '80000'), temporary.join('outside'));
      for (const step of ['../outside', temporary.join('outside')]) {
        writeFileSync(join(folder, 'latest_checkpointed_iteration.txt'), step);
        assertRefused(folder, /holds no checkpoint/);
      }
    });
  });
});
