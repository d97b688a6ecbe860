/**
 * 4-bit weights for MatMulNBits: blocks of up to 128 inputs with one scale each. The operator rounds the activations to
 * 8 bits block by block too, so one outlier spoils its block only. Hidden sizes that 128 does not divide get blocks of
 * 64 (320) or 32, or a padded last block.
 *
 * What it loses on the seed model: 0.9 % (5.513 bits per character instead of 5.463, held-out modern texts, 3.5 MB). On
 * 20 of the texts 0.8 % so, 0.7 % with blocks of 64 (5 % larger), 0.6 % with blocks of 32 (14 %), 0.4 % with the 8-bit
 * token table (29 %). Zero points were not needed to stay under 2 %.
 */
import { blockSizeFor, numBlocks, quantizeColumns, quantizeRows, type BlockQuantized } from './blockQuantize';
import { int, nothingYet, type InBlocks, type OnnxGraph } from './onnx/graph';
import { bytesOf, rowLength, type TensorStream } from './tensorStream';
import { float32Initializer, type WeightFormat } from './weightFormat';

export const int4Weights: WeightFormat = {
  linear(graph, output, x, { weight, bias }) {
    const matrix = quantized(graph, weight.name, rowLength(weight.shape), weight.shape[0] ?? 0, true, (blockSize) =>
      quantizeColumns(weight, blockSize),
    );
    return multiply(graph, output, x, matrix, float32Initializer(graph, bias));
  },

  parts: (graph, output, x, linear) => [int4Weights.linear(graph, output, x, linear)],

  /**
   *     ids ─ GatherBlockQuantized(values, scales) [B, S, blocks, blockSize] ─ Reshape ─ embeddings [B, S, H]
   *     x ─ MatMulNBits(values, scales) ─ logits                              the same values and scales
   */
  tokenTable(graph, tokens) {
    const hiddenSize = rowLength(tokens.shape);
    const matrix = quantized(graph, tokens.name, tokens.shape[0] ?? 0, hiddenSize, false, (blockSize) =>
      quantizeTable(tokens, blockSize),
    );
    return {
      embed(output, ids) {
        const scales = graph.op('Unsqueeze', `${output}.scales`, [matrix.scales, graph.int64s(-1)]);
        const blocks = graph.op('GatherBlockQuantized', `${output}.blocks`, [matrix.values, ids, scales], {
          ...{ bits: int(4), block_size: int(matrix.blockSize), gather_axis: int(0), quantize_axis: int(2) },
        });
        // A padded last block is longer than the row.
        const padded = graph.op('Reshape', `${output}.padded`, [blocks, graph.int64s(0, 0, -1)]);
        const range = [graph.int64s(0), graph.int64s(hiddenSize), graph.int64s(2)];
        return graph.op('Slice', output, [padded, ...range]);
      },
      head: (output, x) => multiply(graph, output, x, matrix),
    };
  },
};

/** A matrix [outputs, inputs] in the graph. */
interface Matrix {
  values: string; // uint8 [outputs, blocks, blockSize / 2]
  scales: string; // [outputs, blocks]
  outputs: number;
  inputs: number;
  blockSize: number;
}

function multiply(graph: OnnxGraph, output: string, x: string, matrix: Matrix, bias?: string): string {
  const { values, scales, inputs, outputs, blockSize } = matrix;
  return graph.op('MatMulNBits', output, [x, values, scales, ...(bias === undefined ? [] : ['', '', bias])], {
    ...{ K: int(inputs), N: int(outputs), bits: int(4), block_size: int(blockSize) },
    accuracy_level: int(4), // activations as int8; with the default, float32, a step takes 18 times as long
  });
}

/** Values and scales are made together: whichever is written first makes both, the other lets go of them. */
function quantized(
  graph: OnnxGraph,
  name: string,
  outputs: number,
  inputs: number,
  isPacked: boolean,
  make: (blockSize: number) => InBlocks<BlockQuantized>,
): Matrix {
  const blockSize = blockSizeFor(inputs);
  const blocks = numBlocks(inputs, blockSize);
  let made: BlockQuantized | undefined;
  const scales = graph.initializer({
    name: `${name}.scales`,
    type: 'float32',
    shape: [outputs, blocks],
    isPacked,
    *bytes() {
      made = yield* make(blockSize);
      yield bytesOf(made.scales);
    },
  });
  const values = graph.initializer({
    name,
    type: 'uint8',
    shape: [outputs, blocks, blockSize / 2],
    isPacked,
    *bytes() {
      const { values: bytes } = made ?? (yield* make(blockSize));
      made = undefined;
      yield bytes;
    },
  });
  return { values, scales, outputs, inputs, blockSize };
}

function* quantizeTable(tokens: TensorStream, blockSize: number): InBlocks<BlockQuantized> {
  const inputs = rowLength(tokens.shape);
  const numScales = (tokens.shape[0] ?? 0) * numBlocks(inputs, blockSize);
  const table = { values: new Uint8Array((numScales * blockSize) / 2), scales: new Float32Array(numScales) };
  let done = 0;
  for (const block of tokens.blocks()) {
    const { values, scales } = quantizeRows(block, inputs, blockSize);
    table.values.set(values, (done * blockSize) / 2);
    table.scales.set(scales, done);
    done += scales.length;
    yield nothingYet;
  }
  return table;
}
