/**
 * The weights of a CPU model folder as a GPU multiplies them, from the same file. What has to be converted (to float16,
 * to another layout) is computed by nodes on constants, which ONNX Runtime folds on the CPU while it loads the model.
 *
 *     stored            becomes
 *     float32 [K, N]    Cast ─ MatMul
 *     int8 [K, N]       8-bit MatMulNBits, or where the provider has none: Cast ─ ·scales ─ MatMul
 *     4-bit blocks      MatMulNBits, as they are
 */
import { EngineError } from '../errors';
import { int, ints, type OnnxGraph } from './onnx/graph';
import { dataType, type Attribute, type DataType, type Tensor } from './onnx/proto';
import type { StoredModel } from './onnx/readModel';

export type GpuFloat = 'float32' | 'float16';

export interface GpuWeightOptions {
  /** Of activations, and of weights that are not integers. */
  float: GpuFloat;
  /** Whether the provider multiplies 8-bit integers (MatMulNBits with 8 bits). */
  int8: boolean;
}

export class GpuWeights {
  private readonly stored: Map<string, Tensor>;
  private readonly added = new Set<string>();

  constructor(
    private readonly graph: OnnxGraph,
    private readonly model: StoredModel,
    private readonly options: GpuWeightOptions,
  ) {
    this.stored = new Map(model.initializers.map((tensor) => [tensor.name, tensor]));
  }

  /** A tensor that is stored as float32, in the graph's float type. */
  float(name: string): string {
    return this.cast(this.tensor(name, 'float32').name, this.options.float);
  }

  /** y = x·W + b over the last axis of `x`, for the weights `<name>.weight` and `<name>.bias`. */
  linear(output: string, x: string, name: string): string {
    return this.graph.op('Add', output, [
      this.multiply(`${output}.product`, x, `${name}.weight`),
      this.float(`${name}.bias`),
    ]);
  }

  /** ids [1, S] → [1, S, hiddenSize] */
  embed(output: string, ids: string, table: string, hiddenSize: number): string {
    const { graph, options } = this;
    const tensor = this.tensor(table);
    if (tensor.type === 'float32') return graph.op('Gather', output, [this.float(table), ids], { axis: int(0) });
    if (tensor.type === 'int8') {
      const rows = this.isTurned(table)
        ? graph.op(
            'Transpose',
            `${output}.rows`,
            [graph.op('Gather', `${output}.columns`, [table, ids], { axis: int(1) })],
            {
              perm: ints(1, 2, 0),
            },
          )
        : graph.op('Gather', `${output}.rows`, [table, ids], { axis: int(0) });
      const scales = graph.op('Gather', `${output}.scales`, [this.scales(table), ids], { axis: int(0) });
      const product = graph.op('Mul', `${output}.row`, [
        graph.op('Cast', `${output}.values`, [rows], { to: int(dataType.float32) }),
        graph.op('Unsqueeze', `${output}.column`, [scales, graph.int64s(-1)]),
      ]);
      return this.cast(product, options.float, output);
    }
    const { block_size } = this.attributesOf(table, 'GatherBlockQuantized');
    const scales = graph.op('Unsqueeze', `${output}.scales`, [this.scales(table), graph.int64s(-1)]);
    const blocks = graph.op('GatherBlockQuantized', `${output}.blocks`, [table, ids, scales], {
      ...{ bits: int(4), gather_axis: int(0), quantize_axis: int(2) },
      ...(block_size && { block_size }),
    });
    const padded = graph.op('Reshape', `${output}.padded`, [blocks, graph.int64s(0, 0, -1)]);
    const range = [graph.int64s(0), graph.int64s(hiddenSize), graph.int64s(2)];
    return this.cast(graph.op('Slice', `${output}.row`, [padded, ...range]), options.float, output);
  }

  /** x [K, hiddenSize] → [K, vocabSize] with the token table, or a head of its own that is stored like one. */
  head(output: string, x: string, table: string): string {
    if (this.tensor(table).type === 'float32')
      return this.graph.op('Gemm', output, [x, this.float(table)], { transB: int(1) });
    return this.multiply(output, x, table, !this.isTurned(table));
  }

  /** @param isTransposed whether the stored matrix is [N, K] */
  private multiply(output: string, x: string, name: string, isTransposed = false): string {
    const { graph, options } = this;
    const tensor = this.tensor(name);
    if (tensor.type === 'float32') return graph.op('MatMul', output, [x, this.float(name)]);
    if (tensor.type === 'int8') return this.multiplyInt8(output, x, tensor, isTransposed);
    const scales = this.cast(this.scales(name), options.float);
    return graph.op('MatMulNBits', output, [x, name, scales], this.attributesOf(name, 'MatMulNBits'));
  }

  /**
   *     values ─ Transpose [N, K] ─ Cast i32 ─ +128 ─ Cast u8 ─ Reshape [N, K/block, block] ─┐
   *     scales ─ Unsqueeze ─ Expand [N, K/block] ────────────────────────────────────────────┴─ MatMulNBits
   */
  private multiplyInt8(output: string, x: string, { name, shape }: Tensor, isTransposed: boolean): string {
    const { graph, options } = this;
    const [inputs = 0, outputs = 0] = isTransposed ? [...shape].reverse() : shape;
    const blockSize = [128, 64, 32, 16].find((size) => inputs % size === 0);
    const rows = isTransposed ? name : graph.op('Transpose', `${name}.rows`, [name], { perm: ints(1, 0) });
    const column = graph.op('Unsqueeze', `${name}.column`, [this.scales(name), graph.int64s(-1)]);
    if (!options.int8 || blockSize === undefined) {
      const values = graph.op('Cast', `${name}.values`, [rows], { to: int(dataType.float32) });
      const weights = this.cast(graph.op('Mul', `${name}.real`, [values, column]), options.float);
      const matrix = graph.op('Transpose', `${name}.matrix`, [weights], { perm: ints(1, 0) });
      return graph.op('MatMul', output, [x, matrix]);
    }
    const blocks = inputs / blockSize;
    const integers = graph.op('Cast', `${name}.integers`, [rows], { to: int(dataType.int32) });
    const shifted = graph.op('Add', `${name}.shifted`, [integers, graph.int32('zero_point', 128)]);
    const bytes = graph.op('Cast', `${name}.bytes`, [shifted], { to: int(dataType.uint8) });
    const packed = graph.op('Reshape', `${name}.packed`, [bytes, graph.int64s(outputs, blocks, blockSize)]);
    const scales = graph.op('Expand', `${name}.block_scales`, [column, graph.int64s(outputs, blocks)]);
    return graph.op('MatMulNBits', output, [x, packed, this.cast(scales, options.float)], {
      ...{ K: int(inputs), N: int(outputs), bits: int(8), block_size: int(blockSize), accuracy_level: int(4) },
    });
  }

  /** Whether an 8-bit token table is stored as the head's matrix [hiddenSize, vocabSize]; earlier versions turned it. */
  private isTurned(table: string): boolean {
    return !this.model.nodes.some(({ opType, inputs }) => opType === 'Transpose' && inputs.includes(table));
  }

  private scales(name: string): string {
    return this.tensor(`${name}.scales`, 'float32').name;
  }

  private cast(name: string, type: GpuFloat, output = `${name}.${type}`): string {
    if (type === 'float32' && output === `${name}.${type}`) return name;
    if (this.added.has(output)) return output;
    this.added.add(output);
    return this.graph.op('Cast', output, [name], { to: int(dataType[type]) });
  }

  /** Takes the tensor into the graph; the values stay where they are. */
  private tensor(name: string, type?: DataType): Tensor {
    const tensor = this.stored.get(name);
    if (!tensor) throw unknownGraph(`there is no tensor ${name}`);
    if (type && tensor.type !== type) throw unknownGraph(`${name} is stored as ${tensor.type}, not ${type}`);
    if (!this.added.has(name)) this.graph.constants.push(tensor);
    this.added.add(name);
    return tensor;
  }

  /** What the CPU's graph says of the node that reads this tensor. */
  private attributesOf(tensor: string, opType: string): Readonly<Record<string, Attribute>> {
    const node = this.model.nodes.find((found) => found.opType === opType && found.inputs.includes(tensor));
    if (!node) throw unknownGraph(`no ${opType} reads ${tensor}`);
    return node.attributes;
  }
}

/** The CPU's graph has changed and this code has not, or the folder was built by another version. */
export function unknownGraph(what: string): EngineError {
  return new EngineError('model-invalid', `no graph for the GPU can be made from this model: ${what}`);
}
