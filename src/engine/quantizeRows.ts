/** New keys and values of one head, float32 → int8 with a scale for each row, at their places in the cache. */

import type { CacheValues } from './cachePlane';

interface Place {
  head: number;
  pastLength: number;
  capacity: number;
  headSize: number;
  numNew: number;
}

/** Rows of the cache whose keys lie together: the capacity where there are no tiles. */
interface KeyPlace extends Place {
  tile: number;
}

const limit = 127;
/** What the graph adds to queries so that they are not negative (`../builder/cacheFormat.ts`). */
const queryShift = 64;

/**
 * Keys lie transposed, tile by tile: [heads, capacity / tile, headSize, tile]. `source` [numNew, headSize] begins at
 * `from`. Neighbours in the cache are written one after the other: row by row, a prompt's chunk takes four times as long.
 */
export function quantizeKeys(
  source: Float32Array,
  from: number,
  keys: CacheValues,
  scales: CacheValues,
  offsets: CacheValues,
  { head, pastLength, capacity, headSize, numNew, tile }: KeyPlace,
): void {
  const place = head * capacity + pastLength;
  const [steps, sums] = scratch(numNew);
  for (let row = 0; row < numNew; row++) {
    const scale = scaleOf(source, from + row * headSize, headSize);
    scales[place + row] = scale;
    steps[row] = 1 / scale;
    sums[row] = 0;
  }
  for (let begin = 0, end: number; begin < numNew; begin = end) {
    const inTile = (pastLength + begin) % tile;
    end = Math.min(numNew, begin + tile - inTile);
    const tileAt = (place + begin - inTile) * headSize + inTile - begin;
    for (let i = 0; i < headSize; i++) {
      const to = tileAt + i * tile;
      for (let row = begin, at = from + begin * headSize + i; row < end; row++, at += headSize) {
        const value = rounded((source[at] as number) * (steps[row] as number));
        keys[to + row] = value;
        sums[row] = (sums[row] as number) + value;
      }
    }
  }
  for (let row = 0; row < numNew; row++)
    offsets[place + row] = queryShift * (scales[place + row] as number) * (sums[row] as number);
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
    const step = 1 / scale;
    const place = head * capacity + pastLength + row;
    const to = place * headSize;
    for (let i = 0; i < headSize; i++) values[to + i] = rounded((source[begin + i] as number) * step);
    scales[place] = scale;
  }
}

/** For −limit … limit: the same as Math.round, in a third of the time. */
function rounded(value: number): number {
  return ((value + (limit + 0.5)) | 0) - limit;
}

let buffers: [Float64Array, Float64Array] = [new Float64Array(64), new Float64Array(64)];

function scratch(length: number): [Float64Array, Float64Array] {
  if (buffers[0].length < length) buffers = [new Float64Array(length), new Float64Array(length)];
  return buffers;
}

/** Of the largest magnitude; a row of zeros gets a scale that can be divided by, one with a NaN gets NaN. */
function scaleOf(source: Float32Array, begin: number, length: number): number {
  let largest = 0;
  for (let i = begin; i < begin + length; i++) largest = Math.max(largest, Math.abs(source[i] as number));
  return largest === 0 ? 1 : largest / limit;
}
