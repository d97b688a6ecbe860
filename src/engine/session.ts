/** ids → logits: an ONNX Runtime session with its KV cache, behind the interface that the generation loop needs. */
import { setImmediate } from 'node:timers/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { EngineError } from '../errors';
import type { LanguageModel } from '../generation/generate';
import type { Manifest } from '../manifest';
import { KvCache } from './kvCache';

/** Tokens computed in one run. A run cannot be interrupted, so this bounds how long an abort may take. */
const chunkLength = 64;

export class Session implements LanguageModel {
  /** Tokens whose keys and values are in the cache, in order. */
  private cachedIds: number[] = [];
  /** Logits after the last of `cachedIds`, if the last run was for them. */
  private lastLogits: Float32Array | null = null;

  private constructor(
    private readonly session: InferenceSession,
    private readonly cache: KvCache,
  ) {}

  /** @throws EngineError 'runtime-failed' when ONNX Runtime does not take the graph. */
  static async load(graphFile: string, manifest: Manifest, numThreads: number): Promise<Session> {
    try {
      const session = await InferenceSession.create(graphFile, {
        executionProviders: ['cpu'],
        intraOpNumThreads: numThreads,
        interOpNumThreads: 1,
        // Spinning threads would heat a laptop between two keystrokes, and slow a busy machine down.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        logSeverityLevel: 3,
      });
      return new Session(session, new KvCache(manifest));
    } catch (error) {
      throw EngineError.from(error, 'runtime-failed');
    }
  }

  async logitsAfter(tokenIds: readonly number[], signal: AbortSignal): Promise<Float32Array | null> {
    const shared = commonPrefixLength(this.cachedIds, tokenIds);
    if (shared === tokenIds.length && shared === this.cachedIds.length && this.lastLogits) return this.lastLogits;
    // The last token is always computed: its logits are what is asked for.
    this.cachedIds.length = Math.min(shared, tokenIds.length - 1);
    this.lastLogits = null;
    while (this.cachedIds.length < tokenIds.length) {
      const chunk = tokenIds.slice(this.cachedIds.length, this.cachedIds.length + chunkLength);
      this.lastLogits = await this.run(chunk);
      if (this.cachedIds.length < tokenIds.length) {
        await setImmediate();
        if (signal.aborted) return null;
      }
    }
    return this.lastLogits;
  }

  /**
   * Logits [vocabSize] after each of `tokenIds` from index `from` on, for measuring: what comes next is known there.
   * Computed in a prompt's chunks, from nothing, so that figures do not depend on earlier calls and memory holds the
   * logits of one chunk. Each array is valid until the next is asked for.
   */
  async *logitsFrom(tokenIds: readonly number[], from: number): AsyncGenerator<Float32Array, void> {
    this.cachedIds = [];
    this.lastLogits = null;
    for (let start = 0; start < tokenIds.length; start += chunkLength) {
      const chunk = tokenIds.slice(start, start + chunkLength);
      const first = Math.min(Math.max(0, from - start), chunk.length - 1);
      const logits = await this.run(chunk, first);
      const vocabSize = logits.length / (chunk.length - first);
      for (let i = first; i < chunk.length; i++)
        if (start + i >= from) yield logits.subarray((i - first) * vocabSize, (i - first + 1) * vocabSize);
    }
  }

  release(): Promise<void> {
    return this.session.release();
  }

  /**
   * Computes one chunk behind the cached tokens and caches it.
   * @returns logits [chunk.length − first, vocabSize] after its tokens from index `first` on, by default the last one.
   */
  private async run(chunk: readonly number[], first = chunk.length - 1): Promise<Float32Array> {
    const pastLength = this.cachedIds.length;
    const numNew = chunk.length;
    this.cache.reserve(pastLength + numNew);
    const outputs = await this.session
      .run({
        ...this.cache.feeds,
        input_ids: int64(chunk, [1, numNew]),
        position_ids: int64(
          chunk.map((_, i) => pastLength + i),
          [1, numNew],
        ),
        past_length: int64([pastLength], []),
        logit_positions: int64(
          Array.from({ length: numNew - first }, (_, i) => first + i),
          [numNew - first],
        ),
      })
      .catch((error: unknown) => {
        throw EngineError.from(error, 'runtime-failed');
      });
    const logits = output(outputs, 'logits');
    this.cache.append(output(outputs, 'present'), pastLength, numNew);
    this.cachedIds.push(...chunk);
    return logits;
  }
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

function commonPrefixLength(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a[i] === b[i]) i++;
  return i;
}
