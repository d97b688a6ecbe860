/**
 * How the graph reads the keys and values of earlier tokens: as float32, or as int8 with one scale for each row, which
 * is a quarter of the memory to read at each token of a long text. The new rows always come out as float32.
 */
import { tileRows, type Manifest } from '../manifest';
import type { Gpt2Config } from './gpt2Config';
import { int, ints, type OnnxGraph } from './onnx/graph';

export interface CacheFormat {
  /** Declares the inputs of a layer. */
  inputs(graph: OnnxGraph, layer: number, config: Gpt2Config): void;
  /** query [1, B, N, S, D] → query·pastKeyᵀ [1, B, N, S, C] */
  scores(graph: OnnxGraph, output: string, layer: number, query: string): string;
  /** probs [1, B, N, S, C] → probs·pastValue [1, B, N, S, D] */
  mixed(graph: OnnxGraph, output: string, layer: number, probs: string, config: Gpt2Config): string;
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
const int8Cache = (keys: Int8Keys): CacheFormat => ({
  inputs(graph, layer, { numHeads, headSize }) {
    graph.input(`past_key_values.${layer}.key`, 'int8', keys.shape(numHeads, headSize));
    graph.input(`past_key_values.${layer}.value`, 'int8', ['batch', numHeads, 'capacity', headSize]);
    for (const kind of ['key_scales', 'key_offsets', 'value_scales'])
      graph.input(`past_key_values.${layer}.${kind}`, 'float32', ['batch', numHeads, 1, 'capacity']);
  },

  /**
   *     query ─ Abs ─ ReduceMax ─ ·1/63 = step ──────────────────────────────────────────────────┐
   *     query ─ Div(step) ─ Add(64.5) ─ Cast u8 ─ ·key ─ Cast ─ ·key_scales ─ −key_offsets ─ ·step
   */
  scores(graph, output, layer, query) {
    const past = `past_key_values.${layer}`;
    const step = stepOf(graph, output, graph.op('Abs', `${output}.magnitudes`, [query]), queryLimit);
    const shifted = graph.op('Add', `${output}.shifted`, [
      graph.op('Div', `${output}.steps`, [query, step]),
      constant(graph, 'query_shift', queryShift + 0.5), // Cast cuts off, so half a step makes it round
    ]);
    const integers = graph.op('Cast', `${output}.query`, [shifted], { to: int(uint8) });
    const sums = asFloat(graph, output, keys.product(graph, `${output}.sums`, integers, `${past}.key`));
    const scaled = graph.op('Mul', `${output}.scaled`, [sums, `${past}.key_scales`]);
    const unshifted = graph.op('Sub', `${output}.unshifted`, [scaled, `${past}.key_offsets`]);
    return graph.op('Mul', output, [unshifted, step]);
  },

  /**
   *     probs ─ ·value_scales ─┬─ ReduceMax ─ ·1/127 = step ────────────────────────────────┐
   *                            └─ QuantizeLinear(step) u8 ─ MatMulInteger(value) ─ Cast ─ ·step
   */
  mixed(graph, output, layer, probs, { numHeads }) {
    const past = `past_key_values.${layer}`;
    const weights = graph.op('Mul', `${output}.weights`, [probs, `${past}.value_scales`]);
    const step = stepOf(graph, output, weights, probLimit);
    // A scale for each row is taken along one axis only, so the rows of all heads are put on one: B is 1.
    const rows = graph.op('Reshape', `${output}.rows`, [weights, shapeOf(graph, 'rows_shape', [-1])]);
    const steps = graph.op('Reshape', `${output}.steps`, [step, graph.int64s(-1)]);
    const rounded = graph.op('QuantizeLinear', `${output}.rounded`, [rows, steps], { axis: int(0) });
    const byHead = shapeOf(graph, 'heads_shape', [1, 1, numHeads, -1]);
    const integers = graph.op('Reshape', `${output}.integers`, [rounded, byHead]);
    const sums = graph.op('MatMulInteger', `${output}.sums`, [integers, `${past}.value`]);
    return graph.op('Mul', output, [asFloat(graph, output, sums), step]);
  },
});

/** How the keys lie. */
interface Int8Keys {
  shape(numHeads: number, headSize: number): (number | string)[];
  /** query u8 [1, B, N, S, D] → the products' sums, int32 [1, B, N, S, C] */
  product(graph: OnnxGraph, output: string, query: string, key: string): string;
}

const transposed: Int8Keys = {
  shape: (numHeads, headSize) => ['batch', numHeads, headSize, 'capacity'],
  product: (graph, output, query, key) => graph.op('MatMulInteger', output, [query, key]),
};

/**
 * In tiles of 64 rows, T = C / 64: for one row the runtime reads a matrix column by column, some columns at a time. A tile
 * is one page of memory, where the whole matrix would be read with gaps of C bytes: half the time when it is not in the
 * processor's caches. A prompt of 512 tokens pays for it with 3 % more, a Transpose.
 *
 *     query [1,B,N,S,D] ─ Unsqueeze ─ ·key [1,B,N,T,S,64] ─ Transpose [1,B,N,S,T,64] ─ Reshape [1,B,N,S,C]
 */
const tiled: Int8Keys = {
  shape: (numHeads, headSize) => ['batch', numHeads, 'tiles', headSize, tileRows],
  product(graph, output, query, key) {
    const forEachTile = graph.op('Unsqueeze', `${output}.query`, [query, graph.int64s(3)]);
    const tiles = graph.op('MatMulInteger', `${output}.tiles`, [forEachTile, key]);
    const byRow = graph.op('Transpose', `${output}.by_row`, [tiles], { perm: ints(0, 1, 2, 4, 3, 5) });
    return graph.op('Reshape', output, [byRow, graph.int64s(0, 0, 0, 0, -1)]);
  },
};

/** TensorProto.DataType */
const uint8 = 2;
const float32 = 1;
const queryShift = 64;
const queryLimit = 63;
const probLimit = 127;

/**
 * What one step of the integers is worth, for each row: its largest value is `limit` steps. A row of zeros gets 0: what
 * comes of dividing by it are some integers or other, which 0 is multiplied by.
 */
function stepOf(graph: OnnxGraph, output: string, magnitudes: string, limit: number): string {
  const largest = graph.op('ReduceMax', `${output}.largest`, [magnitudes], { axes: ints(-1), keepdims: int(1) });
  return graph.op('Mul', `${output}.step`, [largest, constant(graph, `one_of_${limit}`, 1 / limit)]);
}

/** `outer` and the capacity behind it, int64. */
function shapeOf(graph: OnnxGraph, name: string, outer: readonly number[]): string {
  if (graph.nodes.some(({ outputs }) => outputs.includes(name))) return name;
  return graph.op('Concat', name, [graph.int64s(...outer), 'capacity'], { axis: int(0) });
}

function asFloat(graph: OnnxGraph, output: string, sums: string): string {
  return graph.op('Cast', `${output}.float`, [sums], { to: int(float32) });
}

function constant(graph: OnnxGraph, name: string, value: number): string {
  return graph.constants.some((known) => known.name === name) ? name : graph.float32(name, value);
}

export const cacheFormats: Record<Manifest['kvCache'], CacheFormat> = {
  float32: float32Cache,
  int8: int8Cache(transposed),
  'int8-tiled': int8Cache(tiled),
};
