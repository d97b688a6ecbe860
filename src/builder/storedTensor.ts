/** The values of a tensor from its place in a file, whatever their type and order. */
import { copyAgain, type CheckpointFile } from './checkpointFile';
import { decodeBfloat16, decodeHalf } from './halfFloats';
import { bytesOf, numValues, rowLength, rowsPerBlock, transposed } from './tensorStream';
import type { TensorInfo, TensorStream } from './tensorStream';

export interface StoredTensor extends TensorInfo {
  source: CheckpointFile;
  /** Byte of the first value. */
  begin: number;
  /** How many values apart neighbours along each axis are. */
  strides: readonly number[];
}

/** Bytes per value, by the names of safetensors. Only the floats can be read; the others occur in files (masks). */
export const valueBytes: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1, I16: 2, U16: 2, F16: 2, BF16: 2 },
  ...{ I32: 4, U32: 4, F32: 4, F64: 8, I64: 8, U64: 8 },
};

const readable = ['F32', 'F16', 'BF16', 'F64'];

/** Strides of values that lie in order. */
export function denseStrides(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of [...shape].reverse()) {
    strides.unshift(stride);
    stride *= size;
  }
  return strides;
}

/**
 * @param rows the part along the first axis that is wanted
 * @throws EngineError 'checkpoint-invalid' when the type is not a float one.
 */
export function streamStored(
  name: string,
  tensor: StoredTensor,
  rows: { from: number; to: number } = { from: 0, to: tensor.shape[0] ?? 1 },
): TensorStream {
  const itemBytes = valueBytes[tensor.dtype];
  if (itemBytes === undefined || !readable.includes(tensor.dtype))
    return tensor.source.fail(`holds tensor ${name} as ${tensor.dtype}; F32, F16, BF16 and F64 can be read`, name);
  const [stride = 1] = tensor.strides;
  const shape = tensor.shape.length === 0 ? [] : [rows.to - rows.from, ...tensor.shape.slice(1)];
  const part = { ...tensor, shape, begin: tensor.begin + rows.from * stride * itemBytes };
  if (isDense(part)) return { name, shape, blocks: () => denseBlocks(part, itemBytes) };
  const [height, width] = part.strides;
  if (shape.length === 2 && height === 1 && (width ?? 0) > 1)
    return transposed({
      name,
      shape: [...shape].reverse(),
      blocks: () => stridedBlocks(name, { ...part, shape: [...shape].reverse(), strides: [width ?? 1, 1] }, itemBytes),
    });
  return { name, shape, blocks: () => stridedBlocks(name, part, itemBytes) };
}

function isDense({ shape, strides }: StoredTensor): boolean {
  const dense = denseStrides(shape);
  return shape.includes(0) || shape.every((size, axis) => size === 1 || strides[axis] === dense[axis]);
}

function* denseBlocks({ source, dtype, shape, begin }: StoredTensor, itemBytes: number): Generator<Float32Array> {
  const end = begin + numValues(shape) * itemBytes;
  const values = new Float32Array(Math.min(numValues(shape), rowsPerBlock(shape) * rowLength(shape)));
  const raw = dtype === 'F32' ? bytesOf(values) : new Uint8Array(values.length * itemBytes);
  for (let position = begin; position < end; position += raw.length) {
    const bytes = raw.subarray(0, Math.min(raw.length, end - position));
    source.read(bytes, position);
    const block = values.subarray(0, bytes.length / itemBytes);
    if (dtype !== 'F32') decode(dtype, raw, block);
    yield block;
  }
}

/** @param from as many values as `to` takes, or more; at an address that their size divides */
function decode(dtype: string, { buffer, byteOffset }: Uint8Array, to: Float32Array): void {
  if (dtype === 'F64') to.set(new Float64Array(buffer, byteOffset, to.length));
  else if (dtype === 'F16') decodeHalf(new Uint16Array(buffer, byteOffset, to.length), to);
  else decodeBfloat16(new Uint16Array(buffer, byteOffset, to.length), to);
}

/** Values of a view of a larger tensor, such as a part of its columns. */
function* stridedBlocks(name: string, tensor: StoredTensor, itemBytes: number): Generator<Float32Array> {
  const { source, dtype, shape, strides, begin } = tensor;
  const length = rowLength(shape);
  const stride = strides.at(-1) ?? 1;
  const numRows = numValues(shape) / length;
  const span = ((length - 1) * stride + 1) * itemBytes;
  if (span > largestWindow)
    source.fail(`holds tensor ${name} as a view scattered over ${span} bytes; save it again after .contiguous()`, name);
  const window = new Window(source, begin + extent(shape, strides) * itemBytes);
  const block = new Float32Array(Math.min(numRows, rowsPerBlock(shape)) * length);
  const halves = new Uint16Array(length);
  let filled = 0;
  for (let row = 0; row < numRows; row++) {
    const bytes = window.at(begin + offsetOfRow(row, shape, strides) * itemBytes, span);
    const into = block.subarray(filled, filled + length);
    if (itemBytes === 2) {
      const stored = new Uint16Array(bytes.buffer, bytes.byteOffset, span / 2);
      for (let i = 0; i < length; i++) halves[i] = stored[i * stride] as number;
      decode(dtype, bytesOf(halves), into);
    } else {
      const Values = dtype === 'F64' ? Float64Array : Float32Array;
      const stored = new Values(bytes.buffer as ArrayBuffer, bytes.byteOffset, span / itemBytes);
      for (let i = 0; i < length; i++) into[i] = stored[i * stride] as number;
    }
    filled += length;
    if (filled < block.length && row + 1 < numRows) continue;
    yield block.subarray(0, filled);
    filled = 0;
  }
}

/** How many values lie from the first to behind the last, those between the tensor's own included. 0 if it has none. */
export function extent(shape: readonly number[], strides: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((last, size, axis) => last + (size - 1) * (strides[axis] ?? 0), 0) + 1;
}

function offsetOfRow(row: number, shape: readonly number[], strides: readonly number[]): number {
  let offset = 0;
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    offset += (row % size) * (strides[axis] ?? 0);
    row = Math.floor(row / size);
  }
  return offset;
}

const usualWindow = 8 << 20;
const largestWindow = 256 << 20;

/** The part of a file around the row that is read; rows that lie close are not read one by one. */
class Window {
  #bytes = new Uint8Array(0);
  #begin = 0;

  constructor(
    private readonly source: CheckpointFile,
    /** Of the tensor's values. */
    private readonly end: number,
  ) {}

  at(position: number, length: number): Uint8Array {
    const inside = position >= this.#begin && position + length <= this.#begin + this.#bytes.length;
    if (!inside) {
      const wanted = Math.min(Math.max(length, usualWindow), this.end - position);
      if (wanted < length) this.source.fail(`ends inside a tensor; ${copyAgain}`);
      if (wanted !== this.#bytes.length) this.#bytes = new Uint8Array(wanted);
      this.#begin = position;
      this.source.read(this.#bytes, position);
    }
    return this.#bytes.subarray(position - this.#begin, position - this.#begin + length);
  }
}
