/** The whole command against what transformers said of a checkpoint (test/fixtures/checkpoints/make.py). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildModel } from '../../../src/builder/buildModel';
import type { Quantization } from '../../../src/manifest';
import { skip } from '../../host/skip';
import { configOf, randomTensors, TemporaryFolder, tokenizerBytes } from '../builder/tinyCheckpoint';

const fixtures = join('test', 'fixtures', 'checkpoints');
const from = join(fixtures, 'bin');

describe('npm run verify:model', function () {
  this.timeout(60_000);
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  /** In place of Python with torch and transformers: says what they said, when it is asked what they were asked. */
  const recorded = temporary.join('python.cjs');
  before(() => {
    writeFileSync(
      recorded,
      `#!${process.execPath}
const { asked, said } = JSON.parse(require('fs').readFileSync(${JSON.stringify(resolve(fixtures, 'verify.json'))}, 'utf8'));
const input = require('fs').readFileSync(0, 'utf8');
if (input !== JSON.stringify(asked)) throw new Error(input);
process.stdout.write(JSON.stringify(said));`,
    );
    chmodSync(recorded, 0o755);
  });

  async function built(name: string, quantization: Quantization, checkpoint = from): Promise<string> {
    const folder = temporary.join(`${name}-from`);
    cpSync(checkpoint, folder, { recursive: true });
    writeFileSync(join(folder, 'tokenizer.model'), tokenizerBytes());
    const to = temporary.join(name);
    await buildModel({ from: folder, to, quantization });
    return to;
  }

  function verify(model: string, python: string): { status: number | null; stdout: string; stderr: string } {
    const command = [join('out', 'cli', 'verifyModel.js'), '--from', from, '--model', model, '--python', python];
    return spawnSync(process.execPath, command, { encoding: 'utf8' });
  }

  it('says how it is used, as the other commands do', () => {
    const command = [join('out', 'cli', 'verifyModel.js'), '--help'];
    const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^Usage: npm run verify:model -- --from DIR --model DIR/);
  });

  it('says that a model is the checkpoint: logits, most probable tokens, the whole greedy text', async () => {
    const { status, stdout, stderr } = verify(await built('exact', 'none'), recorded);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^transformers 5\.\d+.*; quantisation none\n/);
    const difference = Number(/largest difference (\S+)/.exec(stdout)?.[1]);
    assert.ok(difference > 0 && difference < 1e-4, stdout);
    assert.match(stdout, /the same at 32 of 32 positions\ngreedy text: the same for all 176 tokens/);
  });

  it('says how far a rounded one is from it', async () => {
    const { status, stdout, stderr } = verify(await built('rounded', 'int8'), recorded);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /quantisation int8\nlogits: largest difference \d/);
  });

  it('knows another model of the same sizes', async () => {
    const sizes = { vocabSize: 32, numPositions: 208, hiddenSize: 8, numLayers: 2, numHeads: 4 };
    const other = temporary.checkpoint('other-checkpoint', randomTensors(sizes), configOf(sizes));
    const { status, stderr } = verify(await built('other', 'none', other), recorded);
    assert.deepEqual([status, stderr.trim()], [1, 'The model is not the checkpoint: build it again.']);
  });

  it('says what to install where Python, or a package of it, is missing', async function () {
    const model = await built('unverified', 'none');
    assert.match(verify(model, temporary.join('no-python')).stderr, /cannot be run: install Python 3, or name it/);
    const { status, stderr } = spawnSync('python3', ['-c', 'import torch, transformers'], { encoding: 'utf8' });
    if (status === null) skip(this, 'no python3 on this machine');
    if (!stderr.includes('ModuleNotFoundError')) skip(this, 'python3 has torch and transformers');
    assert.match(
      verify(model, 'python3').stderr,
      /^python3 lacks a package: python3 -m pip install torch transformers/,
    );
  });
});
