/**
 * 4-bit rounding of weights in blocks: each run of `blockSize` values along the input axis has a scale of its own. The
 * layout is MatMulNBits': two values in a byte, the first in the low half;
 * value = scale · (q − 8).
 */
import { nothingYet, type InBlocks } from './onnx/graph';
import { rowLength, type TensorStream } from './tensorStream';

export interface BlockQuantized {
  values: Uint8Array; // [rows, numBlocks, blockSize / 2]
  scales: Float32Array; // [rows, numBlocks]
}

export function numBlocks(inputs: number, blockSize: number): number {
  return Math.ceil(inputs / blockSize);
}

/** The largest block that fills rows of this length without padding; rows that none fills are padded. */
export function blockSizeFor(inputs: number, largest = 128): number {
  return [128, 64, 32].find((size) => size <= largest && inputs % size === 0) ?? 32;
}

/** Rounds each row of rows [numRows, inputs]. */
export function quantizeRows(rows: Float32Array, inputs: number, blockSize: number): BlockQuantized {
  const numRows = rows.length / inputs;
  const rounder = new Rounder(numRows, numBlocks(inputs, blockSize), blockSize);
  for (let row = 0; row < numRows; row++)
    for (let from = 0; from < inputs; from += blockSize) {
      const begin = row * inputs + from;
      rounder.round(row, from / blockSize, rows.subarray(begin, begin + Math.min(blockSize, inputs - from)));
    }
  return rounder;
}

/**
 * Rounds a matrix [inputs, outputs] along its inputs: the result is that of its transpose's rows. One block of inputs
 * is in memory at a time, besides the result.
 */
export function* quantizeColumns(stream: TensorStream, blockSize: number): InBlocks<BlockQuantized> {
  const inputs = stream.shape[0] ?? 0;
  const outputs = rowLength(stream.shape);
  const rounder = new Rounder(outputs, numBlocks(inputs, blockSize), blockSize);
  const block = new Float32Array(outputs * blockSize); // [outputs, blockSize]
  let input = 0;
  for (const part of stream.blocks()) {
    for (let start = 0; start < part.length; start += outputs) {
      const place = input % blockSize;
      for (let out = 0; out < outputs; out++) block[out * blockSize + place] = part[start + out] as number;
      input++;
      if (place + 1 < blockSize && input < inputs) continue;
      for (let out = 0; out < outputs; out++) {
        const begin = out * blockSize;
        rounder.round(out, Math.floor((input - 1) / blockSize), block.subarray(begin, begin + place + 1));
      }
    }
    yield nothingYet;
  }
  return rounder;
}

/** 4 bits hold −middle … middle − 1, stored shifted by `middle`. */
const middle = 8;

class Rounder implements BlockQuantized {
  readonly values: Uint8Array;
  readonly scales: Float32Array;

  constructor(
    rows: number,
    private readonly blocks: number,
    private readonly blockSize: number,
  ) {
    // Padding is zero, which is stored as `middle`.
    this.values = new Uint8Array((rows * blocks * blockSize) / 2).fill(middle | (middle << 4));
    this.scales = new Float32Array(rows * blocks);
  }

  round(row: number, block: number, source: Float32Array): void {
    const index = row * this.blocks + block;
    const scale = scaleOf(source);
    this.scales[index] = scale;
    const begin = (index * this.blockSize) / 2;
    const at = (i: number): number => (i < source.length ? nearest((source[i] as number) / scale) : 0) + middle;
    for (let i = 0; i < source.length; i += 2) this.values[begin + i / 2] = at(i) | (at(i + 1) << 4);
  }
}

function nearest(steps: number): number {
  return Math.max(-middle, Math.min(middle - 1, Math.round(steps)));
}

/**
 * The negative end reaches further, so the value of largest magnitude is put there: the scale may be negative. (Scales of
 * the least squared error cut that value off, and lost more: 5.446 bits per character instead of 5.437, seed model.)
 */
function scaleOf(source: Float32Array): number {
  let extreme = 0;
  for (const value of source) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  return extreme === 0 ? 1 : -extreme / middle;
}
