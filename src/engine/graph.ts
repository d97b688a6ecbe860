/** The graph of a model folder in ONNX Runtime: tokens and a cache → logits, and the cache grown by the tokens. */
import { dirname, join } from 'node:path';
import { InferenceSession, Tensor } from './onnxRuntime';
import { EngineError } from '../errors';
import { dataFile } from '../manifest';
import type { Threads } from '../protocol';
import type { Gpu } from './deviceAdvice';
import { sessionOptionsFor } from './devices';
import type { KvCache } from './kvCache';
import { WeightsInUse } from './weightsInUse';

/** Added to the score of what a token does not see; finite, so that no NaN can arise from it. */
const masked = -3.4e38;

/** A token of one of several texts that go on from the same rows of a cache. */
export interface BranchToken {
  id: number;
  position: number;
  /** It sees the first so many rows of the cache, */
  base: number;
  /** and these: rows of the cache, or, counted on from its last, tokens of this run up to the token itself. */
  rows: readonly number[];
}

/** Tensors of a step by one token, made once and filled again: making them takes as long as a tiny model's layer. */
interface StepFeeds {
  inputId: BigInt64Array; // [1, 1]
  position: BigInt64Array; // [1, 1]
  mask: Float32Array; // [1, capacity + 1]
  tensors: Record<string, Tensor>;
}

export class Graph {
  private stepFeeds: StepFeeds | null = null;

  private constructor(
    private readonly session: InferenceSession,
    private readonly weights: WeightsInUse,
  ) {}

  /**
   * On the CPU.
   * @param isOptimized whether the runtime's optimiser, which takes a tenth of a load, has nothing to do in this graph
   * @throws EngineError 'runtime-failed' when ONNX Runtime does not take the graph.
   */
  static load(file: string, { numThreads, spinning }: Threads, isOptimized = false): Promise<Graph> {
    return Graph.create(dirname(file), () =>
      InferenceSession.create(file, {
        executionProviders: ['cpu'],
        intraOpNumThreads: numThreads,
        interOpNumThreads: 1,
        graphOptimizationLevel: isOptimized ? 'disabled' : 'all',
        extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
        logSeverityLevel: 3,
      }),
    );
  }

  /** The 'fed' graph (`../builder/gpuGraph.ts`) on a device. @param folder with the data file @throws as load */
  static loadOn(device: Gpu, bytes: Uint8Array, folder: string): Promise<Graph> {
    return Graph.create(folder, () => InferenceSession.create(bytes, sessionOptionsFor(device, folder)));
  }

  private static async create(folder: string, open: () => Promise<InferenceSession>): Promise<Graph> {
    let weights: WeightsInUse | null = null;
    try {
      weights = new WeightsInUse(join(folder, dataFile));
      return new Graph(await open(), weights);
    } catch (error) {
      weights?.close();
      throw EngineError.from(error, 'runtime-failed');
    }
  }

  /**
   * Computes the tokens behind the first `pastLength` of the cache and takes them into it.
   * @param tokenIds [S] @throws EngineError 'model-changed' where somebody writes into the weights, 'runtime-failed'
   * @returns logits [S − first, vocabSize] after the tokens from index `first` on; none where `first` is S
   */
  async run(cache: KvCache, tokenIds: readonly number[], pastLength: number, first: number): Promise<Float32Array> {
    const numNew = tokenIds.length;
    cache.reserve(pastLength + numNew, pastLength);
    const { capacity } = cache;
    if (numNew === 1 && first === 0)
      return this.compute(cache, this.step(tokenIds, pastLength, capacity), pastLength, 1);
    const mask = new Float32Array(numNew * (capacity + numNew)).fill(masked);
    const positions: number[] = [];
    for (let i = 0; i < numNew; i++) {
      const row = i * (capacity + numNew);
      mask.fill(0, row, row + pastLength);
      mask.fill(0, row + capacity, row + capacity + i + 1);
      positions.push(pastLength + i);
    }
    const wanted = Array.from({ length: numNew - first }, (_, i) => first + i);
    return this.compute(cache, feedsOf(tokenIds, positions, mask, wanted), pastLength, numNew);
  }

  /**
   * Computes tokens of texts that go on side by side from what they share, and takes them into the cache behind its
   * first `used` rows. The weights and the shared rows are read once for all of them.
   * @returns logits [wanted.length, vocabSize] after the tokens at the indices `wanted`
   */
  async runBranches(
    cache: KvCache,
    tokens: readonly BranchToken[],
    used: number,
    wanted: readonly number[],
  ): Promise<Float32Array> {
    cache.reserve(used + tokens.length, used);
    const { capacity } = cache;
    const width = capacity + tokens.length;
    const mask = new Float32Array(tokens.length * width).fill(masked);
    tokens.forEach(({ base, rows }, i) => {
      mask.fill(0, i * width, i * width + base);
      for (const row of rows) mask[i * width + (row < used ? row : capacity + row - used)] = 0;
    });
    const [ids, positions] = [tokens.map(({ id }) => id), tokens.map(({ position }) => position)];
    return this.compute(cache, feedsOf(ids, positions, mask, wanted), used, tokens.length);
  }

  async release(): Promise<void> {
    try {
      await this.session.release();
    } finally {
      this.weights.close();
    }
  }

  private async compute(
    cache: KvCache,
    feeds: Record<string, Tensor>,
    used: number,
    numNew: number,
  ): Promise<Float32Array> {
    this.weights.check();
    let outputs: InferenceSession.OnnxValueMapType;
    try {
      outputs = await this.session.run({ ...cache.feeds, ...feeds });
    } catch (error) {
      throw EngineError.from(error, 'runtime-failed');
    }
    cache.append(output(outputs, 'present'), used, numNew);
    return output(outputs, 'logits');
  }

  private step([id = 0]: readonly number[], pastLength: number, capacity: number): Record<string, Tensor> {
    if (this.stepFeeds?.mask.length !== capacity + 1) this.stepFeeds = newStep(capacity);
    const { inputId, position, mask, tensors } = this.stepFeeds;
    inputId[0] = BigInt(id);
    position[0] = BigInt(pastLength);
    mask.fill(0, 0, pastLength).fill(masked, pastLength, capacity);
    return tensors;
  }
}

function newStep(capacity: number): StepFeeds {
  const [inputId, position] = [new BigInt64Array(1), new BigInt64Array(1)];
  const mask = new Float32Array(capacity + 1);
  const tensors = {
    input_ids: new Tensor('int64', inputId, [1, 1]),
    position_ids: new Tensor('int64', position, [1, 1]),
    mask: new Tensor('float32', mask, [1, capacity + 1]),
    logit_positions: int64([0], [1]),
  };
  return { inputId, position, mask, tensors };
}

/** @param mask [S, capacity + S] */
function feedsOf(
  tokenIds: readonly number[],
  positions: readonly number[],
  mask: Float32Array,
  wanted: readonly number[],
): Record<string, Tensor> {
  const numNew = tokenIds.length;
  return {
    input_ids: int64(tokenIds, [1, numNew]),
    position_ids: int64(positions, [1, numNew]),
    mask: new Tensor('float32', mask, [numNew, mask.length / numNew]),
    logit_positions: int64(wanted, [wanted.length]),
  };
}

function int64(values: readonly number[], dims: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

function output(outputs: InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const value = outputs[name];
  if (!(value?.data instanceof Float32Array))
    throw new EngineError('model-invalid', `the graph gives no float32 output "${name}"`);
  return value.data;
}
