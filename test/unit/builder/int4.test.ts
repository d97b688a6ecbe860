/** 4-bit rounding by itself, and the graph with it against float64 on the rounded weights. */
import assert from 'node:assert/strict';
import { blockSizeFor, numBlocks, quantizeColumns, quantizeRows } from '../../../src/builder/blockQuantize';
import { buildModel } from '../../../src/builder/buildModel';
import { GraphSession } from './graphSession';
import { referenceLogits } from './referenceGpt2';
import {
  configOf,
  randomTensors,
  randomValues,
  TemporaryFolder,
  tiny,
  type Sizes,
  type TensorData,
} from './tinyCheckpoint';

/** [rows, inputs], by the layout's definition. */
function restore({ values, scales }: ReturnType<typeof quantizeRows>, inputs: number, blockSize: number): Float32Array {
  const blocks = numBlocks(inputs, blockSize);
  const rows = scales.length / blocks;
  return Float32Array.from({ length: rows * inputs }, (_, index) => {
    const [row, input] = [Math.floor(index / inputs), index % inputs];
    const place = row * blocks * blockSize + input;
    const byte = values[place >> 1] as number;
    const quantized = place % 2 ? byte >> 4 : byte & 15;
    return (scales[row * blocks + Math.floor(input / blockSize)] as number) * (quantized - 8);
  });
}

/** [rows, columns] → [columns, rows] */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] as number);
}

function resultOf<Result>(work: Generator<unknown, Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

const squares = (values: Float32Array) => values.reduce((sum, value) => sum + value ** 2, 0);

describe('4-bit blocks', () => {
  const random = randomValues(7);
  const rows = Float32Array.from({ length: 5 * 80 }, () => random() ** 3); // most values small, some large

  it('lose little: 2 % of the square of such values in blocks of 32', () => {
    const error = restore(quantizeRows(rows, 80, 32), 80, 32).map((value, i) => value - (rows[i] as number));
    assert.ok(squares(error) < 0.02 * squares(rows), `${squares(error) / squares(rows)}`);
  });

  it('keep the value of largest magnitude', () => {
    const restored = restore(quantizeRows(rows, 80, 32), 80, 32);
    for (let begin = 0; begin < rows.length; begin += 80) {
      const extreme = rows.subarray(begin, begin + 32).reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
      assert.ok(restored.subarray(begin, begin + 32).some((value) => Math.abs(value - extreme) < 1e-6));
    }
  });

  it('keep values that fit, zeros too, exactly', () => {
    const exact = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? ((i % 16) - 8) * 0.25 : 0));
    assert.deepEqual(restore(quantizeRows(exact, 64, 32), 64, 32), exact);
  });

  it('of columns are those of the transposed rows, padded last block included', () => {
    const [inputs, outputs] = [80, 5];
    const stream = { name: 'x', shape: [inputs, outputs], blocks: () => [transposed(rows, outputs, inputs)] };
    for (const blockSize of [32, 64, 128]) {
      const { values, scales } = resultOf(quantizeColumns(stream, blockSize));
      const expected = quantizeRows(rows, inputs, blockSize);
      assert.deepEqual([values, scales], [expected.values, expected.scales]);
    }
  });

  it('are as large as divides the inputs', () => {
    assert.deepEqual(
      [768, 320, 256, 96, 72].map((inputs) => blockSizeFor(inputs)),
      [128, 64, 128, 32, 32],
    );
  });
});

describe('built graph, int4', () => {
  const tokenIds = [4, 17, 98, 0, 55, 55, 23, 71, 100, 3, 64, 9, 42, 88];
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  /** The checkpoint as the builder rounds it. */
  function rounded(tensors: Map<string, TensorData>): Map<string, TensorData> {
    return new Map(
      [...tensors].map(([name, { shape, values }]) => {
        const [first = 1, second = 1] = shape;
        if (shape.length !== 2 || name === 'wpe.weight') return [name, { shape, values }];
        if (name === 'wte.weight' || name === 'lm_head.weight') {
          const size = blockSizeFor(second);
          return [name, { shape, values: restore(quantizeRows(values, second, size), second, size) }];
        }
        const size = blockSizeFor(first);
        const columns = restore(resultOf(quantizeColumns({ name, shape, blocks: () => [values] }, size)), first, size);
        return [name, { shape, values: transposed(columns, second, first) }];
      }),
    );
  }

  // 72: padded blocks of 32; 64: whole ones; 256 inner values: blocks of 128.
  for (const [hiddenSize, hasHead] of [
    [72, false],
    [64, false],
    [72, true],
  ] as const)
    it(`is float64 on the rounded weights but for the rounding of activations, ${hiddenSize} wide${hasHead ? ', a head of its own' : ''}`, async () => {
      const sizes: Sizes = { ...tiny, hiddenSize };
      const tensors = randomTensors(sizes, 1, hasHead);
      const from = temporary.checkpoint(`checkpoint-${hiddenSize}-${hasHead}`, tensors, configOf(sizes));
      const to = temporary.join(`model-${hiddenSize}-${hasHead}`);
      await buildModel({ from, to, quantization: 'int4' });
      const session = await GraphSession.open(to);
      // Scaling the query weights happens before they are rounded, and changes the scales only.
      const exact = referenceLogits(rounded(tensors), sizes, tokenIds).flat();
      const logits = await session.forward([tokenIds]);
      session.clear();
      const single: number[] = [];
      for (const id of tokenIds) single.push(...(await session.forward([[id]])));
      for (const found of [logits, Float32Array.from(single)]) {
        const error = found.map((value, i) => value - (exact[i] as number));
        const relative = Math.sqrt(squares(error) / squares(Float32Array.from(exact)));
        assert.ok(relative < 0.03, `${relative}`);
      }
    });
});
