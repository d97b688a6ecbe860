/**
 * 8-bit weights for DynamicQuantizeMatMul: int8 with one scale per output, symmetric. The operator quantises the
 * activations to uint8 with one scale for all rows of a run, multiplies integers, and scales the sums to float32.
 */
import { int, nothingYet, type InBlocks, type OnnxGraph } from './onnx/graph';
import { bytesOf, rowLength, type TensorStream } from './tensorStream';
import { float32Initializer, type WeightFormat } from './weightFormat';

/**
 * Quantised values are −limit … limit. Without VNNI instructions (AVX2) the runtime adds two products of a uint8 and an
 * int8 in 16 bits, which saturate; 255 · 64 · 2 is the largest sum that fits. 127 would gain 0.001 bits per character
 * where nothing saturates and lose 0.008 where it does (seed model: 5.463 in float32, 5.465 so; the loss simulated).
 */
const limit = 64;

export const int8Weights: WeightFormat = {
  linear(graph, output, x, { weight, bias }) {
    const { values, scales } = quantized(graph, weight, columnMaxima);
    return graph.op('DynamicQuantizeMatMul', output, [x, values, scales, '', float32Initializer(graph, bias)]);
  },

  /**
   *     ids ─┬─ Gather(values) ─ Cast ─┐
   *          └─ Gather(scales) ─ Unsqueeze ─ Mul ─ embeddings
   *     x ─ DynamicQuantizeMatMul(Transpose(values), scales) ─ logits      a row's scale is a column's of the head
   *
   * ONNX Runtime folds the Transpose of a constant when it loads the model.
   */
  tokenTable(graph, tokens) {
    const { values, scales } = quantized(graph, tokens, rowMaxima);
    return {
      embed(output, ids) {
        const rows = graph.op('Gather', `${output}.rows`, [values, ids], { axis: int(0) });
        const rowScales = graph.op('Gather', `${output}.scales`, [scales, ids], { axis: int(0) });
        return graph.op('Mul', output, [
          graph.op('Cast', `${output}.cast`, [rows], { to: int(1) }),
          graph.op('Unsqueeze', `${output}.column`, [rowScales, graph.int64s(-1)]),
        ]);
      },
      head: (output, x) =>
        graph.op('DynamicQuantizeMatMul', output, [x, graph.op('Transpose', `${output}.table`, [values]), scales]),
    };
  },
};

/** Which scale belongs to a value. */
interface Maxima {
  /** The largest magnitude that each scale must hold. */
  of(stream: TensorStream): InBlocks<Float32Array>;
  /** Index of the scale for the value at `index` of the tensor with rows of `length`. */
  indexOf(index: number, length: number): number;
}

const columnMaxima: Maxima = {
  *of(stream) {
    const length = rowLength(stream.shape);
    const maxima = new Float32Array(length);
    for (const block of stream.blocks()) {
      for (let row = 0; row < block.length; row += length)
        for (let i = 0; i < length; i++) maxima[i] = Math.max(maxima[i] as number, Math.abs(block[row + i] as number));
      yield nothingYet;
    }
    return maxima;
  },
  indexOf: (index, length) => index % length,
};

const rowMaxima: Maxima = {
  *of(stream) {
    const length = rowLength(stream.shape);
    const maxima = new Float32Array(stream.shape[0] ?? 0);
    let row = 0;
    for (const block of stream.blocks()) {
      for (let start = 0; start < block.length; start += length)
        maxima[row++] = block.subarray(start, start + length).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      yield nothingYet;
    }
    return maxima;
  },
  indexOf: (index, length) => Math.floor(index / length),
};

/** Adds the quantised tensor and its scales to the graph. Values are read twice: for the scales, then to round them. */
function quantized(graph: OnnxGraph, stream: TensorStream, maxima: Maxima): { values: string; scales: string } {
  let scales: Float32Array | undefined;
  const scalesOf = function* (): InBlocks<Float32Array> {
    // An all-zero column needs a scale that is not zero: the runtime divides by none, but 0/0 must not arise here.
    return (scales ??= (yield* maxima.of(stream)).map((max) => (max === 0 ? 1 : max / limit)));
  };
  const numScales = maxima === columnMaxima ? rowLength(stream.shape) : (stream.shape[0] ?? 0);
  return {
    scales: graph.initializer({
      name: `${stream.name}.scales`,
      type: 'float32',
      shape: [numScales],
      *bytes() {
        yield bytesOf(yield* scalesOf());
      },
    }),
    values: graph.initializer({
      name: stream.name,
      type: 'int8',
      shape: stream.shape,
      *bytes() {
        yield* round(stream, yield* scalesOf(), maxima);
      },
    }),
  };
}

function* round(stream: TensorStream, scales: Float32Array, maxima: Maxima): Generator<Uint8Array> {
  const length = rowLength(stream.shape);
  let index = 0;
  for (const block of stream.blocks()) {
    const values = new Int8Array(block.length);
    for (let i = 0; i < block.length; i++, index++)
      values[i] = Math.round((block[i] as number) / (scales[maxima.indexOf(index, length)] as number));
    yield bytesOf(values);
  }
}
