/**
 * How the graph reads the keys and values of earlier tokens: as float32, or as int8 with one scale for each row, which
 * is a quarter of the memory to read at each token of a long text. The new rows always come out as float32.
 */
import type { Manifest } from '../manifest';
import type { Gpt2Config } from './gpt2Config';
import { int, ints, type OnnxGraph } from './onnx/graph';

export interface CacheFormat {
  /** Declares the inputs of a layer. */
  inputs(graph: OnnxGraph, layer: number, config: Gpt2Config): void;
  /** query [1, B, N, S, D] → query·pastKeyᵀ [1, B, N, S, C] */
  scores(graph: OnnxGraph, output: string, layer: number, query: string): string;
  /** probs [1, B, N, S, C] → probs·pastValue [1, B, N, S, D] */
  mixed(graph: OnnxGraph, output: string, layer: number, probs: string): string;
}

const float32Cache: CacheFormat = {
  inputs(graph, layer, { numHeads, headSize }) {
    for (const kind of ['key', 'value'])
      graph.input(`past_key_values.${layer}.${kind}`, 'float32', ['batch', numHeads, 'capacity', headSize]);
  },
  scores: (graph, output, layer, query) =>
    graph.op('FusedMatMul', output, [query, `past_key_values.${layer}.key`], { transB: int(1) }),
  mixed: (graph, output, layer, probs) => graph.op('MatMul', output, [probs, `past_key_values.${layer}.value`]),
};

/**
 * Integers are multiplied as uint8 · int8. Queries and probabilities are given 7 bits: without VNNI instructions (AVX2)
 * the runtime adds two products in 16 bits, which 8 bits would saturate. There are no zero points, because the runtime
 * has a fast path for a single row only without them; queries are shifted by 64 instead, and what the shift adds to a
 * score, 64 · scale · Σ key, is the key's offset, which the cache keeps.
 */
const int8Cache: CacheFormat = {
  inputs(graph, layer, { numHeads, headSize }) {
    graph.input(`past_key_values.${layer}.key`, 'int8', ['batch', numHeads, headSize, 'capacity']);
    graph.input(`past_key_values.${layer}.value`, 'int8', ['batch', numHeads, 'capacity', headSize]);
    for (const kind of ['key_scales', 'key_offsets', 'value_scales'])
      graph.input(`past_key_values.${layer}.${kind}`, 'float32', ['batch', numHeads, 1, 'capacity']);
  },

  /**
   *     query ─ Abs ─ ReduceMax ─ Max(tiny) ─ ·1/63 = step ──────────────────────────────────────┐
   *     query ─ Div(step) ─ Add(64.5) ─ Cast u8 ─ MatMulInteger(key) ─ Cast ─ ·key_scales ─ −key_offsets ─ ·step
   */
  scores(graph, output, layer, query) {
    const past = `past_key_values.${layer}`;
    const step = stepOf(graph, output, graph.op('Abs', `${output}.magnitudes`, [query]), queryLimit);
    const shifted = graph.op('Add', `${output}.shifted`, [
      graph.op('Div', `${output}.steps`, [query, step]),
      constant(graph, 'query_shift', queryShift + 0.5), // Cast cuts off, so half a step makes it round
    ]);
    const integers = graph.op('Cast', `${output}.query`, [shifted], { to: int(uint8) });
    const sums = asFloat(graph, output, graph.op('MatMulInteger', `${output}.sums`, [integers, `${past}.key`]));
    const scaled = graph.op('Mul', `${output}.scaled`, [sums, `${past}.key_scales`]);
    const unshifted = graph.op('Sub', `${output}.unshifted`, [scaled, `${past}.key_offsets`]);
    return graph.op('Mul', output, [unshifted, step]);
  },

  /**
   *     probs ─ ·value_scales ─┬─ ReduceMax ─ Max(tiny) ─ ·1/127 = step ─────────────────────────┐
   *                            └─ Div(step) ─ Add(0.5) ─ Cast u8 ─ MatMulInteger(value) ─ Cast ─ ·step
   */
  mixed(graph, output, layer, probs) {
    const past = `past_key_values.${layer}`;
    const weights = graph.op('Mul', `${output}.weights`, [probs, `${past}.value_scales`]);
    const step = stepOf(graph, output, weights, probLimit);
    const rounded = graph.op('Add', `${output}.rounded`, [
      graph.op('Div', `${output}.steps`, [weights, step]),
      constant(graph, 'half', 0.5),
    ]);
    const integers = graph.op('Cast', `${output}.integers`, [rounded], { to: int(uint8) });
    const sums = graph.op('MatMulInteger', `${output}.sums`, [integers, `${past}.value`]);
    return graph.op('Mul', output, [asFloat(graph, output, sums), step]);
  },
};

/** TensorProto.DataType */
const uint8 = 2;
const float32 = 1;
const queryShift = 64;
const queryLimit = 63;
const probLimit = 127;

/** What one step of the integers is worth, for each row: its largest value is `limit` steps. */
function stepOf(graph: OnnxGraph, output: string, magnitudes: string, limit: number): string {
  const largest = graph.op('ReduceMax', `${output}.largest`, [magnitudes], { axes: ints(-1), keepdims: int(1) });
  const some = graph.op('Max', `${output}.some`, [largest, constant(graph, 'tiny', 1e-30)]);
  return graph.op('Mul', `${output}.step`, [some, constant(graph, `one_of_${limit}`, 1 / limit)]);
}

function asFloat(graph: OnnxGraph, output: string, sums: string): string {
  return graph.op('Cast', `${output}.float`, [sums], { to: int(float32) });
}

function constant(graph: OnnxGraph, name: string, value: number): string {
  return graph.constants.some((known) => known.name === name) ? name : graph.float32(name, value);
}

export const cacheFormats: Record<Manifest['kvCache'], CacheFormat> = { float32: float32Cache, int8: int8Cache };
