/**
 * ids → logits where the cache stays on the device. Each text has rows of its own; texts that go on side by side are
 * computed one after the other, each from a copy of what it shares with another.
 */
import { setImmediate } from 'node:timers/promises';
import { distributionOf, logProbability } from '../generation/softmax';
import type { Manifest } from '../manifest';
import { dispose, type DeviceGraph, type DeviceRows } from './deviceGraph';
import { commonPrefixLength, type Network } from './network';

/**
 * Tokens computed in one run. With 32 or more the logits were 2 to 5 % off the CPU's, with 30 or fewer 5e-7 (WebGPU of
 * onnxruntime-node 1.30 on SwiftShader, float32, 2 × 128); whether on a GPU too is not known.
 */
const chunkLength = 16;

/** A text whose keys and values are on the device. */
interface Text {
  ids: readonly number[];
  rows: DeviceRows | null;
  /** After the last of `ids`, if the last run was for them. */
  lastLogits: Float32Array | null;
}

export class DeviceSession implements Network {
  private texts: Text[] = [];

  constructor(
    private readonly graph: DeviceGraph,
    private readonly manifest: Pick<Manifest, 'vocabSize'>,
  ) {}

  async logitsAfter(tokenIds: readonly number[], signal: AbortSignal): Promise<Float32Array | null> {
    const text = this.closest(tokenIds);
    this.keep([text]);
    return this.extend(text, tokenIds, signal);
  }

  async logitsAfterEach(rows: readonly (readonly number[])[], signal: AbortSignal): Promise<Float32Array[] | null> {
    const used: Text[] = [];
    const logits: Float32Array[] = [];
    for (const row of rows) {
      let text = this.closest(row);
      // What it has beyond the row may be what another row needs.
      const isOwn = !used.includes(text) && commonPrefixLength(text.ids, row) === text.ids.length;
      if (!isOwn && !isSame(text.ids, row)) this.texts.push((text = await this.fork(text, row)));
      used.push(text);
      const found = await this.extend(text, row, signal);
      if (!found) return null;
      logits.push(found);
    }
    this.keep(used);
    return logits;
  }

  async logProbabilityOf(tokenIds: readonly number[], from: number, signal: AbortSignal): Promise<number | null> {
    const { vocabSize } = this.manifest;
    const text = this.closest(tokenIds);
    this.keep([text]);
    // The logits before `from` are needed, those after the last token are not.
    let done = Math.min(commonPrefixLength(text.ids, tokenIds), from - 1);
    let total = 0;
    while (done < tokenIds.length - 1) {
      const chunk = tokenIds.slice(done, Math.min(done + chunkLength, tokenIds.length - 1));
      const first = Math.min(Math.max(0, from - 1 - done), chunk.length);
      const logits = await this.run(text, done, chunk, first);
      for (let i = first; i < chunk.length; i++) {
        const row = logits.subarray((i - first) * vocabSize, (i - first + 1) * vocabSize);
        total += logProbability(distributionOf(row), tokenIds[done + i + 1] as number);
      }
      done += chunk.length;
      await setImmediate();
      if (signal.aborted) return null;
    }
    return total;
  }

  forgetTexts(): void {
    this.keep([]);
  }

  async *logitsFrom(tokenIds: readonly number[], from: number): AsyncGenerator<Float32Array, void> {
    const { vocabSize } = this.manifest;
    const text = this.closest(tokenIds);
    this.keep([text]);
    for (let start = 0; start < tokenIds.length; start += chunkLength) {
      const chunk = tokenIds.slice(start, start + chunkLength);
      const first = Math.min(Math.max(0, from - start), chunk.length);
      const logits = await this.run(text, start, chunk, first);
      for (let i = 0; i < chunk.length - first; i++) yield logits.subarray(i * vocabSize, (i + 1) * vocabSize);
    }
  }

  async release(): Promise<void> {
    this.keep([]);
    await this.graph.release();
  }

  /** The text that shares most with these ids; a new one where there is none. */
  private closest(tokenIds: readonly number[]): Text {
    const shared = (text: Text) => commonPrefixLength(text.ids, tokenIds);
    const [first, ...others] = this.texts;
    if (first) return others.reduce((best, text) => (shared(text) > shared(best) ? text : best), first);
    const text: Text = { ids: [], rows: null, lastLogits: null };
    this.texts.push(text);
    return text;
  }

  private keep(texts: readonly Text[]): void {
    for (const text of this.texts) if (!texts.includes(text)) dispose(text.rows);
    this.texts = this.texts.filter((text) => texts.includes(text));
  }

  /** A text that begins like `text`, with one token of `tokenIds` computed behind what they share. */
  private async fork(text: Text, tokenIds: readonly number[]): Promise<Text> {
    const shared = Math.min(commonPrefixLength(text.ids, tokenIds), tokenIds.length - 1);
    const { logits, rows } = await this.graph.run(text.rows, tokenIds.slice(shared, shared + 1), shared, 0);
    return { ids: tokenIds.slice(0, shared + 1), rows, lastLogits: logits };
  }

  private async extend(text: Text, tokenIds: readonly number[], signal: AbortSignal): Promise<Float32Array | null> {
    if (isSame(text.ids, tokenIds) && text.lastLogits) return text.lastLogits;
    // The last token is always computed: its logits are what is asked for.
    let done = Math.min(commonPrefixLength(text.ids, tokenIds), tokenIds.length - 1);
    for (;;) {
      const chunk = tokenIds.slice(done, done + chunkLength);
      const isLast = done + chunk.length === tokenIds.length;
      const logits = await this.run(text, done, chunk, isLast ? chunk.length - 1 : chunk.length);
      if (isLast) return (text.lastLogits = logits);
      done += chunk.length;
      await setImmediate();
      if (signal.aborted) return null;
    }
  }

  private async run(text: Text, done: number, chunk: readonly number[], first: number): Promise<Float32Array> {
    text.lastLogits = null;
    const { logits, rows } = await this.graph.run(text.rows, chunk, done, first);
    dispose(text.rows);
    text.rows = rows;
    text.ids = [...text.ids.slice(0, done), ...chunk];
    return logits;
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && commonPrefixLength(a, b) === a.length;
}
