/** The graph of a model folder in ONNX Runtime: token ids and a cache → logits, and the cache grown by the ids. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { EngineError } from '../errors';
import type { Threads } from '../protocol';
import type { KvCache } from './kvCache';

/** Tensors of a step by one token, made once and filled again: making them takes as long as a tiny model's layer. */
interface StepFeeds {
  inputIds: BigInt64Array; // [batch, 1]
  positionIds: BigInt64Array; // [batch, 1]
  pastLength: BigInt64Array; // []
  tensors: Record<string, Tensor>;
}

export class Graph {
  private readonly steps = new Map<number, StepFeeds>();

  private constructor(private readonly session: InferenceSession) {}

  /** @throws EngineError 'runtime-failed' when ONNX Runtime does not take the graph. */
  static async load(file: string, { numThreads, spinning }: Threads): Promise<Graph> {
    try {
      return new Graph(
        await InferenceSession.create(file, {
          executionProviders: ['cpu'],
          intraOpNumThreads: numThreads,
          interOpNumThreads: 1,
          extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
          logSeverityLevel: 3,
        }),
      );
    } catch (error) {
      throw EngineError.from(error, 'runtime-failed');
    }
  }

  /**
   * Computes the ids [batch][S] behind the first `pastLength` tokens of the cache and takes them into it.
   * @returns logits [batch, S − first, vocabSize] after the ids from index `first` on; none where `first` is S
   */
  async run(
    cache: KvCache,
    tokenIds: readonly (readonly number[])[],
    pastLength: number,
    first: number,
  ): Promise<Float32Array> {
    const numNew = tokenIds[0]?.length ?? 0;
    cache.reserve(pastLength + numNew, pastLength);
    const feeds = numNew === 1 && first === 0 ? this.step(tokenIds, pastLength) : chunk(tokenIds, pastLength, first);
    let outputs: InferenceSession.OnnxValueMapType;
    try {
      outputs = await this.session.run({ ...cache.feeds, ...feeds });
    } catch (error) {
      throw EngineError.from(error, 'runtime-failed');
    }
    cache.append(output(outputs, 'present'), pastLength, numNew);
    return output(outputs, 'logits');
  }

  release(): Promise<void> {
    return this.session.release();
  }

  private step(tokenIds: readonly (readonly number[])[], pastLength: number): Record<string, Tensor> {
    const batch = tokenIds.length;
    let step = this.steps.get(batch);
    if (!step) this.steps.set(batch, (step = newStep(batch)));
    tokenIds.forEach(([id], row) => (step.inputIds[row] = BigInt(id as number)));
    step.positionIds.fill(BigInt(pastLength));
    step.pastLength[0] = BigInt(pastLength);
    return step.tensors;
  }
}

function newStep(batch: number): StepFeeds {
  const [inputIds, positionIds, pastLength] = [batch, batch, 1].map((length) => new BigInt64Array(length)) as [
    BigInt64Array,
    BigInt64Array,
    BigInt64Array,
  ];
  const tensors = {
    input_ids: new Tensor('int64', inputIds, [batch, 1]),
    position_ids: new Tensor('int64', positionIds, [batch, 1]),
    past_length: new Tensor('int64', pastLength, []),
    logit_positions: int64([0], [1]),
  };
  return { inputIds, positionIds, pastLength, tensors };
}

function chunk(tokenIds: readonly (readonly number[])[], pastLength: number, first: number): Record<string, Tensor> {
  const numNew = tokenIds[0]?.length ?? 0;
  const shape = [tokenIds.length, numNew];
  const positions = tokenIds.map((row) => row.map((_, i) => pastLength + i));
  return {
    input_ids: int64(tokenIds.flat(), shape),
    position_ids: int64(positions.flat(), shape),
    past_length: int64([pastLength], []),
    logit_positions: int64(
      Array.from({ length: numNew - first }, (_, i) => first + i),
      [numNew - first],
    ),
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
