/** ids → logits: a graph whose KV cache is in our memory, as it is on the CPU. */
import { setImmediate } from 'node:timers/promises';
import { distributionOf, logProbability } from '../generation/softmax';
import type { Manifest } from '../manifest';
import type { Threads } from '../protocol';
import { Branches } from './branches';
import { Graph } from './graph';
import { KvCache } from './kvCache';
import { chunkLength, commonPrefixLength, type Network } from './network';

export class Session implements Network {
  private readonly cache: KvCache;
  /** The text in the first rows of the cache. */
  private readonly ids: number[] = [];
  /** Logits after the last of `ids`, if the last run was for them. */
  private lastLogits: Float32Array | null = null;
  /** Texts that go on side by side from a beginning of `ids`, in the rows behind it. */
  private branches: Branches | null = null;

  constructor(
    private readonly graph: Graph,
    private readonly manifest: Manifest,
  ) {
    this.cache = new KvCache(manifest);
  }

  /** @throws EngineError 'runtime-failed' when ONNX Runtime does not take the graph. */
  static async load(graphFile: string, manifest: Manifest, threads: Threads): Promise<Session> {
    return new Session(await Graph.load(graphFile, threads, manifest.isOptimized), manifest);
  }

  async logitsAfter(tokenIds: readonly number[], signal: AbortSignal): Promise<Float32Array | null> {
    const shared = commonPrefixLength(this.ids, tokenIds);
    if (shared === tokenIds.length && shared === this.ids.length && this.lastLogits) return this.lastLogits;
    this.branches = null; // their rows are written over
    this.lastLogits = null;
    // The last token is always computed: its logits are what is asked for.
    this.ids.length = Math.min(shared, tokenIds.length - 1);
    for (;;) {
      const done = this.ids.length;
      const chunk = tokenIds.slice(done, done + chunkLength);
      const isLast = done + chunk.length === tokenIds.length;
      const logits = await this.run(chunk, isLast ? chunk.length - 1 : chunk.length);
      if (isLast) return (this.lastLogits = logits);
      await setImmediate();
      if (signal.aborted) return null;
    }
  }

  async logitsAfterEach(rows: readonly (readonly number[])[], signal: AbortSignal): Promise<Float32Array[] | null> {
    const [firstRow = []] = rows;
    if (!this.branches?.goOnTo(rows)) {
      const shared = Math.min(...rows.map((row) => commonPrefixLength(firstRow, row)));
      if (shared === firstRow.length && rows.every((row) => row.length === shared)) {
        const logits = await this.logitsAfter(firstRow, signal);
        return logits && rows.map(() => logits);
      }
      // A row that ends where the others go on: its logits are had by computing its last token again.
      const base = Math.min(shared, ...rows.map((row) => row.length - 1));
      const isKnown = commonPrefixLength(this.ids, firstRow.slice(0, base)) === base;
      if (!isKnown && !(await this.logitsAfter(firstRow.slice(0, base), signal))) return null;
      this.branches = new Branches(firstRow.slice(0, base), this.ids.length, rows);
    }
    return this.extendBranches(this.branches, signal);
  }

  async logProbabilityOf(tokenIds: readonly number[], from: number, signal: AbortSignal): Promise<number | null> {
    const { vocabSize } = this.manifest;
    this.branches = null;
    this.lastLogits = null;
    // The logits before `from` are needed, those after the last token are not.
    this.ids.length = Math.min(commonPrefixLength(this.ids, tokenIds), from - 1);
    let total = 0;
    while (this.ids.length < tokenIds.length - 1) {
      const done = this.ids.length;
      const chunk = tokenIds.slice(done, Math.min(done + chunkLength, tokenIds.length - 1));
      const first = Math.min(Math.max(0, from - 1 - done), chunk.length);
      const logits = await this.run(chunk, first);
      for (let i = first; i < chunk.length; i++) {
        const row = logits.subarray((i - first) * vocabSize, (i - first + 1) * vocabSize);
        total += logProbability(distributionOf(row), tokenIds[done + i + 1] as number);
      }
      await setImmediate();
      if (signal.aborted) return null;
    }
    return total;
  }

  forgetTexts(): void {
    this.ids.length = 0;
    this.lastLogits = null;
    this.branches = null;
  }

  async *logitsFrom(tokenIds: readonly number[], from: number): AsyncGenerator<Float32Array, void> {
    this.forgetTexts();
    const { vocabSize } = this.manifest;
    for (let start = 0; start < tokenIds.length; start += chunkLength) {
      const chunk = tokenIds.slice(start, start + chunkLength);
      const first = Math.min(Math.max(0, from - start), chunk.length);
      const logits = await this.run(chunk, first);
      for (let i = 0; i < chunk.length - first; i++) yield logits.subarray(i * vocabSize, (i + 1) * vocabSize);
    }
  }

  release(): Promise<void> {
    return this.graph.release();
  }

  private async run(chunk: readonly number[], first: number): Promise<Float32Array> {
    const logits = await this.graph.run(this.cache, chunk, this.ids.length, first);
    this.ids.push(...chunk);
    return logits;
  }

  private async extendBranches(branches: Branches, signal: AbortSignal): Promise<Float32Array[] | null> {
    const { vocabSize } = this.manifest;
    const logits: Float32Array[] = [];
    for (;;) {
      const { tokens, ends } = branches.next(chunkLength);
      const wanted = ends.map(({ index }) => index);
      const found = await this.graph.runBranches(this.cache, tokens, branches.used, wanted);
      branches.take(tokens.length);
      ends.forEach(({ branch }, i) => (logits[branch] = found.subarray(i * vocabSize, (i + 1) * vocabSize)));
      if (branches.isComplete) return logits;
      await setImmediate();
      if (signal.aborted) return null;
    }
  }
}
