/** ids → logits: the graph with its KV cache, behind the interfaces that the generation loops need. */
import { setImmediate } from 'node:timers/promises';
import type { LanguageModel } from '../generation/generate';
import type { BatchLanguageModel } from '../generation/generateBatch';
import type { Manifest } from '../manifest';
import type { Threads } from '../protocol';
import { Graph } from './graph';
import { KvCache } from './kvCache';

/** Tokens computed in one run. A run cannot be interrupted, so this bounds how long an abort may take. */
const chunkLength = 64;

/** A cache, and the tokens in it: ids [batch][pastLength]. */
interface Known {
  cache: KvCache;
  ids: number[][];
}

export class Session implements LanguageModel, BatchLanguageModel {
  private readonly single: Known;
  /** Logits after the last token of `single`, if the last run was for them. */
  private lastLogits: Float32Array | null = null;
  /** Rows that began as copies of `single`; freed when a single text is asked for again. */
  private rows: Known | null = null;

  constructor(
    private readonly graph: Graph,
    private readonly manifest: Manifest,
  ) {
    this.single = { cache: new KvCache(manifest), ids: [[]] };
  }

  /** @throws EngineError 'runtime-failed' when ONNX Runtime does not take the graph. */
  static async load(graphFile: string, manifest: Manifest, threads: Threads): Promise<Session> {
    return new Session(await Graph.load(graphFile, threads), manifest);
  }

  async logitsAfter(tokenIds: readonly number[], signal: AbortSignal): Promise<Float32Array | null> {
    this.rows = null;
    const known = this.single.ids[0] as number[];
    const shared = commonPrefixLength(known, tokenIds);
    if (shared === tokenIds.length && shared === known.length && this.lastLogits) return this.lastLogits;
    this.lastLogits = null;
    this.lastLogits = await this.extend(this.single, [tokenIds], shared, signal);
    return this.lastLogits;
  }

  async logitsAfterEach(rows: readonly (readonly number[])[], signal: AbortSignal): Promise<Float32Array[] | null> {
    const [firstRow = []] = rows;
    const length = firstRow.length;
    if (rows.some((row) => row.length !== length)) throw new RangeError('rows of different lengths');
    const inSingle = Math.min(...rows.map((row) => commonPrefixLength(this.single.ids[0] as number[], row)));
    const nearest = rows.map((row) => nearestRow(this.rows?.ids ?? [], row));
    const inRows = Math.min(...nearest.map(({ shared }) => shared));

    let shared: number;
    if (this.rows && inRows > inSingle) {
      shared = inRows;
      this.rows = takeRows(
        this.rows,
        this.rows,
        nearest.map(({ index }) => index),
      );
    } else {
      shared = Math.min(...rows.map((row) => commonPrefixLength(firstRow, row)));
      if (shared === length) {
        const logits = await this.logitsAfter(firstRow, signal);
        return logits && rows.map(() => logits);
      }
      if (shared > inSingle && !(await this.logitsAfter(firstRow.slice(0, shared), signal))) return null;
      this.rows = takeRows(
        this.rows ?? { cache: new KvCache(this.manifest), ids: [] },
        this.single,
        rows.map(() => 0),
      );
    }
    const logits = await this.extend(this.rows, rows, shared, signal);
    const vocabSize = (logits?.length ?? 0) / rows.length;
    return logits && rows.map((_, row) => logits.subarray(row * vocabSize, (row + 1) * vocabSize));
  }

  /**
   * Logits [vocabSize] after each of `tokenIds` from index `from` on, for measuring: what comes next is known there.
   * Computed in a prompt's chunks, from nothing, so that figures do not depend on earlier calls and memory holds the
   * logits of one chunk. Each array is valid until the next is asked for.
   */
  async *logitsFrom(tokenIds: readonly number[], from: number): AsyncGenerator<Float32Array, void> {
    this.single.ids = [[]];
    this.lastLogits = null;
    const { vocabSize } = this.manifest;
    for (let start = 0; start < tokenIds.length; start += chunkLength) {
      const chunk = tokenIds.slice(start, start + chunkLength);
      const first = Math.min(Math.max(0, from - start), chunk.length);
      const logits = await this.run(this.single, [chunk], first);
      for (let i = 0; i < chunk.length - first; i++) yield logits.subarray(i * vocabSize, (i + 1) * vocabSize);
    }
  }

  release(): Promise<void> {
    return this.graph.release();
  }

  /**
   * Computes what `known` lacks of `rows`, of which it has the first `shared` tokens.
   * @returns logits [batch, vocabSize] after the last tokens; null when `signal` was aborted meanwhile
   */
  private async extend(
    known: Known,
    rows: readonly (readonly number[])[],
    shared: number,
    signal: AbortSignal,
  ): Promise<Float32Array | null> {
    const length = rows[0]?.length ?? 0;
    // The last token is always computed: its logits are what is asked for.
    let done = Math.min(shared, length - 1);
    for (const ids of known.ids) ids.length = done;
    for (;;) {
      const end = Math.min(done + chunkLength, length);
      const chunk = rows.map((row) => row.slice(done, end));
      const logits = await this.run(known, chunk, end === length ? end - done - 1 : end - done);
      done = end;
      if (done === length) return logits;
      await setImmediate();
      if (signal.aborted) return null;
    }
  }

  private async run(known: Known, chunk: number[][], first: number): Promise<Float32Array> {
    const logits = await this.graph.run(known.cache, chunk, known.ids[0]?.length ?? 0, first);
    chunk.forEach((ids, row) => known.ids[row]?.push(...ids));
    return logits;
  }
}

/** Row i of `into` becomes row `indices[i]` of `from`. */
function takeRows(into: Known, from: Known, indices: readonly number[]): Known {
  const ids = indices.map((index) => [...(from.ids[index] as number[])]);
  if (into !== from || indices.length !== from.ids.length || indices.some((index, i) => index !== i))
    into.cache.takeRows(from.cache, indices);
  return { cache: into.cache, ids };
}

/** The row of `known` that shares most with `row`. */
function nearestRow(known: readonly (readonly number[])[], row: readonly number[]): { index: number; shared: number } {
  let nearest = { index: 0, shared: 0 };
  known.forEach((ids, index) => {
    const shared = commonPrefixLength(ids, row);
    if (shared > nearest.shared) nearest = { index, shared };
  });
  return nearest;
}

function commonPrefixLength(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a[i] === b[i]) i++;
  return i;
}
