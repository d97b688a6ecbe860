/** How weights are stored and multiplied: the only part of the graph that depends on the quantisation. */
import type { Linear } from './checkpoint';
import { float32Bytes, type TensorStream } from './tensorStream';
import { int, type OnnxGraph } from './onnx/graph';

export interface WeightFormat {
  /** y = x·W + b over the last axis of `x`. Returns the output's name. */
  linear(graph: OnnxGraph, output: string, x: string, linear: Linear): string;
  /** The same for an operator that adds a bias itself, as its next input: x·W and b, or their sum. */
  parts(graph: OnnxGraph, output: string, x: string, linear: Linear): readonly [string] | readonly [string, string];
  /** The token table, which is also the head; stored once. Of a head of its own the first part is not used. */
  tokenTable(graph: OnnxGraph, tokens: TensorStream): TokenTable;
}

export interface TokenTable {
  /** ids [B, S] → [B, S, hiddenSize] */
  embed(output: string, ids: string): string;
  /** [B, K, hiddenSize] → [B, K, vocabSize] */
  head(output: string, x: string): string;
}

/** A tensor stored as float32 under its name in the checkpoint. */
export function float32Initializer(graph: OnnxGraph, stream: TensorStream, isPacked = false): string {
  const { name, shape } = stream;
  return graph.initializer({ name, type: 'float32', shape, isPacked, bytes: () => float32Bytes(stream) });
}

export const float32Weights: WeightFormat = {
  linear: (graph, output, x, linear) => graph.op('Add', output, float32Weights.parts(graph, output, x, linear)),
  parts: (graph, output, x, { weight, bias }) => [
    graph.op('MatMul', `${output}.product`, [x, float32Initializer(graph, weight, true)]),
    float32Initializer(graph, bias),
  ],
  tokenTable(graph, tokens) {
    const table = float32Initializer(graph, tokens);
    return {
      embed: (output, ids) => graph.op('Gather', output, [table, ids], { axis: int(0) }),
      head: (output, x) => graph.op('FusedMatMul', output, [x, table], { transB: int(1) }),
    };
  },
};
