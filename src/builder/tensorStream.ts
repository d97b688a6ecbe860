/** A tensor whose values are made block by block, so that a large one is never whole in memory. */
export interface TensorStream {
  /** As in the checkpoint, but without prefix once the checkpoint is understood. */
  readonly name: string;
  readonly shape: readonly number[];
  /** The values in order, from the beginning at each call. A block is whole rows; it is valid until the next one. */
  blocks(): Iterable<Float32Array>;
}

/** Values in a block, unless one row is longer: 2 MB of float32. */
export const blockValues = 1 << 19;

export function numValues(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Length of the last axis; 1 for a scalar. */
export function rowLength(shape: readonly number[]): number {
  return shape.at(-1) ?? 1;
}

/** `[1024, 256]`, as shapes are written in messages. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** Multiplies the first `columns` of each row by `factor`. */
export function scaleFirstColumns(stream: TensorStream, columns: number, factor: number): TensorStream {
  const length = rowLength(stream.shape);
  return {
    name: stream.name,
    shape: stream.shape,
    *blocks() {
      for (const block of stream.blocks()) {
        for (let row = 0; row < block.length; row += length)
          for (let i = row; i < row + columns; i++) block[i] = (block[i] as number) * factor;
        yield block;
      }
    },
  };
}

/** The bytes of the values: float32, little-endian (as every machine that Node.js runs VS Code on). */
export function* float32Bytes(stream: TensorStream): Generator<Uint8Array> {
  for (const block of stream.blocks()) yield bytesOf(block);
}

export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
