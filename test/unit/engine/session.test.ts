/** The engine's session and caches on tiny random models, against float64. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { buildModel } from '../../../src/builder/buildModel';
import { defaultGhostSettings, ghostOptions } from '../../../src/context/ghost';
import { Graph } from '../../../src/engine/graph';
import { KvCache } from '../../../src/engine/kvCache';
import { openModel } from '../../../src/engine/modelFolder';
import { Session } from '../../../src/engine/session';
import { generate } from '../../../src/generation/generate';
import { encodePrompt } from '../../../src/generation/promptWindow';
import type { KvCacheType, Manifest, Quantization } from '../../../src/manifest';
import { resolveOptions, type GenerateOptions } from '../../../src/options';
import { referenceLogits } from '../builder/referenceGpt2';
import { configOf, randomTensors, TemporaryFolder, tokenizerBytes } from '../builder/tinyCheckpoint';

const sizes = { vocabSize: 101, numPositions: 300, hiddenSize: 64, numLayers: 2, numHeads: 2 };
const tensors = randomTensors(sizes);
const noSignal = new AbortController().signal;
/** Only CPM's tokenizer reads one. */
const noDictionary = '';
/** Longer than a chunk and than two capacities of the cache. */
const long = Array.from({ length: 150 }, (_, i) => (i * 37 + 11) % 101);

const relativeError = (found: Float32Array, exact: readonly number[]): number => {
  const square = (total: number, value: number) => total + value ** 2;
  return Math.sqrt(exact.map((value, i) => value - (found[i] as number)).reduce(square, 0) / exact.reduce(square, 0));
};
const exactAfter = (tokenIds: readonly number[]) => referenceLogits(tensors, sizes, tokenIds).at(-1) as number[];

/** A graph that counts what it is asked to compute. */
class CountingGraph {
  runs: string[] = [];
  constructor(graph: Graph) {
    const run = graph.run.bind(graph);
    graph.run = (cache, ids, past, first) => {
      this.runs.push(`${ids.length} after ${past}`);
      return run(cache, ids, past, first);
    };
    const runBranches = graph.runBranches.bind(graph);
    graph.runBranches = (cache, tokens, used, wanted) => {
      this.runs.push(`${tokens.length} side by side after ${used}`);
      return runBranches(cache, tokens, used, wanted);
    };
  }
}

describe('session', () => {
  const temporary = new TemporaryFolder();
  const models = new Map<string, Manifest>();
  before(async () => {
    const from = temporary.checkpoint('checkpoint', tensors, configOf(sizes));
    writeFileSync(
      join(from, 'tokenizer.model'),
      tokenizerBytes(undefined, 1, [...Array.from('春眠不觉晓处闻啼鸟'), '春眠']),
    );
    for (const [quantization, kvCache] of [
      ['none', 'float32'],
      ['none', 'int8'],
      ['none', 'int8-tiled'],
      ['int8', 'int8'],
      ['int8', 'int8-tiled'],
      ['int4', 'float32'],
    ] satisfies [Quantization, KvCacheType][]) {
      const name = `${quantization}-${kvCache}`;
      models.set(name, await buildModel({ from, to: temporary.join(name), quantization, kvCache }));
    }
  });
  after(() => temporary.remove());

  async function open(name: string): Promise<{ session: Session; counting: CountingGraph }> {
    const graph = await Graph.load(join(temporary.path, name, 'model.onnx'), { numThreads: 1, spinning: false });
    const counting = new CountingGraph(graph);
    return { session: new Session(graph, models.get(name) as Manifest), counting };
  }

  // Recorded: 3e-7, 0.006, 0.06 (the random weights make int8 worse than a real model's do).
  for (const [name, limit] of [
    ['none-float32', 1e-5],
    ['none-int8', 0.02],
    ['int8-int8', 0.12],
  ] as const)
    it(`${name}: a long prompt, then token by token, is within ${limit} of float64`, async () => {
      const { session } = await open(name);
      for (const length of [1, 2, 64, 65, 140, 141, 142, 150]) {
        const logits = await session.logitsAfter(long.slice(0, length), noSignal);
        assert.ok(logits);
        const error = relativeError(logits, exactAfter(long.slice(0, length)));
        assert.ok(error < limit, `${length} tokens: ${error}`);
      }
    });

  // What the optimiser would fuse is in the graph. It computes some of that otherwise, in the last bits: a text could differ.
  for (const name of ['none-float32', 'none-int8', 'none-int8-tiled', 'int8-int8', 'int4-float32'])
    it(`${name}: the runtime's optimiser changes no bit of what is computed`, async () => {
      const manifest = models.get(name) as Manifest;
      const file = join(temporary.path, name, 'model.onnx');
      const [plain, optimized] = await Promise.all(
        [true, false].map(async (isOptimized) => {
          const graph = await Graph.load(file, { numThreads: 1, spinning: false }, isOptimized);
          const session = new Session(graph, manifest);
          const logits: number[][] = [];
          for (const length of [1, 2, 64, 65, 140, 141])
            logits.push([...((await session.logitsAfter(long.slice(0, length), noSignal)) ?? [])]);
          return logits;
        }),
      );
      assert.equal(manifest.isOptimized, true);
      assert.deepEqual(plain, optimized);
    });

  it('int8 keys and values change the logits, but little', async () => {
    const logits = await Promise.all(
      ['none-float32', 'none-int8'].map(async (name) => {
        const { session } = await open(name);
        await session.logitsAfter(long.slice(0, 100), noSignal);
        return Array.from((await session.logitsAfter(long.slice(0, 101), noSignal)) ?? []);
      }),
    );
    const error = relativeError(Float32Array.from(logits[1] ?? []), logits[0] ?? []);
    assert.ok(error > 1e-6 && error < 0.02, `${error}`);
  });

  it('int8 keys in tiles change no bit', async () => {
    const [plain, tiled] = await Promise.all(
      ['int8-int8', 'int8-int8-tiled'].map(async (name) => {
        const { session } = await open(name);
        const logits: (readonly Float32Array[] | null)[] = [];
        // Capacities grow and shrink; a chunk begins and ends within a tile.
        for (const length of [1, 2, 40, 150, 30, 64, 65, 129, 10]) {
          const after = await session.logitsAfter(long.slice(0, length), noSignal);
          logits.push(after && [after]);
        }
        session.forgetTexts();
        const rows = [long.slice(0, 62), [...long.slice(0, 60), 7, 8, 9, 10], [...long.slice(0, 62), 5]];
        logits.push(await session.logitsAfterEach(rows, noSignal));
        return logits.map((some) => some?.map((each) => Array.from(each)));
      }),
    );
    assert.ok(plain?.every((some) => some?.every((row) => row.length === sizes.vocabSize)));
    assert.deepEqual(tiled, plain);
  });

  it('int8 keys in tiles reach to the end of a window that is no multiple of them', async () => {
    const { session } = await open('none-int8-tiled');
    const row = [...long, ...long].slice(0, sizes.numPositions);
    for (const length of [290, 299, 300]) {
      const logits = await session.logitsAfter(row.slice(0, length), noSignal);
      assert.ok(logits && relativeError(logits, exactAfter(row.slice(0, length))) < 0.02, `${length}`);
    }
  });

  it('asks for no logits but the last, and computes only what changed', async () => {
    const { session, counting } = await open('none-float32');
    await session.logitsAfter(long.slice(0, 130), noSignal);
    assert.deepEqual(counting.runs.splice(0), ['64 after 0', '64 after 64', '2 after 128']);
    await session.logitsAfter(long.slice(0, 130), noSignal);
    assert.deepEqual(counting.runs, []);
    await session.logitsAfter([...long.slice(0, 20), 7, 8, 9], noSignal);
    assert.deepEqual(counting.runs.splice(0), ['3 after 20']);
    await session.logitsAfter(long.slice(0, 10), noSignal); // its last token's logits were not kept
    assert.deepEqual(counting.runs.splice(0), ['1 after 9']);
    session.forgetTexts();
    await session.logitsAfter(long.slice(0, 10), noSignal);
    assert.deepEqual(counting.runs, ['10 after 0']);
  });

  describe('at the next key', () => {
    /** The whole way of a request: title, healing, window, loop; over a graph that counts. @returns the runs for `text` */
    async function writer(options: Partial<GenerateOptions>): Promise<(text: string) => Promise<string[]>> {
      const { session, counting } = await open('none-int8');
      const opened = await openModel(temporary.join('none-int8'), noDictionary);
      await opened.network.release();
      const model = { ...opened, network: session };
      return async (text) => {
        counting.runs = [];
        const prompt = encodePrompt({ title: '春眠', text, fromStart: false }, model);
        for await (const delta of generate(model, prompt, resolveOptions(options), noSignal)) assert.ok(delta);
        return counting.runs;
      };
    }

    it('ghost text has one more token computed, after all those that are known', async () => {
      const runsFor = await writer(ghostOptions({ ...defaultGhostSettings, maxTokens: 1 }));
      // Title, separator, seven characters, and the space with which SentencePiece begins title and text; 春 is taken
      // back, since 春眠 begins with it.
      assert.deepEqual(await runsFor('不觉晓处闻啼鸟春'), ['11 after 0']);
      assert.deepEqual(await runsFor('不觉晓处闻啼鸟春眠'), ['1 after 11']);
      assert.deepEqual(await runsFor('不觉晓处闻啼鸟春眠晓'), ['1 after 12']);
    });

    it('what is to be repeatable is computed as if nothing were known', async () => {
      const runsFor = await writer({ temperature: 0, maxNewTokens: 1 });
      assert.deepEqual(await runsFor('不觉晓处闻啼鸟春'), ['11 after 0']);
      assert.deepEqual(await runsFor('不觉晓处闻啼鸟春眠'), ['12 after 0']);
    });
  });

  it('keeps a pinned title when the text behind it hops', async () => {
    const { session, counting } = await open('none-int8');
    const title = long.slice(0, 12);
    await session.logitsAfter([...title, ...long.slice(20, 120)], noSignal);
    counting.runs = [];
    const hopped = [...title, ...long.slice(70, 120)];
    const logits = await session.logitsAfter(hopped, noSignal);
    assert.deepEqual(counting.runs, ['50 after 12']);
    assert.ok(logits && relativeError(logits, exactAfter(hopped)) < 0.02);
  });

  it('an abort between chunks keeps what was computed', async () => {
    const { session, counting } = await open('none-float32');
    const abort = new AbortController();
    const pending = session.logitsAfter(long, abort.signal);
    abort.abort();
    assert.equal(await pending, null);
    counting.runs = [];
    const logits = await session.logitsAfter(long, noSignal);
    assert.deepEqual(counting.runs, ['64 after 64', '22 after 128']);
    assert.ok(logits && relativeError(logits, exactAfter(long)) < 1e-5);
  });

  describe('an abort that comes as a message', () => {
    const row = Array.from({ length: 640 }, (_, i) => i % 101); // ten chunks
    const ways: Record<string, (session: Session, signal: AbortSignal) => Promise<unknown>> = {
      logitsAfter: (session, signal) => session.logitsAfter(row, signal),
      logitsAfterEach: (session, signal) => session.logitsAfterEach([row, [1, ...row]], signal),
      logProbabilityOf: (session, signal) => session.logProbabilityOf(row, 100, signal),
    };
    for (const [name, way] of Object.entries(ways))
      it(`${name} sees before the next chunk but one, though the graph itself never leaves the microtasks`, async () => {
        const graph = await Graph.load(join(temporary.path, 'none-int8', 'model.onnx'), {
          ...{ numThreads: 1, spinning: false },
        });
        const { port1, port2 } = new MessageChannel();
        const abort = new AbortController();
        port2.once('message', () => abort.abort());
        let chunks = 0;
        const compute = (): Promise<Float32Array> => {
          if (++chunks === 2) port1.postMessage('abort');
          return Promise.resolve(new Float32Array(101 * 64));
        };
        Object.assign(graph, { run: compute, runBranches: compute });
        try {
          assert.equal(await way(new Session(graph, models.get('none-int8') as Manifest), abort.signal), null);
        } finally {
          port1.close();
          await graph.release();
        }
        assert.ok(chunks <= 3, `${chunks} chunks`);
      });
  });

  it('measures every position in chunks, from any on', async () => {
    for (const from of [0, 70]) {
      const { session } = await open('none-float32');
      let position = from;
      for await (const logits of session.logitsFrom(long.slice(0, 80), from)) {
        assert.ok(relativeError(logits, exactAfter(long.slice(0, position + 1))) < 1e-5, `${position}`);
        position++;
      }
      assert.equal(position, 80);
    }
  });

  it('adds up how likely a text is after another, whatever is cached', async () => {
    const { session } = await open('none-float32');
    const text = long.slice(0, 130);
    const exact = referenceLogits(tensors, sizes, text);
    for (const from of [1, 60, 129, 100]) {
      let expected = 0;
      for (let i = from; i < text.length; i++) {
        const row = exact[i - 1] as number[];
        expected += (row[text[i] as number] as number) - Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
      }
      const found = await session.logProbabilityOf(text, from, noSignal);
      assert.ok(found !== null && Math.abs(found - expected) < 1e-3, `from ${from}: ${found}, not ${expected}`);
    }
    const next = await session.logitsAfter(long.slice(0, 131), noSignal);
    assert.ok(next && relativeError(next, exactAfter(long.slice(0, 131))) < 1e-5);
  });

  describe('several rows', () => {
    const prompt = long.slice(0, 70);
    const tails = [
      [1, 2, 3, 4],
      [1, 2, 9, 9],
      [8, 7, 6, 5],
    ];
    const rowsOf = (indices: readonly number[], length: number) =>
      indices.map((index) => [...prompt, ...(tails[index] as number[]).slice(0, length)]);

    for (const [name, limit] of [
      ['none-float32', 1e-5],
      ['none-int8', 0.02],
      ['int4-float32', 0.5],
    ] as const)
      it(`${name}: share the prompt, go apart, and leave one by one`, async () => {
        const { session, counting } = await open(name);
        const check = async (indices: readonly number[], length: number, ...runs: string[]) => {
          const rows = rowsOf(indices, length);
          const logits = await session.logitsAfterEach(rows, noSignal);
          assert.ok(logits);
          rows.forEach((row, i) => {
            const error = relativeError(logits[i] as Float32Array, exactAfter(row));
            assert.ok(error < limit, `row ${indices[i]}, length ${length}: ${error}`);
          });
          assert.deepEqual(counting.runs.splice(0), runs, `rows ${indices.join()}, length ${length}`);
        };
        await check([0, 1, 2], 0, '64 after 0', '6 after 64');
        await check([0, 1, 2], 1, '3 side by side after 70');
        await check([0, 1, 2], 2, '3 side by side after 73');
        await check([0, 2], 3, '2 side by side after 76');
        await check([2], 4, '1 side by side after 78');
      });

    it('are computed alike in another order, or when a row comes twice', async () => {
      const { session } = await open('none-float32');
      await session.logitsAfterEach(rowsOf([0, 1, 2], 3), noSignal);
      for (const indices of [
        [2, 1, 0],
        [1, 1, 2],
        [0, 0, 1],
      ]) {
        const logits = await session.logitsAfterEach(rowsOf(indices, 4), noSignal);
        rowsOf(indices, 4).forEach((row, i) =>
          assert.ok(relativeError(logits?.[i] as Float32Array, exactAfter(row)) < 1e-5, indices.join()),
        );
      }
    });

    it('share what is left of the prompt when their windows hop', async () => {
      const { session, counting } = await open('none-float32');
      await session.logitsAfterEach(rowsOf([0, 1, 2], 4), noSignal);
      counting.runs = [];
      const hopped = rowsOf([0, 1, 2], 4).map((row) => [...row.slice(0, 5), ...row.slice(40)]);
      const logits = await session.logitsAfterEach(hopped, noSignal);
      assert.deepEqual(counting.runs, ['30 after 5', '12 side by side after 35']);
      hopped.forEach((row, i) => assert.ok(relativeError(logits?.[i] as Float32Array, exactAfter(row)) < 1e-5));
    });

    it('are computed anew where a text that was weighed has taken their place', async () => {
      const { session } = await open('none-float32');
      await session.logitsAfterEach(rowsOf([0, 1, 2], 2), noSignal);
      await session.logProbabilityOf([...prompt, ...long.slice(0, 9)], prompt.length, noSignal);
      const logits = await session.logitsAfterEach(rowsOf([0, 1, 2], 3), noSignal);
      rowsOf([0, 1, 2], 3).forEach((row, i) =>
        assert.ok(relativeError(logits?.[i] as Float32Array, exactAfter(row)) < 1e-5, `row ${i}`),
      );
    });

    it('leave the single text as it was', async () => {
      const { session, counting } = await open('none-int8');
      await session.logitsAfter(prompt, noSignal);
      await session.logitsAfterEach(rowsOf([0, 1, 2], 2), noSignal);
      counting.runs = [];
      const next = [...prompt, 42];
      const logits = await session.logitsAfter(next, noSignal);
      assert.deepEqual(counting.runs, ['1 after 70']);
      assert.ok(logits && relativeError(logits, exactAfter(next)) < 0.02);
    });

    it('may be of different lengths, and many tokens apart', async () => {
      const { session, counting } = await open('none-float32');
      const rows = [prompt, [...prompt, 1, 2, 3], [...prompt.slice(0, 60), ...long.slice(90, 150)]];
      const logits = await session.logitsAfterEach(rows, noSignal);
      rows.forEach((row, i) => {
        const error = relativeError(logits?.[i] as Float32Array, exactAfter(row));
        assert.ok(error < 1e-5, `row ${i}: ${error}`);
      });
      assert.deepEqual(counting.runs, ['60 after 0', '64 side by side after 60', '19 side by side after 124']);
    });

    it('may need more room than one text can, and give it up afterwards', async () => {
      const { session } = await open('none-int8');
      const rows = [0, 1, 2, 3].map((first) => [first, ...long.slice(0, 149)]);
      const logits = await session.logitsAfterEach(rows, noSignal); // 600 tokens, in a window of 300
      rows.forEach((row, i) => assert.ok(relativeError(logits?.[i] as Float32Array, exactAfter(row)) < 0.02));
      const alone = await session.logitsAfter(long.slice(0, 20), noSignal);
      assert.ok(alone && relativeError(alone, exactAfter(long.slice(0, 20))) < 0.02);
    });

    it('can be aborted between chunks, and asked for again', async () => {
      const { session } = await open('none-float32');
      const rows = [0, 1, 2].map((first) => [5, first, ...long.slice(0, 60)]);
      const abort = new AbortController();
      const pending = session.logitsAfterEach(rows, abort.signal);
      abort.abort();
      assert.equal(await pending, null);
      const logits = await session.logitsAfterEach(rows, noSignal);
      rows.forEach((row, i) => assert.ok(relativeError(logits?.[i] as Float32Array, exactAfter(row)) < 1e-5));
    });
  });

  it('a cache grows in buckets up to the window, beyond it for several texts, and shrinks', () => {
    const manifest = models.get('none-int8') as Manifest;
    const cache = new KvCache(manifest);
    const capacities = [1, 64, 65, 200, 257, 300, 301, 2000, 500, 65].map((length) => {
      cache.reserve(length, 0);
      return cache.feeds['past_key_values.0.value']?.dims[2];
    });
    assert.deepEqual(capacities, [64, 64, 128, 256, 300, 300, 512, 2048, 512, 128]);
  });
});
