import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { OnnxGraph } from '../../../src/builder/onnx/graph';
import { readModel } from '../../../src/builder/onnx/readModel';
import { writeModel } from '../../../src/builder/onnx/writeModel';
import { TemporaryFolder } from './tinyCheckpoint';

it('a tensor in the graph itself is all of its blocks, each of which is valid until the next is made', async () => {
  const temporary = new TemporaryFolder();
  const graph = new OnnxGraph();
  graph.initializer({
    ...{ name: 'table', type: 'uint8', shape: [4] },
    *bytes() {
      const block = new Uint8Array(2);
      for (const value of [1, 2]) yield block.fill(value);
    },
  });
  await writeModel(graph, temporary.path);
  const [table] = readModel(readFileSync(temporary.join('model.onnx'))).initializers;
  assert.ok(table?.data instanceof Uint8Array);
  assert.deepEqual(Array.from(table.data), [1, 1, 2, 2]);
  temporary.remove();
});
