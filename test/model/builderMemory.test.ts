/** Peak memory of a build: tensors are never whole in memory, so it does not grow with the model. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TemporaryFolder } from '../unit/builder/tinyCheckpoint';
import { largeCheckpoint, largestTensor } from './builderLargeCheckpoint';

const megabyte = 2 ** 20;

describe('building a checkpoint of 300 MB', () => {
  const temporary = new TemporaryFolder();
  let from: string;
  after(() => temporary.remove());

  before(() => {
    from = largeCheckpoint(temporary);
    // Asks the child itself: the figure is its peak, however short.
    writeFileSync(
      temporary.join('peak.cjs'),
      `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(temporary.join('peak'))},
        String(process.resourceUsage().maxRSS)));`,
    );
  });

  for (const quantization of ['none', 'int8', 'int4'])
    it(`takes less than 200 MB at ${quantization}, whatever the largest tensor takes`, () => {
      const to = temporary.join(quantization);
      const { status, stderr } = spawnSync(
        process.execPath,
        [
          ...['--require', temporary.join('peak.cjs'), join('out', 'cli', 'buildModel.js')],
          ...['--from', from, '--to', to, '--quantize', quantization],
        ],
        { encoding: 'utf8' },
      );
      assert.equal(status, 0, stderr);
      const peak = Number(readFileSync(temporary.join('peak'), 'utf8')) / 1024; // MB
      const required = (2 * largestTensor) / megabyte + 200;
      assert.ok(peak < 200, `${peak.toFixed(0)} MB (required: ${required.toFixed(0)})`);
    });
});
