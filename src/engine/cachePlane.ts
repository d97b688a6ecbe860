/** One input tensor of the KV cache, whatever its type and layout: how it is resized. */
import { Tensor } from './onnxRuntime';

export type CacheValues = Float32Array | Int8Array;

export interface PlaneLayout {
  name: string;
  type: 'float32' | 'int8';
  /** Runs of tokens: numHeads, or numHeads · headSize where a head's keys are transposed. */
  lanes: number;
  /** Values of a run that belong to one token: headSize or 1. */
  unit: number;
  /** Tokens whose values lie among each other: a tile's; else 1. The capacity is a multiple of it. */
  tile: number;
  /** The tensor's axes behind the first, which is 1. */
  axes: (capacity: number) => readonly number[];
}

export class CachePlane {
  values: CacheValues; // [1, lanes, capacity / tile, tile · unit]
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
    const { lanes, unit, tile } = this.layout;
    const kept = Math.ceil(used / tile) * tile * unit;
    const [old, oldCapacity] = [this.values, this.capacity];
    this.capacity = capacity;
    this.values = this.allocate();
    for (let lane = 0; lane < lanes; lane++) {
      const from = lane * oldCapacity * unit;
      this.values.set(old.subarray(from, from + kept), lane * capacity * unit);
    }
    this.tensor = this.wrap();
  }

  private allocate(): CacheValues {
    const length = this.layout.lanes * this.capacity * this.layout.unit;
    return this.layout.type === 'float32' ? new Float32Array(length) : new Int8Array(length);
  }

  private wrap(): Tensor {
    const dims = [1, ...this.layout.axes(this.capacity)];
    return this.values instanceof Float32Array
      ? new Tensor('float32', this.values, dims)
      : new Tensor('int8', this.values, dims);
  }
}
