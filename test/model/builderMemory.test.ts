/** Peak memory of a build: tensors are never whole in memory, so it does not grow with the model. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { configOf, headerBytes, TemporaryFolder, tokenizerBytes } from '../unit/builder/tinyCheckpoint';

const megabyte = 2 ** 20;
const sizes = { vocabSize: 150_000, numPositions: 64, hiddenSize: 512, numLayers: 1, numHeads: 8 };
const largestTensor = sizes.vocabSize * sizes.hiddenSize * 4; // 293 MB

describe('building a checkpoint of 300 MB', function () {
  this.timeout(120_000);
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  before(() => {
    const { hiddenSize: h, vocabSize, numPositions } = sizes;
    const shapes: Record<string, number[]> = {
      'wte.weight': [vocabSize, h],
      'wpe.weight': [numPositions, h],
      'ln_f.weight': [h],
      'ln_f.bias': [h],
    };
    for (const norm of ['ln_1', 'ln_2']) for (const part of ['weight', 'bias']) shapes[`h.0.${norm}.${part}`] = [h];
    for (const [linear, inputs, outputs] of [
      ['attn.c_attn', h, 3 * h],
      ['attn.c_proj', h, h],
      ['mlp.c_fc', h, 4 * h],
      ['mlp.c_proj', 4 * h, h],
    ] as const) {
      shapes[`h.0.${linear}.weight`] = [inputs, outputs];
      shapes[`h.0.${linear}.bias`] = [outputs];
    }
    let end = 0;
    const header = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => {
        const bytes = shape.reduce((product, size) => product * size, 4);
        return [name, { dtype: 'F32', shape, data_offsets: [end, (end += bytes)] }];
      }),
    );
    mkdirSync(temporary.join('large'));
    writeFileSync(temporary.join('large', 'config.json'), JSON.stringify(configOf(sizes)));
    writeFileSync(temporary.join('large', 'tokenizer.model'), tokenizerBytes());
    const file = openSync(temporary.join('large', 'model.safetensors'), 'w');
    const start = writeSync(file, headerBytes(header));
    ftruncateSync(file, start + end); // zeros that take no room on the disk
    closeSync(file);
    // Asks the child itself: the figure is its peak, however short.
    writeFileSync(
      temporary.join('peak.cjs'),
      `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(temporary.join('peak'))},
        String(process.resourceUsage().maxRSS)));`,
    );
  });

  for (const quantization of ['none', 'int8'])
    it(`takes less than 200 MB at ${quantization}, whatever the largest tensor takes`, () => {
      const to = temporary.join(quantization);
      const { status, stderr } = spawnSync(
        process.execPath,
        [
          ...['--require', temporary.join('peak.cjs'), join('out', 'cli', 'buildModel.js')],
          ...['--from', temporary.join('large'), '--to', to, '--quantize', quantization],
        ],
        { encoding: 'utf8' },
      );
      assert.equal(status, 0, stderr);
      const peak = Number(readFileSync(temporary.join('peak'), 'utf8')) / 1024; // MB
      const required = (2 * largestTensor) / megabyte + 200;
      assert.ok(peak < 200, `${peak.toFixed(0)} MB (required: ${required.toFixed(0)})`);
    });
});
