/**
 * The GPT-2 graph for the CPU. Inputs and outputs: `../manifest.ts`.
 *
 * Shapes: B batch, S new tokens, C cache capacity, K logit positions, H hiddenSize, N numHeads, D headSize. The engine
 * runs it with B = 1: rows of a batch would each read a cache of their own, while new tokens share one, and the mask
 * keeps texts apart that go on from it side by side.
 *
 *     input_ids ─ token table ─┐
 *     position_ids ─ wpe ──── Add ─ layer 0 … L-1 ─ norm ─ head ─ logits
 *                                     └ new keys and values ─ Concat ─ present
 *
 * Why it looks like this (measured, onnxruntime-node 1.30):
 * - The cache is a plain input and only the new rows come out: copying the whole cache at each token would cost more
 *   than the matrices of a small model. Past and new scores are therefore computed apart and share one softmax.
 * - 1/√D is folded into the query weights: FusedMatMul has a fast path for one row only when alpha is 1.
 * - The mask is an input: making it here took a dozen nodes, which a tiny model notices.
 * - Add and LayerNormalization, not SkipLayerNormalization: 15 % less for a prefill of 64, the same for one token.
 * - Nothing is left for the runtime's optimiser to fuse: it takes a tenth of a load. What it would make of other graphs is
 *   written here: the last norm with the sum before it, biases of float32 matrices with what takes them.
 * - The last layer goes on only with the positions whose logits are wanted.
 */
import type { CacheFormat } from './cacheFormat';
import type { Gpt2Tensors, Layer, Linear, Norm } from './checkpoint';
import type { Gpt2Config } from './gpt2Config';
import { float, int, ints, OnnxGraph } from './onnx/graph';
import { scaleFirstColumns } from './tensorStream';
import { float32Initializer, type WeightFormat } from './weightFormat';

export function gpt2Graph(
  config: Gpt2Config,
  tensors: Gpt2Tensors,
  weights: WeightFormat,
  cache: CacheFormat,
): OnnxGraph {
  const { numLayers, numHeads, headSize, vocabSize } = config;
  const graph = new OnnxGraph();
  const ids = graph.input('input_ids', 'int64', ['batch', 'new_tokens']);
  const positions = graph.input('position_ids', 'int64', ['batch', 'new_tokens']);
  graph.input('mask', 'float32', ['new_tokens', 'capacity_and_new_tokens']);
  graph.input('logit_positions', 'int64', ['num_logits']);
  for (let l = 0; l < numLayers; l++) cache.inputs(graph, l, config);

  const context: Context = { graph, config, weights, cache, pastAndNew: pastAndNew(graph) };
  const table = weights.tokenTable(graph, tensors.tokens);
  let addends: Addends = [
    table.embed('token_embeddings', ids),
    graph.op('Gather', 'position_embeddings', [float32Initializer(graph, tensors.positions), positions]),
  ];
  let sum = 'embeddings';
  const present: string[] = [];
  tensors.layers.forEach((layer, l) => {
    addends = transformerLayer(context, l, layer, graph.op('Add', sum, addends), present);
    sum = `layer.${l}.hidden`;
  });
  const ofHead = tensors.head === tensors.tokens ? table : weights.tokenTable(graph, tensors.head);
  ofHead.head('logits', normOfSum(context, 'final_norm', tensors.finalNorm, addends));
  joinPresent(context, present);

  graph.output('logits', 'float32', ['batch', 'num_logits', vocabSize]);
  graph.output('present', 'float32', [numLayers, 2, 'batch', numHeads, 'new_tokens', headSize]);
  return graph;
}

/** What is to be added up; behind the last layer a bias may be the third. */
type Addends = readonly [string, string, ...string[]];

interface Context {
  graph: OnnxGraph;
  config: Gpt2Config;
  weights: WeightFormat;
  cache: CacheFormat;
  /** C and S as int64 [2]: where scores, which share one softmax, are split again. */
  pastAndNew: string;
}

function pastAndNew(graph: OnnxGraph): string {
  const capacity = graph.op('Shape', 'capacity', ['past_key_values.0.value'], { start: int(2), end: int(3) });
  const newTokens = graph.op('Shape', 'new_tokens', ['input_ids'], { start: int(1), end: int(2) });
  return graph.op('Concat', 'past_and_new', [capacity, newTokens], { axis: int(0) });
}

/**
 *     hidden ─┬─ norm ─ attention ─ Add ─┬─ norm ─ linear ─ GELU ─ linear ─ (Add ─ hidden)
 *             └──────────────────────────┘└─────────────────────────────────┘
 *
 * @returns what adds up to the next `hidden`
 */
function transformerLayer(context: Context, l: number, layer: Layer, hidden: string, present: string[]): Addends {
  const { graph, config, weights } = context;
  const name = `layer.${l}`;
  const inputNorm = norm(context, `${name}.input_norm`, layer.inputNorm, hidden);
  let attended = attention(context, l, layer.qkv, inputNorm, present);
  let residual = hidden;
  const isLast = l === config.numLayers - 1;
  if (isLast) {
    // What follows needs no other position, so only those with logits are carried on: [B, S, H] → [B, K, H].
    attended = graph.op('Gather', `${name}.attended_at`, [attended, 'logit_positions'], { axis: int(1) });
    residual = graph.op('Gather', `${name}.hidden_at`, [residual, 'logit_positions'], { axis: int(1) });
  }
  const attentionOut = weights.linear(graph, `${name}.attention_out`, attended, layer.attentionOut);
  const middle = graph.op('Add', `${name}.middle`, [residual, attentionOut]);
  const mlpNorm = norm(context, `${name}.mlp_norm`, layer.mlpNorm, middle);
  const gelu = graph.op('FastGelu', `${name}.gelu`, weights.parts(graph, `${name}.mlp_in`, mlpNorm, layer.mlpIn));
  if (isLast) return [middle, ...weights.parts(graph, `${name}.mlp_out`, gelu, layer.mlpOut)];
  return [middle, weights.linear(graph, `${name}.mlp_out`, gelu, layer.mlpOut)];
}

/**
 *     x ─ linear ─ Reshape [B,S,3,N,D] ─ Transpose [3,B,N,S,D] ─ Split ─ q, k, v      each [1,B,N,S,D]
 *
 *     q·pastKeyᵀ [1,B,N,S,C] ─┐                                      past: cacheFormat.ts
 *     q·kᵀ       [1,B,N,S,S] ─ Concat ─ Add mask ─ Softmax ─ Split ─┬─ ·pastValue ─┐
 *                                                                   └─ ·v ─────── Add ─ Transpose ─ Reshape [B,S,H]
 */
function attention(context: Context, l: number, qkv: Linear, x: string, present: string[]): string {
  const { graph, config, weights, cache, pastAndNew } = context;
  const { hiddenSize, numHeads, headSize } = config;
  const name = `layer.${l}.attention`;
  const scale = (stream: Linear['weight']) => scaleFirstColumns(stream, hiddenSize, 1 / Math.sqrt(headSize));
  const packed = weights.linear(graph, `${name}.qkv`, x, { weight: scale(qkv.weight), bias: scale(qkv.bias) });
  const heads = graph.op('Reshape', `${name}.heads`, [packed, graph.int64s(0, 0, 3, numHeads, headSize)]);
  const byHead = graph.op('Transpose', `${name}.by_head`, [heads], { perm: ints(2, 0, 3, 1, 4) });
  const [query, key, value] = [`${name}.query`, `${name}.key`, `${name}.value`] as const;
  graph.ops('Split', [query, key, value], [byHead], { axis: int(0) });
  present.push(key, value);

  const scores = [
    cache.scores(graph, `${name}.past_scores`, l, query),
    graph.op('FusedMatMul', `${name}.new_scores`, [query, key], { transB: int(1) }),
  ];
  const all = graph.op('Concat', `${name}.scores`, scores, { axis: int(-1) });
  const probs = graph.op('Softmax', `${name}.probs`, [graph.op('Add', `${name}.masked`, [all, 'mask'])]);
  const [pastProbs, newProbs] = [`${name}.past_probs`, `${name}.new_probs`] as const;
  graph.ops('Split', [pastProbs, newProbs], [probs, pastAndNew], { axis: int(-1) });

  const mixed = graph.op('Add', `${name}.mixed`, [
    cache.mixed(graph, `${name}.past_mixed`, l, pastProbs, config),
    graph.op('MatMul', `${name}.new_mixed`, [newProbs, value]),
  ]);
  const byToken = graph.op('Transpose', `${name}.by_token`, [mixed], { perm: ints(1, 3, 0, 2, 4) });
  return graph.op('Reshape', `${name}.out`, [byToken, graph.int64s(0, 0, hiddenSize)]);
}

function norm({ graph, config }: Context, output: string, { weight, bias }: Norm, x: string): string {
  const inputs = [x, float32Initializer(graph, weight), float32Initializer(graph, bias)];
  return graph.op('LayerNormalization', output, inputs, { epsilon: float(config.layerNormEpsilon) });
}

function normOfSum(
  { graph, config }: Context,
  output: string,
  { weight, bias }: Norm,
  [a, b, ...biases]: Addends,
): string {
  const inputs = [a, b, float32Initializer(graph, weight), float32Initializer(graph, bias), ...biases];
  return graph.op('SkipLayerNormalization', output, inputs, { epsilon: float(config.layerNormEpsilon) });
}

/** key and value of each layer [1,B,N,S,D] ─ Concat [2L,B,N,S,D] ─ Reshape [L,2,B,N,S,D] */
function joinPresent({ graph, config }: Context, present: readonly string[]): void {
  const { numLayers, numHeads, headSize } = config;
  const rows = graph.op('Concat', 'present_rows', present, { axis: int(0) });
  const batch = graph.op('Shape', 'batch', ['input_ids'], { start: int(0), end: int(1) });
  const sizes = [graph.int64s(numLayers, 2), batch, graph.int64s(numHeads), 'new_tokens', graph.int64s(headSize)];
  graph.op('Reshape', 'present', [rows, graph.op('Concat', 'present_shape', sizes, { axis: int(0) })]);
}
