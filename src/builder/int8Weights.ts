/**
 * 8-bit weights for DynamicQuantizeMatMul: int8 with one scale per output, symmetric. The operator quantises the
 * activations to uint8 with one scale for all rows of a run, multiplies integers, and scales the sums to float32.
 */
import { int, ints, nothingYet, type InBlocks, type OnnxGraph } from './onnx/graph';
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
    const { values, scales } = quantized(graph, weight, weight.shape, true, columnMaxima, round);
    return graph.op('DynamicQuantizeMatMul', output, [x, values, scales, '', float32Initializer(graph, bias)]);
  },

  parts: (graph, output, x, linear) => [int8Weights.linear(graph, output, x, linear)],

  /**
   *     ids ─┬─ Gather(values) [H, B, S] ─ Transpose [B, S, H] ─ Cast ─┐
   *          └─ Gather(scales) ─ Unsqueeze ─────────────────────────── Mul ─ embeddings
   *     x ─ DynamicQuantizeMatMul(values, scales) ─ logits
   *
   * The table is stored as the head multiplies it, [H, V]. Turning it when the model is loaded took a third of the load,
   * and a token's column is gathered in microseconds.
   */
  tokenTable(graph, tokens) {
    const turned = [...tokens.shape].reverse();
    const { values, scales } = quantized(graph, tokens, turned, false, rowMaxima, roundAndTurn);
    return {
      embed(output, ids) {
        const columns = graph.op('Gather', `${output}.columns`, [values, ids], { axis: int(1) });
        const rows = graph.op('Transpose', `${output}.rows`, [columns], { perm: ints(1, 2, 0) });
        const rowScales = graph.op('Gather', `${output}.scales`, [scales, ids], { axis: int(0) });
        return graph.op('Mul', output, [
          graph.op('Cast', `${output}.cast`, [rows], { to: int(1) }),
          graph.op('Unsqueeze', `${output}.column`, [rowScales, graph.int64s(-1)]),
        ]);
      },
      head: (output, x) => graph.op('DynamicQuantizeMatMul', output, [x, values, scales]),
    };
  },
};

/**
 * Adds a matrix [inputs, outputs] and its scales [outputs] to the graph. Values are read twice: for the scales, then to
 * round them.
 *
 * @param isPacked the values, see Initializer; scales never are
 * @param maximaOf the largest magnitudes that the scales must hold
 */
function quantized(
  graph: OnnxGraph,
  stream: TensorStream,
  shape: readonly number[],
  isPacked: boolean,
  maximaOf: (stream: TensorStream) => InBlocks<Float32Array>,
  rounded: (stream: TensorStream, scales: Float32Array) => Iterable<Uint8Array>,
): { values: string; scales: string } {
  let scales: Float32Array | undefined;
  const scalesOf = function* (): InBlocks<Float32Array> {
    // An all-zero column needs a scale that is not zero: the runtime divides by none, but 0/0 must not arise here.
    return (scales ??= (yield* maximaOf(stream)).map((max) => (max === 0 ? 1 : max / limit)));
  };
  return {
    scales: graph.initializer({
      name: `${stream.name}.scales`,
      type: 'float32',
      shape: [rowLength(shape)],
      *bytes() {
        yield bytesOf(yield* scalesOf());
      },
    }),
    values: graph.initializer({
      name: stream.name,
      type: 'int8',
      shape,
      isPacked,
      *bytes() {
        yield* rounded(stream, yield* scalesOf());
      },
    }),
  };
}

/** The largest magnitude in each column. */
function* columnMaxima(stream: TensorStream): InBlocks<Float32Array> {
  const length = rowLength(stream.shape);
  const maxima = new Float32Array(length);
  for (const block of stream.blocks()) {
    for (let row = 0; row < block.length; row += length)
      for (let i = 0; i < length; i++) maxima[i] = Math.max(maxima[i] as number, Math.abs(block[row + i] as number));
    yield nothingYet;
  }
  return maxima;
}

/** The largest magnitude in each row. */
function* rowMaxima(stream: TensorStream): InBlocks<Float32Array> {
  const length = rowLength(stream.shape);
  const maxima = new Float32Array(stream.shape[0] ?? 0);
  let row = 0;
  for (const block of stream.blocks()) {
    for (let start = 0; start < block.length; start += length)
      maxima[row++] = block.subarray(start, start + length).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    yield nothingYet;
  }
  return maxima;
}

function* round(stream: TensorStream, scales: Float32Array): Generator<Uint8Array> {
  const length = rowLength(stream.shape);
  for (const block of stream.blocks()) {
    const values = new Int8Array(block.length);
    for (let row = 0; row < block.length; row += length)
      for (let i = 0; i < length; i++) values[row + i] = Math.round((block[row + i] as number) / (scales[i] as number));
    yield bytesOf(values);
  }
}

/** Columns that are turned together: what is read of a row is near, and not too many places are written to. */
const turnedTogether = 16;

/**
 * Rounds rows [V, H] with a scale each, and gives them as [H, V]. All of the rounded values are in memory at a time: a
 * byte for each value of the one table, where turning the float32 stream would read it again and again.
 */
function* roundAndTurn(stream: TensorStream, scales: Float32Array): Generator<Uint8Array> {
  const [numRows = 0, length = 0] = stream.shape;
  const rounded = new Int8Array(numRows * length);
  let at = 0;
  for (const block of stream.blocks()) {
    for (const value of block) {
      rounded[at] = Math.round(value / (scales[Math.floor(at / length)] as number));
      at++;
    }
    yield nothingYet;
  }
  for (let from = 0; from < length; from += turnedTogether) {
    const count = Math.min(turnedTogether, length - from);
    const turned = new Int8Array(count * numRows);
    for (let row = 0; row < numRows; row++)
      for (let i = 0; i < count; i++) turned[i * numRows + row] = rounded[row * length + from + i] as number;
    yield bytesOf(turned);
  }
}
