import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PbfReader } from 'pbf';
import { buildModel } from '../../../src/builder/buildModel';
import { int4Weights } from '../../../src/builder/int4Weights';
import { int8Weights } from '../../../src/builder/int8Weights';
import { OnnxGraph } from '../../../src/builder/onnx/graph';
import { readModel } from '../../../src/builder/onnx/readModel';
import { writeModel } from '../../../src/builder/onnx/writeModel';
import { EngineError } from '../../../src/errors';
import { parseManifest, type KvCacheType, type Quantization } from '../../../src/manifest';
import {
  configOf,
  randomTensors,
  safetensorsBytes,
  TemporaryFolder,
  tiny,
  tokenizerBytes,
  type TensorData,
} from './tinyCheckpoint';

const modelFiles = ['model.onnx', 'model.onnx.data', 'moxu.json', 'tokenizer.model'];

describe('buildModel', () => {
  let temporary: TemporaryFolder;
  beforeEach(() => {
    temporary = new TemporaryFolder();
  });
  afterEach(() => temporary.remove());

  const build = (from: string, to = temporary.join('model'), signal?: AbortSignal) =>
    buildModel({ from, to, quantization: 'none', ...(signal && { signal }) });

  async function assertRefused(change: (tensors: Map<string, TensorData>) => void, message: RegExp): Promise<void> {
    const tensors = randomTensors(tiny);
    change(tensors);
    rmSync(temporary.join('broken'), { recursive: true, force: true });
    await assert.rejects(
      build(temporary.checkpoint('broken', tensors)),
      (error) => error instanceof EngineError && error.code === 'checkpoint-invalid' && message.test(error.message),
    );
    assert.deepEqual(readdirSync(temporary.path), ['broken'], 'something was left behind');
  }

  describe('manifest', () => {
    it('describes the model and every file', async () => {
      const from = temporary.checkpoint('checkpoint', undefined, { ...configOf(tiny), trained_context: 24 });
      writeFileSync(join(from, 'README.md'), '---\nlicense: mit\n---\n');
      const to = temporary.join('models', 'new');
      const manifest = await buildModel({ from, to, quantization: 'int8', name: '小模型' });
      assert.deepEqual(readdirSync(to).sort(), modelFiles);
      assert.deepEqual(parseManifest(readFileSync(join(to, 'moxu.json'), 'utf8')), manifest);
      const { files, ...rest } = manifest;
      const numParameters = [...randomTensors(tiny).values()].reduce((sum, { values }) => sum + values.length, 0);
      assert.deepEqual(rest, {
        ...{ format: 4, name: '小模型', architecture: 'gpt2', quantization: 'int8', licence: 'mit', numParameters },
        ...{ kvCache: 'float32', isOptimized: true, family: 'gpt2-sentencepiece', sampling: null },
        ...{ numLayers: 2, numHeads: 2, headSize: 36, hiddenSize: 72, vocabSize: 101, contextLength: 24 },
        tokenizer: { kind: 'sentencepiece-unigram', file: 'tokenizer.model' },
        specialTokens: {
          ...{ unknown: 0, start: null, endOfText: [5, 2], separator: 4 },
          banned: [1, 3, 4, ...Array.from({ length: 101 - 15 }, (_, i) => 15 + i)],
        },
        promptLayout: 'title-separator-text',
      });
      for (const [file, { bytes, sha256 }] of Object.entries(files)) {
        const content = readFileSync(join(to, file));
        assert.equal(content.length, bytes);
        assert.equal(createHash('sha256').update(content).digest('hex'), sha256);
      }
    });

    it('of the earlier format is refused with what to do', async () => {
      const manifest = await build(temporary.checkpoint('checkpoint'));
      const { kvCache: _, ...earlier } = { ...manifest, format: 2 };
      assert.throws(
        () => parseManifest(JSON.stringify(earlier)),
        /format 2 is not supported \(this version reads 4\); build the model again/,
      );
      assert.throws(() => parseManifest(JSON.stringify({ ...manifest, kvCache: 'int2' })), /unknown kvCache "int2"/);
      assert.throws(() => parseManifest(JSON.stringify({ ...manifest, isOptimized: 1 })), /isOptimized must be/);
      const { isOptimized, ...older } = manifest;
      assert.deepEqual([isOptimized, parseManifest(JSON.stringify(older)).isOptimized], [true, undefined]);
    });

    it('of format 3 means what it always meant', async () => {
      const manifest = await build(temporary.checkpoint('checkpoint'));
      const { family: _, sampling: _sampling, specialTokens, ...rest } = manifest;
      const { start: _start, ...special } = specialTokens;
      const third = { ...rest, format: 3, specialTokens: special };
      assert.deepEqual(parseManifest(JSON.stringify(third)), manifest);
    });

    it('names no file outside its folder', async () => {
      const manifest = await build(temporary.checkpoint('checkpoint'));
      for (const name of ['../other', '..', 'a/b', 'a\\b'])
        assert.throws(
          () => parseManifest(JSON.stringify({ ...manifest, files: { ...manifest.files, [name]: {} } })),
          /is not the name of a file in the folder/,
        );
    });

    it('says int8 for the cache where that is large, in tiles where it is larger, but not where the weights are exact', async () => {
      const sizes = { vocabSize: 20, numPositions: 4096, hiddenSize: 256, numLayers: 2, numHeads: 2 };
      const from = temporary.checkpoint('wide', randomTensors(sizes), configOf(sizes));
      const cacheOf = async (from: string, quantization: Quantization, kvCache?: KvCacheType) =>
        (await buildModel({ from, to: temporary.join('model'), quantization, ...(kvCache && { kvCache }) })).kvCache;
      assert.equal(await cacheOf(from, 'int8'), 'int8-tiled');
      assert.equal(await cacheOf(from, 'int4'), 'int8-tiled');
      assert.equal(await cacheOf(from, 'none'), 'float32');
      assert.equal(await cacheOf(from, 'none', 'int8'), 'int8');
      const middle = temporary.checkpoint('middle', randomTensors(sizes), {
        ...configOf(sizes),
        trained_context: 2048,
      });
      assert.equal(await cacheOf(middle, 'int8'), 'int8');
      const short = temporary.checkpoint('short', randomTensors(sizes), { ...configOf(sizes), trained_context: 512 });
      assert.equal(await cacheOf(short, 'int8'), 'float32');
    });

    it("takes the folder's name and an unknown licence where nothing is said", async () => {
      const { name, licence } = await build(temporary.checkpoint('my-model'));
      assert.deepEqual([name, licence], ['my-model', 'unknown']);
    });
  });

  it('builds the same bytes from the same checkpoint', async () => {
    const from = temporary.checkpoint('checkpoint');
    assert.deepEqual((await build(from, temporary.join('a'))).files, (await build(from, temporary.join('b'))).files);
  });

  it('stores large tensors at page boundaries, so that they can be mapped', async () => {
    await build(temporary.checkpoint('checkpoint'));
    const offsets: number[] = [];
    // ModelProto.graph 7, GraphProto.initializer 5, TensorProto.external_data 13 { key 1, value 2 }
    new PbfReader(readFileSync(temporary.join('model', 'model.onnx'))).readFields((tag, _, pbf) => {
      if (tag !== 7) return;
      pbf.readMessage((field) => {
        if (field !== 5) return;
        pbf.readMessage((entryField) => {
          if (entryField !== 13) return;
          const entry = pbf.readMessage<string[]>((_tag, texts) => void texts.push(pbf.readString()), []);
          if (entry[0] === 'offset') offsets.push(Number(entry[1]));
        }, null);
      }, null);
    }, null);
    assert.ok(offsets.length >= 7, `${offsets.length} external tensors`);
    assert.deepEqual(
      offsets.filter((offset) => offset % 4096 !== 0),
      [],
    );
    assert.ok(statSync(temporary.join('model', 'model.onnx')).size < 100_000);
  });

  it('stores the token table once, for the first layer and for the head', async () => {
    const sizes = { ...tiny, vocabSize: 1009 }; // a length that nothing else has
    const from = temporary.checkpoint('checkpoint', randomTensors(sizes), configOf(sizes));
    for (const quantization of ['none', 'int8', 'int4'] as const) {
      const to = temporary.join(quantization);
      await buildModel({ from, to, quantization });
      const { initializers, nodes } = readModel(readFileSync(join(to, 'model.onnx')));
      const large = initializers.filter(({ shape }) => shape.includes(sizes.vocabSize));
      const names = large.map(({ name }) => name).filter((name) => !name.endsWith('.scales'));
      assert.deepEqual(names, ['wte.weight'], quantization);
      assert.equal(nodes.filter(({ inputs }) => inputs.includes('wte.weight')).length, 2, quantization);
    }
  });

  describe('checkpoints', () => {
    it('may have a prefix, masks, and the token table repeated as the head', async () => {
      const plain = randomTensors(tiny);
      const from = temporary.checkpoint('plain', plain);
      const prefixed = new Map([...plain].map(([name, tensor]) => [`transformer.${name}`, tensor]));
      prefixed.set('transformer.h.0.attn.bias', { shape: [1, 1, 4, 4], values: new Float32Array(16) });
      prefixed.set('transformer.h.0.attn.masked_bias', { shape: [], values: Float32Array.of(-1e4) });
      const wte = plain.get('wte.weight');
      assert.ok(wte);
      prefixed.set('lm_head.weight', wte);
      const { files } = await build(from, temporary.join('a'));
      assert.deepEqual((await build(temporary.checkpoint('prefixed', prefixed), temporary.join('b'))).files, files);
    });

    it('are refused with the name and shapes of a tensor that is missing or wrong', async () => {
      await assertRefused(
        (t) => t.delete('h.1.mlp.c_fc.weight'),
        /^tensor h\.1\.mlp\.c_fc\.weight is missing; expected \[72, 288\]$/,
      );
      await assertRefused((t) => t.delete('wte.weight'), /^tensor wte\.weight is missing; expected \[101, 72\]$/);
      await assertRefused(
        // Transposed, as a Linear would store it
        (t) => t.set('h.0.attn.c_attn.weight', { shape: [216, 72], values: new Float32Array(216 * 72) }),
        /^tensor h\.0\.attn\.c_attn\.weight: expected shape \[72, 216\], found \[216, 72\]$/,
      );
      await assertRefused(
        (t) => t.set('h.2.ln_1.weight', { shape: [72], values: new Float32Array(72) }),
        /n_layer 2, but the checkpoint has a layer 2 too/,
      );
    });

    it('are refused with the tensor, value and place of a weight that is not a number', async () => {
      for (const [value, text] of [
        [NaN, 'NaN'],
        [-Infinity, '-Infinity'],
      ] as const)
        await assertRefused(
          (t) => t.get('h.1.ln_2.bias')?.values.fill(value, 7, 8),
          new RegExp(
            `^tensor h\\.1\\.ln_2\\.bias in model\\.safetensors has the value ${text} at index 7: the training failed`,
          ),
        );
    });

    it('are refused when the head is not there, or of another shape', async () => {
      const config = { ...configOf(tiny), tie_word_embeddings: false };
      const headless = temporary.checkpoint('headless', randomTensors(tiny), config);
      await assert.rejects(build(headless, temporary.join('c')), {
        ...{ code: 'checkpoint-invalid', fault: 'missing-part', subject: 'lm_head.weight' },
      });
      rmSync(headless, { recursive: true });
      const values = new Float32Array(72);
      await assertRefused(
        (t) => t.set('lm_head.weight', { shape: [72], values }),
        /^tensor lm_head\.weight: expected shape \[101, 72\], found \[72\]$/,
      );
    });

    it('are refused when a file is absent or not what its name says', async () => {
      for (const file of ['config.json', 'model.safetensors', 'tokenizer.model']) {
        const from = temporary.checkpoint(`without-${file}`);
        rmSync(join(from, file));
        await assert.rejects(
          build(from),
          new RegExp(`(without-${file} (has|holds) no|no file says) .*(${file}|tokenizer;)`),
        );
      }
      const from = temporary.checkpoint('bpe');
      writeFileSync(join(from, 'tokenizer.model'), tokenizerBytes(undefined, 2));
      await assert.rejects(build(from), /tokenizer\.model: .*type 2 is not supported/);
      await assert.rejects(
        build(temporary.checkpoint('cut', safetensorsBytes(randomTensors(tiny)).subarray(0, 20000))),
        /truncated/,
      );
      assert.ok(!existsSync(temporary.join('model')));
    });
  });

  describe('target', () => {
    const contents = (folder: string): Record<string, string> =>
      Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]));

    it('is replaced only by a complete model, and keeps what a person added', async () => {
      const to = temporary.join('model');
      await build(temporary.checkpoint('old'));
      writeFileSync(join(to, 'README.md'), 'card');
      const before = contents(to);

      const broken = randomTensors(tiny, 2);
      broken.get('ln_f.bias')?.values.fill(NaN); // the last tensor: all the others are written by then
      await assert.rejects(build(temporary.checkpoint('broken', broken)), /ln_f\.bias/);
      assert.deepEqual(contents(to), before);

      await build(temporary.checkpoint('new', randomTensors(tiny, 2)));
      assert.deepEqual(readdirSync(to).sort(), ['README.md', ...modelFiles]);
      assert.equal(readFileSync(join(to, 'README.md'), 'utf8'), 'card');
      assert.notEqual(contents(to)['model.onnx.data'], before['model.onnx.data']);
      assert.deepEqual(readdirSync(temporary.path).sort(), ['broken', 'model', 'new', 'old']);
    });

    it('has no manifest, in any folder, before everything else is complete', async () => {
      const seen: string[][] = [];
      const from = temporary.checkpoint('checkpoint');
      const onProgress = (): void => {
        const names = readdirSync(temporary.path, { recursive: true }).map(String);
        seen.push(names.filter((name) => name.endsWith('moxu.json')));
      };
      await buildModel({ from, to: temporary.join('model'), quantization: 'int8', onProgress });
      assert.ok(seen.length > 20);
      assert.deepEqual(seen.flat(), []);
    });

    it('is untouched when the build is stopped', async () => {
      const stop = new AbortController();
      const from = temporary.checkpoint('checkpoint');
      let blocks = 0;
      const onProgress = (): void => {
        if (++blocks === 5) stop.abort();
      };
      const to = temporary.join('model');
      await assert.rejects(buildModel({ from, to, quantization: 'none', onProgress, signal: stop.signal }), /abort/i);
      assert.deepEqual(readdirSync(temporary.path), ['checkpoint']);
    });

    it('lets a stop arrive while a tensor is read to be rounded', async () => {
      for (const format of [int8Weights, int4Weights]) {
        const stop = new AbortController();
        let numRead = 0;
        const weight = {
          ...{ name: 'w', shape: [500, 64] },
          *blocks() {
            for (let row = 0; row < 500; row++) {
              if (++numRead === 3) stop.abort();
              yield new Float32Array(64).fill(1);
            }
          },
        };
        const graph = new OnnxGraph();
        const bias = { name: 'b', shape: [64], blocks: () => [new Float32Array(64)] };
        format.linear(graph, 'y', graph.input('x', 'float32', [1, 500]), { weight, bias });
        await assert.rejects(writeModel(graph, temporary.path, { signal: stop.signal }), /abort/i);
        assert.equal(numRead, 3);
      }
    });

    it('is cleared of what killed builds left a day ago, and of nothing else', async () => {
      const from = temporary.checkpoint('checkpoint');
      const id = '0b6a9f6e-0000-4000-8000-000000000001';
      const names = ['model', 'other'].map((name) => `.${name}.building-${id}`);
      const old = [...names, `.model.building-${id}.replaced`, '.model.building-notes'];
      const yesterday = Date.now() / 1000 - 25 * 3600;
      for (const name of old) {
        mkdirSync(temporary.join(name));
        utimesSync(temporary.join(name), yesterday, yesterday);
      }
      const recent = '.model.building-0b6a9f6e-0000-4000-8000-000000000002';
      mkdirSync(temporary.join(recent));
      const hidden = () => readdirSync(temporary.path).filter((name) => name.startsWith('.'));
      await build(from);
      assert.deepEqual(hidden(), ['.model.building-notes', names[1], recent].sort());
    });

    it('may be an empty folder, but not one with something else in it', async () => {
      const from = temporary.checkpoint('checkpoint');
      mkdirSync(temporary.join('empty'));
      await build(from, temporary.join('empty'));
      assert.deepEqual(readdirSync(temporary.join('empty')).sort(), modelFiles);
      mkdirSync(temporary.join('essays'));
      writeFileSync(temporary.join('essays', 'spring.md'), '春天');
      await assert.rejects(build(from, temporary.join('essays')), /essays exists and is not a model folder/);
      await assert.rejects(build(from, temporary.join('essays', 'spring.md')), /spring\.md is a file; name a folder/);
      // Nobody is told to empty the folder that the checkpoint is in.
      await assert.rejects(build(from, `${from}/`), /is the checkpoint’s own folder; name another one to write$/);
      assert.deepEqual(readdirSync(temporary.join('essays')), ['spring.md']);
    });
  });
});
