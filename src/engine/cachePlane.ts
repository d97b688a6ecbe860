/** One input tensor of the KV cache, whatever its type and layout: how it grows and is copied. */
import { Tensor } from 'onnxruntime-node';

export type CacheValues = Float32Array | Int8Array;

export interface PlaneLayout {
  name: string;
  type: 'float32' | 'int8';
  /** Runs of tokens in one row of the batch: numHeads, or numHeads · headSize where a head's keys are transposed. */
  lanes: number;
  /** Neighbouring values that belong to one token: headSize or 1. */
  unit: number;
  /** The tensor's axes between batch and capacity: [numHeads], or [numHeads, headSize or 1]. */
  outer: readonly number[];
}

export class CachePlane {
  values: CacheValues; // [batch, lanes, capacity, unit]
  tensor: Tensor;
  private batch = 1;

  constructor(
    private readonly layout: PlaneLayout,
    private capacity: number,
  ) {
    this.values = this.allocate();
    this.tensor = this.wrap();
  }

  get name(): string {
    return this.layout.name;
  }

  /** Makes room for `capacity` tokens, keeping the first `used`. */
  grow(capacity: number, used: number): void {
    const { lanes, unit } = this.layout;
    const [old, oldCapacity] = [this.values, this.capacity];
    this.capacity = capacity;
    this.values = this.allocate();
    for (let lane = 0; lane < this.batch * lanes; lane++) {
      const from = lane * oldCapacity * unit;
      this.values.set(old.subarray(from, from + used * unit), lane * capacity * unit);
    }
    this.tensor = this.wrap();
  }

  /** Row i of the batch becomes row `rows[i]` of the batch of `source`, which may be this plane. */
  takeRows(source: CachePlane, rows: readonly number[]): void {
    const old = source.values;
    const size = this.layout.lanes * source.capacity * this.layout.unit;
    this.batch = rows.length;
    this.capacity = source.capacity;
    // In place only where no row is overwritten before it is copied.
    const inPlace = this.values.length >= rows.length * size && (source !== this || rows.every((row, i) => row >= i));
    this.values = inPlace ? this.values.subarray(0, rows.length * size) : this.allocate();
    rows.forEach((row, i) => {
      this.values.set(old.subarray(row * size, (row + 1) * size), i * size);
    });
    this.tensor = this.wrap();
  }

  private allocate(): CacheValues {
    const length = this.batch * this.layout.lanes * this.capacity * this.layout.unit;
    return this.layout.type === 'float32' ? new Float32Array(length) : new Int8Array(length);
  }

  private wrap(): Tensor {
    const { outer, unit } = this.layout;
    const dims = [this.batch, ...outer, this.capacity, ...(unit > 1 ? [unit] : [])];
    return this.values instanceof Float32Array
      ? new Tensor('float32', this.values, dims)
      : new Tensor('int8', this.values, dims);
  }
}
