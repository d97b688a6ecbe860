/** What stays mapped while a model is in use: who shortens that file would end the process. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel } from '../../../src/builder/buildModel';
import { readModel } from '../../../src/builder/onnx/readModel';
import { configOf, randomTensors, TemporaryFolder } from './tinyCheckpoint';

/** Wide enough that a bias, and scales, are larger than what is stored in the graph anyway. */
const wide = { vocabSize: 101, numPositions: 40, hiddenSize: 1040, numLayers: 1, numHeads: 2 };

/** Inputs that ONNX Runtime 1.30 copies when it loads a graph, laid out as it multiplies them (seen: see RESULTS.md). */
const copied = new Set(['MatMul 1', 'FusedMatMul 1', 'DynamicQuantizeMatMul 1', 'MatMulNBits 1', 'MatMulNBits 2']);

describe('weights that stay mapped', () => {
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  it('are read while a model loads, and never in a run', async () => {
    const from = temporary.checkpoint('checkpoint', randomTensors(wide), configOf(wide));
    for (const quantization of ['none', 'int8', 'int4'] as const) {
      const to = temporary.join(quantization);
      await buildModel({ from, to, quantization });
      const { nodes, initializers } = readModel(readFileSync(join(to, 'model.onnx')));
      const mapped = initializers.filter(({ data }) => !(data instanceof Uint8Array)).map(({ name }) => name);
      // All matrices of the layer, and what is not one of them would be in the graph.
      assert.ok(mapped.includes('h.0.mlp.c_fc.weight'), quantization);
      for (const name of mapped)
        for (const { opType, inputs } of nodes)
          inputs.forEach((input, i) => {
            if (input === name)
              assert.ok(copied.has(`${opType} ${i}`), `${quantization}: ${name} is read by ${opType}`);
          });
    }
  });
});
