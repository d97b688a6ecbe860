/** A large model's folder, whose files are too long to be read before each load. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildModel } from '../../../src/builder/buildModel';
import { openModel } from '../../../src/engine/modelFolder';
import { largestHashed } from '../../../src/fileDigest';
import type { Manifest } from '../../../src/manifest';
import { configOf, randomTensors, TemporaryFolder } from '../builder/tinyCheckpoint';

const sizes = { vocabSize: 9_600, numPositions: 16, hiddenSize: 512, numLayers: 1, numHeads: 8 };

describe('a large model folder', function () {
  this.timeout(60_000);
  const temporary = new TemporaryFolder();
  const [model, another] = ['model', 'another'].map((name) => temporary.join(name)) as [string, string];
  const data = (folder: string): string => join(folder, 'model.onnx.data');
  let manifest: Manifest;

  before(async () => {
    const tensors = randomTensors(sizes);
    for (const to of [model, another]) {
      const from = temporary.checkpoint(`${basename(to)}-checkpoint`, tensors, configOf(sizes));
      manifest = await buildModel({ from, to, quantization: 'none' });
      for (const { values } of tensors.values()) values.reverse();
    }
    assert.ok(statSync(data(model)).size > largestHashed);
  });
  after(() => temporary.remove());

  const open = async (folder: string): Promise<void> => (await openModel(folder, 'no dictionary')).network.release();
  const refused = { code: 'model-damaged', message: /^model\.onnx\.data is not the file that the model came with/ };

  it('is told from one with the weights of another model of the same size, and from a copy that broke off', async () => {
    const whole = readFileSync(data(model));
    await open(model);
    copyFileSync(data(another), data(model));
    await assert.rejects(open(model), refused);
    // Room was made for all of it, as some programs do.
    writeFileSync(data(model), whole.subarray(0, whole.length - 100_000));
    truncateSync(data(model), whole.length);
    await assert.rejects(open(model), refused);
    writeFileSync(data(model), whole);
    await open(model);
  });

  it('of an earlier version, which noted no samples, is opened as before', async () => {
    const files = Object.entries(manifest.files).map(([name, { bytes, sha256 }]) => [name, { bytes, sha256 }]);
    const earlier = { ...manifest, files: Object.fromEntries(files) as Manifest['files'] };
    assert.notDeepEqual(earlier, manifest);
    writeFileSync(join(another, 'moxu.json'), JSON.stringify(earlier));
    await open(another);
  });
});
