/** Collects the nodes and initializers of a graph; values that are large are made only when the file is written. */
import { bytesOf, numValues } from '../tensorStream';
import type { Attribute, DataType, Node, Tensor, ValueInfo } from './proto';

export interface Initializer {
  name: string;
  type: DataType;
  shape: readonly number[];
  /** Whether the runtime makes a copy of it while it loads, laid out as it multiplies, and reads only that when it runs. */
  isPacked?: boolean;
  /** Makes the values, little-endian, block by block (some may be `nothingYet`); called once. */
  bytes: () => Iterable<Uint8Array>;
}

/**
 * What `bytes` yields while it reads a large tensor and cannot give a value yet: whoever writes the file lets a stop
 * arrive at each block.
 */
export const nothingYet = new Uint8Array(0);

/** Work on a tensor that yields `nothingYet` after each block, and ends with its result. */
export type InBlocks<Result> = Generator<Uint8Array, Result>;

/** Operators of ONNX Runtime's own domain; all others are of ai.onnx. */
const microsoftOps = new Set([
  'DynamicQuantizeMatMul',
  'FastGelu',
  'FusedMatMul',
  'GatherBlockQuantized',
  'GroupQueryAttention',
  'MatMulNBits',
  'SkipLayerNormalization',
]);

const itemBytes: Record<DataType, number> = { float32: 4, float16: 2, uint8: 1, int8: 1, int32: 4, int64: 8 };

export class OnnxGraph {
  readonly nodes: Node[] = [];
  readonly inputs: ValueInfo[] = [];
  readonly outputs: ValueInfo[] = [];
  readonly constants: Tensor[] = [];
  readonly initializers: Initializer[] = [];

  input(name: string, type: DataType, shape: (number | string)[]): string {
    this.inputs.push({ name, type, shape });
    return name;
  }

  output(name: string, type: DataType, shape: (number | string)[]): void {
    this.outputs.push({ name, type, shape });
  }

  /** Adds a node with one output and returns the output's name, by which later nodes refer to it. */
  op(opType: string, output: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}): string {
    this.ops(opType, [output], inputs, attributes);
    return output;
  }

  /** Adds a node with several outputs. */
  ops(
    opType: string,
    outputs: readonly string[],
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
  ): void {
    const domain = microsoftOps.has(opType) ? 'com.microsoft' : '';
    this.nodes.push({ opType, domain, inputs, outputs, attributes });
  }

  /** A small int64 vector, for shapes and axes. The same values are stored once. */
  int64s(...values: number[]): string {
    return this.#constant(`int64s.${values.join('.')}`, [values.length], values);
  }

  int64(value: number): string {
    return this.#constant(`int64.${value}`, [], [value]);
  }

  float32(name: string, value: number): string {
    this.constants.push({ name, type: 'float32', shape: [], data: bytesOf(new Float32Array([value])) });
    return name;
  }

  int32(name: string, value: number): string {
    if (!this.constants.some((constant) => constant.name === name))
      this.constants.push({ name, type: 'int32', shape: [], data: bytesOf(new Int32Array([value])) });
    return name;
  }

  initializer(initializer: Initializer): string {
    this.initializers.push(initializer);
    return initializer.name;
  }

  #constant(name: string, shape: number[], values: number[]): string {
    if (!this.constants.some((constant) => constant.name === name))
      this.constants.push({ name, type: 'int64', shape, data: bytesOf(BigInt64Array.from(values.map(BigInt))) });
    return name;
  }
}

export function initializerBytes({ type, shape }: Initializer): number {
  return numValues(shape) * itemBytes[type];
}

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const ints = (...value: number[]): Attribute => ({ kind: 'ints', value });
export const float = (value: number): Attribute => ({ kind: 'float', value });
