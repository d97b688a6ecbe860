/**
 * A GPT-2 graph as Hugging Face's exporter (optimum) lays it out and transformers.js expects it: the whole cache in and,
 * one row longer, out again. `num_logits_to_keep` is what newer exports have: without it a prompt's every position would
 * get logits. What ONNX Runtime would make of the exporter's many small nodes (LayerNormalization, FastGelu) is written
 * as such.
 *
 *     past [B,N,P,D] ─ Concat ─ present [B,N,P+S,D]
 *     q·presentKeyᵀ ─ ·1/√D ─ Where(key position ≤ query position and attended) ─ Softmax ─ ·presentValue
 */
import type { Linear, Norm } from '../../../src/builder/checkpoint';
import { float, int, ints, OnnxGraph } from '../../../src/builder/onnx/graph';
import type { Recognition } from '../../../src/builder/recognise';
import { float32Initializer, float32Weights } from '../../../src/builder/weightFormat';

export function exportedGraph({ checkpoint: { config }, tensors }: Recognition): OnnxGraph {
  const { numHeads, headSize, hiddenSize, vocabSize, layerNormEpsilon } = config;
  const graph = new OnnxGraph();
  const linear = (output: string, x: string, weights: Linear) => float32Weights.linear(graph, output, x, weights);
  const norm = (output: string, { weight, bias }: Norm, x: string) =>
    graph.op('LayerNormalization', output, [x, float32Initializer(graph, weight), float32Initializer(graph, bias)], {
      epsilon: float(layerNormEpsilon),
    });
  const ids = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  const attended = graph.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length']);
  const positions = graph.input('position_ids', 'int64', ['batch_size', 'sequence_length']);
  const numKept = graph.input('num_logits_to_keep', 'int64', []);
  const allowed = mask(graph, attended, positions);
  const scale = graph.float32('scale', 1 / Math.sqrt(headSize));
  const barred = graph.float32('barred', -3.4e38);
  const table = float32Weights.tokenTable(graph, tensors.tokens);
  let hidden = graph.op('Add', 'embeddings', [
    table.embed('token_embeddings', ids),
    graph.op('Gather', 'position_embeddings', [float32Initializer(graph, tensors.positions), positions]),
  ]);
  const split = graph.int64s(hiddenSize, hiddenSize, hiddenSize);
  const cacheSize = ['batch_size', numHeads, 'past_sequence_length', headSize];
  const presentSize = ['batch_size', numHeads, 'past_sequence_length + sequence_length', headSize];

  tensors.layers.forEach((layer, l) => {
    const name = `layer.${l}`;
    const packed = linear(`${name}.qkv`, norm(`${name}.norm`, layer.inputNorm, hidden), layer.qkv);
    const parts = ['query', 'key', 'value'].map((part) => `${name}.${part}_flat`);
    graph.ops('Split', parts, [packed, split], { axis: int(-1) });
    const [query = '', key = '', value = ''] = parts.map((part) =>
      graph.op(
        'Transpose',
        `${part}.heads`,
        [graph.op('Reshape', `${part}.split`, [part, graph.int64s(0, 0, numHeads, headSize)])],
        {
          perm: ints(0, 2, 1, 3),
        },
      ),
    );
    const grown = (kind: 'key' | 'value', fresh: string): string => {
      const past = graph.input(`past_key_values.${l}.${kind}`, 'float32', cacheSize);
      graph.output(`present.${l}.${kind}`, 'float32', presentSize);
      return graph.op('Concat', `present.${l}.${kind}`, [past, fresh], { axis: int(2) });
    };
    const keys = graph.op('Transpose', `${name}.keys`, [grown('key', key)], { perm: ints(0, 1, 3, 2) });
    const scores = graph.op('Mul', `${name}.scores`, [graph.op('MatMul', `${name}.products`, [query, keys]), scale]);
    const seen = graph.op('Where', `${name}.seen`, [allowed, scores, barred]);
    const probs = graph.op('Softmax', `${name}.probs`, [seen], { axis: int(-1) });
    const mixed = graph.op('MatMul', `${name}.mixed`, [probs, grown('value', value)]);
    const byToken = graph.op('Transpose', `${name}.by_token`, [mixed], { perm: ints(0, 2, 1, 3) });
    const joined = graph.op('Reshape', `${name}.joined`, [byToken, graph.int64s(0, 0, hiddenSize)]);
    const middle = graph.op('Add', `${name}.middle`, [hidden, linear(`${name}.out`, joined, layer.attentionOut)]);
    const inner = linear(`${name}.mlp_in`, norm(`${name}.mlp_norm`, layer.mlpNorm, middle), layer.mlpIn);
    const outer = linear(`${name}.mlp_out`, graph.op('FastGelu', `${name}.gelu`, [inner]), layer.mlpOut);
    hidden = graph.op('Add', `${name}.hidden`, [middle, outer]);
  });

  const from = graph.op('Unsqueeze', 'kept_from', [graph.op('Neg', 'minus_kept', [numKept]), graph.int64s(0)]);
  const kept = graph.op('Slice', 'kept', [hidden, from, graph.int64s(2 ** 31), graph.int64s(1)]);
  table.head('logits', norm('final_norm', tensors.finalNorm, kept));
  graph.output('logits', 'float32', ['batch_size', 'num_logits', vocabSize]);
  return graph;
}

/** @returns bool [B, 1, S, P + S]: whether a token sees a row of the cache */
function mask(graph: OnnxGraph, attended: string, positions: string): string {
  const total = graph.op('Squeeze', 'total', [
    graph.op('Shape', 'total_shape', [attended], { start: int(1), end: int(2) }),
  ]);
  const rows = graph.op('Range', 'rows', [graph.int64(0), total, graph.int64(1)]);
  const asColumn = graph.op('Unsqueeze', 'query_positions', [positions, graph.int64s(1, 3)]);
  const notLater = graph.op('LessOrEqual', 'not_later', [rows, asColumn]);
  const real = graph.op('Unsqueeze', 'real', [
    graph.op('Cast', 'attended', [attended], { to: int(9) }), // bool
    graph.int64s(1, 2),
  ]);
  return graph.op('And', 'allowed', [notLater, real]);
}
