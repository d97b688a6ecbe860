/** One input tensor of the KV cache, whatever its type and layout: how it is resized. */
import { Tensor } from './onnxRuntime';

export type CacheValues = Float32Array | Int8Array;

export interface PlaneLayout {
  name: string;
  type: 'float32' | 'int8';
  /** Runs of tokens: numHeads, or numHeads · headSize where a head's keys are transposed. */
  lanes: number;
  /** Neighbouring values that belong to one token: headSize or 1. */
  unit: number;
  /** The tensor's axes before the capacity: [numHeads], or [numHeads, headSize or 1]. */
  outer: readonly number[];
}

export class CachePlane {
  values: CacheValues; // [1, lanes, capacity, unit]
  tensor: Tensor;

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

  /** Has room for `capacity` tokens from now on, keeping the first `used`. */
  resize(capacity: number, used: number): void {
    const { lanes, unit } = this.layout;
    const [old, oldCapacity] = [this.values, this.capacity];
    this.capacity = capacity;
    this.values = this.allocate();
    for (let lane = 0; lane < lanes; lane++) {
      const from = lane * oldCapacity * unit;
      this.values.set(old.subarray(from, from + used * unit), lane * capacity * unit);
    }
    this.tensor = this.wrap();
  }

  private allocate(): CacheValues {
    const length = this.layout.lanes * this.capacity * this.layout.unit;
    return this.layout.type === 'float32' ? new Float32Array(length) : new Int8Array(length);
  }

  private wrap(): Tensor {
    const { outer, unit } = this.layout;
    const dims = [1, ...outer, this.capacity, ...(unit > 1 ? [unit] : [])];
    return this.values instanceof Float32Array
      ? new Tensor('float32', this.values, dims)
      : new Tensor('int8', this.values, dims);
  }
}
