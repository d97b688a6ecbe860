/** New keys and values of one head, float32 → int8 with a scale for each row, at their places in the cache. */

import type { CacheValues } from './cachePlane';

interface Place {
  head: number;
  pastLength: number;
  capacity: number;
  headSize: number;
  numNew: number;
}

const limit = 127;
/** What the graph adds to queries so that they are not negative (`../builder/cacheFormat.ts`). */
const queryShift = 64;

/** Keys lie transposed, [heads, headSize, capacity]. `source` [numNew, headSize] begins at `from`. */
export function quantizeKeys(
  source: Float32Array,
  from: number,
  keys: CacheValues,
  scales: CacheValues,
  offsets: CacheValues,
  { head, pastLength, capacity, headSize, numNew }: Place,
): void {
  for (let row = 0; row < numNew; row++) {
    const begin = from + row * headSize;
    const scale = scaleOf(source, begin, headSize);
    let to = head * headSize * capacity + pastLength + row;
    let sum = 0;
    for (let i = 0; i < headSize; i++, to += capacity) {
      const value = Math.round((source[begin + i] as number) / scale);
      keys[to] = value;
      sum += value;
    }
    const place = head * capacity + pastLength + row;
    scales[place] = scale;
    offsets[place] = queryShift * scale * sum;
  }
}

/** Values lie row by row, [heads, capacity, headSize]. */
export function quantizeValues(
  source: Float32Array,
  from: number,
  values: CacheValues,
  scales: CacheValues,
  { head, pastLength, capacity, headSize, numNew }: Place,
): void {
  for (let row = 0; row < numNew; row++) {
    const begin = from + row * headSize;
    const scale = scaleOf(source, begin, headSize);
    const place = head * capacity + pastLength + row;
    for (let i = 0; i < headSize; i++) values[place * headSize + i] = Math.round((source[begin + i] as number) / scale);
    scales[place] = scale;
  }
}

/** Of the largest magnitude; a row of zeros gets a scale that can be divided by. */
function scaleOf(source: Float32Array, begin: number, length: number): number {
  let largest = 0;
  for (let i = begin; i < begin + length; i++) largest = Math.max(largest, Math.abs(source[i] as number));
  return largest === 0 ? 1 : largest / limit;
}
