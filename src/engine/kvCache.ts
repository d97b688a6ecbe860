/**
 * Keys and values of the tokens computed so far, in the layout that the graph reads: one array for each layer's keys
 * and one for its values, [1, numHeads, capacity, headSize]. The graph is told how many rows are in use, returns only
 * the new rows, and they are copied in here: a step costs the same however long the text is.
 */
import { Tensor } from 'onnxruntime-node';

export interface CacheShape {
  numLayers: number;
  numHeads: number;
  headSize: number;
  /** Rows that can ever be needed. */
  contextLength: number;
}

/** The graph attends over the whole capacity, so a short text gets a small cache. */
const buckets = [64, 128, 256, 512, 1024];

export class KvCache {
  /** Feeds for the session: `past_key_values.<layer>.key|value`. */
  readonly feeds: Record<string, Tensor> = {};
  private capacity = 0;

  constructor(private readonly shape: CacheShape) {
    this.reserve(1);
  }

  /** Makes room for `rows` rows, keeping what is there. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    const { numLayers, numHeads, headSize, contextLength } = this.shape;
    const capacity = Math.min(buckets.find((size) => size >= rows) ?? contextLength, contextLength);
    for (const name of names(numLayers)) {
      const grown = new Float32Array(numHeads * capacity * headSize);
      const old = this.feeds[name]?.data as Float32Array | undefined;
      if (old)
        for (let head = 0; head < numHeads; head++)
          grown.set(
            old.subarray(head * this.capacity * headSize, (head + 1) * this.capacity * headSize),
            head * capacity * headSize,
          );
      this.feeds[name] = new Tensor('float32', grown, [1, numHeads, capacity, headSize]);
    }
    this.capacity = capacity;
  }

  /** Copies new rows, `present` [numLayers, 2, 1, numHeads, numNew, headSize], behind the first `pastLength`. */
  append(present: Float32Array, pastLength: number, numNew: number): void {
    const { numLayers, numHeads, headSize } = this.shape;
    let from = 0;
    for (const name of names(numLayers)) {
      const rows = this.feeds[name]?.data as Float32Array;
      for (let head = 0; head < numHeads; head++) {
        rows.set(present.subarray(from, from + numNew * headSize), (head * this.capacity + pastLength) * headSize);
        from += numNew * headSize;
      }
    }
  }
}

/** In the order of `present`'s first two axes. */
function names(numLayers: number): string[] {
  return Array.from({ length: numLayers }, (_, layer) => [
    `past_key_values.${layer}.key`,
    `past_key_values.${layer}.value`,
  ]).flat();
}
