/** Runs a built model folder's graph directly, without the engine, so that the builder is judged alone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from '../../../src/engine/onnxRuntime';
import { manifestFile, parseManifest, type Manifest } from '../../../src/manifest';

export class GraphSession {
  #cache: Float32Array[] = []; // per layer and kind [batch, numHeads, capacity, headSize]
  /** Rows of the cache in use. Setting it back drops the rows after it, which stay in the cache as stale values. */
  pastLength = 0;

  private constructor(
    readonly manifest: Manifest,
    readonly session: InferenceSession,
    readonly batch: number,
    readonly capacity: number,
  ) {
    this.clear();
  }

  static async open(folder: string, batch = 1, capacity?: number): Promise<GraphSession> {
    const manifest = parseManifest(readFileSync(join(folder, manifestFile), 'utf8'));
    const session = await InferenceSession.create(join(folder, 'model.onnx'), {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
    return new GraphSession(manifest, session, batch, capacity ?? manifest.contextLength);
  }

  /** @param stale what unused rows hold */
  clear(stale = 0): void {
    const { numLayers, numHeads, headSize } = this.manifest;
    const size = this.batch * numHeads * this.capacity * headSize;
    this.#cache = Array.from({ length: 2 * numLayers }, () => new Float32Array(size).fill(stale));
    this.pastLength = 0;
  }

  /**
   * Appends tokens to each row of the batch.
   * @param tokenIds [batch][S]
   * @param logitPositions default: all
   * @returns logits [batch, K, vocabSize] in one array
   */
  async forward(
    tokenIds: readonly (readonly number[])[],
    logitPositions = (tokenIds[0] ?? []).map((_, i) => i),
  ): Promise<Float32Array> {
    const { numLayers, numHeads, headSize } = this.manifest;
    const newTokens = tokenIds[0]?.length ?? 0;
    const start = this.pastLength;
    const positions = tokenIds.map((row) => row.map((_, i) => start + i));
    const feeds: Record<string, Tensor> = {
      input_ids: int64(tokenIds.flat(), [this.batch, newTokens]),
      position_ids: int64(positions.flat(), [this.batch, newTokens]),
      mask: this.#mask(newTokens),
      logit_positions: int64(logitPositions, [logitPositions.length]),
    };
    const shape = [this.batch, numHeads, this.capacity, headSize];
    for (let i = 0; i < 2 * numLayers; i++)
      feeds[`past_key_values.${i >> 1}.${i % 2 ? 'value' : 'key'}`] = new Tensor(
        'float32',
        this.#cache[i] as Float32Array,
        shape,
      );
    const { logits, present } = await this.session.run(feeds);
    if (!logits || !present) throw new Error('the graph lacks an output');
    this.#append(present.data as Float32Array, newTokens);
    return logits.data as Float32Array;
  }

  /** Each new token sees the rows in use, the new tokens before it, and itself. */
  #mask(newTokens: number): Tensor {
    const width = this.capacity + newTokens;
    const mask = new Float32Array(newTokens * width).fill(-3e38);
    for (let i = 0; i < newTokens; i++) {
      mask.fill(0, i * width, i * width + this.pastLength);
      mask.fill(0, i * width + this.capacity, i * width + this.capacity + i + 1);
    }
    return new Tensor('float32', mask, [newTokens, width]);
  }

  /** @param present [numLayers, 2, batch, numHeads, newTokens, headSize] */
  #append(present: Float32Array, newTokens: number): void {
    const { numHeads, headSize } = this.manifest;
    const heads = this.batch * numHeads;
    const rows = newTokens * headSize;
    const kept = Math.max(0, Math.min(newTokens, this.capacity - this.pastLength)) * headSize;
    this.#cache.forEach((cache, i) => {
      for (let head = 0; head < heads; head++) {
        const from = (i * heads + head) * rows;
        cache.set(present.subarray(from, from + kept), (head * this.capacity + this.pastLength) * headSize);
      }
    });
    this.pastLength += newTokens;
  }
}

function int64(values: readonly number[], shape: number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values.map(BigInt)), shape);
}
