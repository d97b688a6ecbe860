/** A tensor whose values are made block by block, so that a large one is never whole in memory. */
export interface TensorStream {
  /** As in the checkpoint, but without prefix once the checkpoint is understood. */
  readonly name: string;
  readonly shape: readonly number[];
  /** The values in order, from the beginning at each call. A block is whole rows; it is valid until the next one. */
  blocks(): Iterable<Float32Array>;
}

/** What a checkpoint says of a tensor before its values are read. */
export interface TensorInfo {
  /** As safetensors names types: F32, F16, BF16; I64, BOOL … for those that cannot be read as weights. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Name of the file that holds it (the first, when several share it). */
  readonly file: string;
}

/** Named tensors that can be read one at a time, whatever file or files hold them. */
export interface TensorSource {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * @param rows the part along the first axis that is wanted, `to` not included; all of it by default
   * @throws EngineError 'checkpoint-invalid' when there is no such tensor or its type is not a float one.
   */
  stream(name: string, rows?: { from: number; to: number }): TensorStream;
  close(): void;
}

/** Values in a block, unless one row is longer: 2 MB of float32. */
const blockValues = 1 << 19;

export function rowsPerBlock(shape: readonly number[]): number {
  return Math.max(1, Math.floor(blockValues / Math.max(1, rowLength(shape))));
}

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

/** Tensors that differ in their first axis only, one below the other; or vectors (biases), one behind the other. */
export function concatRows(name: string, streams: readonly TensorStream[]): TensorStream {
  const [first] = streams;
  const numRows = streams.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const shape = [numRows, ...(first?.shape.slice(1) ?? [])];
  return {
    name,
    shape,
    *blocks() {
      if (shape.length > 1) for (const stream of streams) yield* stream.blocks();
      else yield Float32Array.from(streams.flatMap((stream) => [...stream.blocks()].flatMap((part) => [...part]))); // a vector is one row
    },
  };
}

/** Values that are held to turn a matrix: 64 MB of float32. A larger matrix is read once for each such part. */
const turnedValues = 1 << 24;

/** [rows, columns] → [columns, rows] */
export function transposed(stream: TensorStream, held = turnedValues): TensorStream {
  const [numRows = 0, numColumns = 0] = stream.shape;
  const shape = [numColumns, numRows];
  return {
    name: stream.name,
    shape,
    *blocks() {
      const width = Math.min(numColumns, Math.max(1, Math.floor(held / Math.max(1, numRows))));
      const turned = new Float32Array(width * numRows); // [width, numRows]
      const step = rowsPerBlock(shape);
      for (let from = 0; from < numColumns; from += width) {
        const count = Math.min(width, numColumns - from);
        let row = 0;
        for (const block of stream.blocks()) {
          const rows = block.length / numColumns;
          for (let c = 0; c < count; c++)
            for (let r = 0; r < rows; r++) turned[c * numRows + row + r] = block[r * numColumns + from + c] as number;
          row += rows;
        }
        for (let c = 0; c < count; c += step) yield turned.subarray(c * numRows, Math.min(count, c + step) * numRows);
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
