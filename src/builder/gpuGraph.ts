/**
 * The GPT-2 graph for a GPU, made from a model folder's CPU graph when it is loaded: small, kept in memory, and reading
 * its weights from the folder's own data file, so that a folder works on every machine and nothing is written to it.
 *
 * There are two, because only some bindings can leave a tensor on the device (batch 1; S new tokens, K logit positions):
 *
 * 'kept', where keys and values stay there. GroupQueryAttention appends the new rows by itself:
 *
 *     input_ids, position_ids            int32 [1, S]
 *     seqlens_k                          int32 [1]        tokens in all, minus one
 *     total_sequence_length              int32 []         tokens in all, P or more
 *     logit_positions                    int32 [K]
 *     past_key_values.<l>.{key,value}    T [1, numHeads, P, headSize]
 *   → logits                             f32 [1, K, vocabSize]
 *     present.<l>.{key,value}            T [1, numHeads, max(P, total), headSize]
 *
 * 'fed', where they are fed at each run, with the inputs and outputs of the CPU's graph and a float32 cache
 * (`../manifest.ts`), but with operators that every provider has.
 */
import type { Manifest } from '../manifest';
import { GpuWeights, unknownGraph, type GpuWeightOptions } from './gpuWeights';
import { float, int, ints, OnnxGraph } from './onnx/graph';
import { dataType, encodeModel, type Attribute } from './onnx/proto';
import { readModel, type StoredModel } from './onnx/readModel';

export interface GpuGraphOptions extends GpuWeightOptions {
  cache: 'kept' | 'fed';
}

type Sizes = Pick<Manifest, 'numLayers' | 'numHeads' | 'headSize' | 'hiddenSize' | 'vocabSize'>;

interface Context {
  graph: OnnxGraph;
  sizes: Sizes;
  options: GpuGraphOptions;
  weights: GpuWeights;
  epsilon: Attribute;
  activation: string;
}

/**
 * @param cpuGraph the bytes of the folder's model.onnx
 * @returns a model whose external data is that of `cpuGraph`
 * @throws EngineError 'model-invalid' saying what is missing
 */
export function gpuGraph(cpuGraph: Uint8Array, sizes: Sizes, options: GpuGraphOptions): Uint8Array {
  const model = readModel(cpuGraph);
  const graph = new OnnxGraph();
  const weights = new GpuWeights(graph, model, options);
  const context: Context = { graph, sizes, options, weights, ...architecture(model) };
  const { numLayers, hiddenSize, vocabSize } = sizes;

  const index = options.cache === 'kept' ? 'int32' : 'int64';
  graph.input('input_ids', index, ['batch', 'new_tokens']);
  graph.input('position_ids', index, ['batch', 'new_tokens']);
  graph.input('logit_positions', index, ['num_logits']);
  let hidden = graph.op('Add', 'embeddings', [
    weights.embed('token_embeddings', 'input_ids', 'wte.weight', hiddenSize),
    graph.op('Gather', 'position_embeddings', [weights.float('wpe.weight'), 'position_ids'], { axis: int(0) }),
  ]);
  const attention = options.cache === 'kept' ? keptAttention(context) : fedAttention(context);
  for (let l = 0; l < numLayers; l++) hidden = transformerLayer(context, attention, l, hidden);
  attention.finish();

  const rows = graph.op('Reshape', 'final_rows', [
    norm(context, 'final_norm', 'ln_f', hidden),
    flat(graph, hiddenSize),
  ]);
  const head = model.initializers.some(({ name }) => name === 'lm_head.weight') ? 'lm_head.weight' : 'wte.weight';
  const logits = graph.op('Cast', 'logit_rows', [weights.head('head', rows, head)], {
    to: int(dataType.float32),
  });
  graph.op('Reshape', 'logits', [logits, graph.int64s(1, -1, vocabSize)]);
  graph.output('logits', 'float32', ['batch', 'num_logits', vocabSize]);
  return encode(graph);
}

/** What the folder's manifest does not say. */
function architecture({ nodes }: StoredModel): Pick<Context, 'epsilon' | 'activation'> {
  const epsilon = nodes.find(({ opType }) => opType === 'LayerNormalization')?.attributes['epsilon'];
  if (!epsilon) throw unknownGraph('it has no LayerNormalization');
  const activation = nodes.find(({ opType }) => opType === 'FastGelu' || opType === 'Gelu')?.opType;
  if (!activation) throw unknownGraph('it has no activation that is known here');
  return { epsilon, activation };
}

interface Attention {
  /** x [1, S, hiddenSize] → [1, S, hiddenSize] */
  layer(l: number, x: string): string;
  /** Called when all layers are there. */
  finish(): void;
}

/** As in the CPU's graph (gpt2Graph.ts). */
function transformerLayer(context: Context, attention: Attention, l: number, hidden: string): string {
  const { graph, sizes, weights, activation } = context;
  const name = `layer.${l}`;
  let attended = attention.layer(l, norm(context, `${name}.input_norm`, `h.${l}.ln_1`, hidden));
  let residual = hidden;
  if (l === sizes.numLayers - 1) {
    attended = graph.op('Gather', `${name}.attended_at`, [attended, 'logit_positions'], { axis: int(1) });
    residual = graph.op('Gather', `${name}.hidden_at`, [residual, 'logit_positions'], { axis: int(1) });
  }
  const attentionOut = weights.linear(`${name}.attention_out`, attended, `h.${l}.attn.c_proj`);
  const middle = graph.op('Add', `${name}.middle`, [residual, attentionOut]);
  const inner = weights.linear(
    `${name}.mlp_in`,
    norm(context, `${name}.mlp_norm`, `h.${l}.ln_2`, middle),
    `h.${l}.mlp.c_fc`,
  );
  const mlpOut = weights.linear(`${name}.mlp_out`, graph.op(activation, `${name}.gelu`, [inner]), `h.${l}.mlp.c_proj`);
  return graph.op('Add', `${name}.hidden`, [middle, mlpOut]);
}

/** The stored query weights hold the scale 1/√headSize already, hence the operator's scale of 1. */
function keptAttention({ graph, sizes, options, weights }: Context): Attention {
  const { numHeads, headSize } = sizes;
  graph.input('seqlens_k', 'int32', ['batch']);
  graph.input('total_sequence_length', 'int32', []);
  return {
    layer(l, x) {
      const name = `layer.${l}.attention`;
      const qkv = weights.linear(`${name}.qkv`, x, `h.${l}.attn.c_attn`);
      const [past, present] = (['past_key_values', 'present'] as const).map((prefix) =>
        ['key', 'value'].map((kind) => `${prefix}.${l}.${kind}`),
      ) as [string[], string[]];
      for (const input of past) graph.input(input, options.float, ['batch', numHeads, 'past_tokens', headSize]);
      const inputs = [qkv, '', '', ...past, 'seqlens_k', 'total_sequence_length'];
      graph.ops('GroupQueryAttention', [name, ...present], inputs, {
        ...{ num_heads: int(numHeads), kv_num_heads: int(numHeads), scale: float(1), do_rotary: int(0) },
      });
      for (const output of present) graph.output(output, options.float, ['batch', numHeads, 'all_tokens', headSize]);
      return name;
    },
    finish: () => undefined,
  };
}

/**
 *     x ─ linear ─ Reshape [1,S,3,N,D] ─ Transpose [3,1,N,S,D] ─ Split ─ q, k, v      each [1,1,N,S,D]
 *     Concat(past, new) of keys and values ─ q·kᵀ ─ Add mask ─ Softmax ─ ·v ─ Transpose ─ Reshape [1,S,H]
 */
function fedAttention({ graph, sizes, options, weights }: Context): Attention {
  const { numLayers, numHeads, headSize, hiddenSize } = sizes;
  graph.input('mask', 'float32', ['new_tokens', 'capacity_and_new_tokens']);
  const asFloat = (output: string, x: string): string =>
    options.float === 'float32' ? x : graph.op('Cast', output, [x], { to: int(dataType[options.float]) });
  // Not beyond what float16 holds: a softmax may turn −∞ into something that is no number.
  const limited =
    options.float === 'float32' ? 'mask' : graph.op('Max', 'limited', ['mask', graph.float32('low', -6e4)]);
  const mask = asFloat('mask_in_type', limited);
  const present: string[] = [];
  return {
    layer(l, x) {
      const name = `layer.${l}.attention`;
      const packed = weights.linear(`${name}.qkv`, x, `h.${l}.attn.c_attn`);
      const heads = graph.op('Reshape', `${name}.heads`, [packed, graph.int64s(0, -1, 3, numHeads, headSize)]);
      const byHead = graph.op('Transpose', `${name}.by_head`, [heads], { perm: ints(2, 0, 3, 1, 4) });
      const [query, key, value] = [`${name}.query`, `${name}.key`, `${name}.value`] as const;
      graph.ops('Split', [query, key, value], [byHead], { axis: int(0) });
      present.push(key, value);
      const withPast = (kind: 'key' | 'value', fresh: string): string => {
        const input = `past_key_values.${l}.${kind}`;
        graph.input(input, 'float32', ['batch', numHeads, 'capacity', headSize]);
        const past = graph.op('Unsqueeze', `${name}.past_${kind}`, [
          asFloat(`${name}.fed_${kind}`, input),
          graph.int64s(0),
        ]);
        return graph.op('Concat', `${name}.all_${kind}s`, [past, fresh], { axis: int(3) });
      };
      const keys = graph.op('Transpose', `${name}.columns`, [withPast('key', key)], { perm: ints(0, 1, 2, 4, 3) });
      const scores = graph.op('Add', `${name}.masked`, [graph.op('MatMul', `${name}.scores`, [query, keys]), mask]);
      const probs = graph.op('Softmax', `${name}.probs`, [scores], { axis: int(-1) });
      const mixed = graph.op('MatMul', `${name}.mixed`, [probs, withPast('value', value)]);
      const byToken = graph.op('Transpose', `${name}.by_token`, [mixed], { perm: ints(1, 3, 0, 2, 4) });
      return graph.op('Reshape', name, [byToken, graph.int64s(1, -1, hiddenSize)]);
    },
    finish() {
      const rows = graph.op('Concat', 'present_rows', present, { axis: int(0) });
      const shape = graph.int64s(numLayers, 2, 1, numHeads, -1, headSize);
      const shaped = graph.op('Reshape', 'present_in_type', [rows, shape]);
      graph.op('Cast', 'present', [shaped], { to: int(dataType.float32) });
      graph.output('present', 'float32', [numLayers, 2, 'batch', numHeads, 'new_tokens', headSize]);
    },
  };
}

function norm({ graph, weights, epsilon }: Context, output: string, name: string, x: string): string {
  const inputs = [x, weights.float(`${name}.weight`), weights.float(`${name}.bias`)];
  return graph.op('LayerNormalization', output, inputs, { epsilon, axis: int(-1) });
}

const flat = (graph: OnnxGraph, width: number): string => graph.int64s(-1, width);

function encode({ nodes, inputs, outputs, constants }: OnnxGraph): Uint8Array {
  const opsets = { '': 17, 'com.microsoft': 1 };
  return encodeModel({ producer: 'moxu', graphName: 'gpt2', nodes, inputs, outputs, initializers: constants, opsets });
}
