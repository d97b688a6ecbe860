/** The whole command against what transformers said of a checkpoint (test/fixtures/checkpoints/make.py). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildModel } from '../../../src/builder/buildModel';
import { openCheckpoint } from '../../../src/builder/openCheckpoint';
import type { Quantization } from '../../../src/manifest';
import { skip } from '../../host/skip';
import {
  configOf,
  randomTensors,
  safetensorsBytes,
  TemporaryFolder,
  tokenizerBytes,
  type TensorData,
} from '../builder/tinyCheckpoint';

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
    assert.match(
      stdout,
      /quantisation int8\nweights: all 28 tensors are the checkpoint’s.*\nlogits: correlation 0\.99\d+, largest difference \d/,
    );
  });

  /** The checkpoint with something wrong in it, as a faulty conversion would have left it. */
  function spoilt(name: string, spoil: (tensors: Map<string, TensorData>) => void): string {
    const checkpoint = openCheckpoint(from);
    const tensors = new Map<string, TensorData>();
    for (const [tensor, { shape }] of checkpoint.tensors) {
      if (!/\.(?:weight|bias)$/.test(tensor) || tensor.endsWith('.attn.bias') || tensor.startsWith('lm_head')) continue;
      const values = [...checkpoint.stream(tensor).blocks()].flatMap((block) => [...block]);
      tensors.set(tensor.replace('transformer.', ''), { shape: [...shape], values: Float32Array.from(values) });
    }
    checkpoint.close();
    spoil(tensors);
    const folder = temporary.join(`${name}-spoilt`);
    mkdirSync(folder);
    cpSync(join(from, 'config.json'), join(folder, 'config.json'));
    writeFileSync(join(folder, 'model.safetensors'), safetensorsBytes(tensors));
    return folder;
  }

  const tensor = (tensors: Map<string, TensorData>, name: string) => tensors.get(name) as TensorData;
  for (const [what, spoil, told] of [
    [
      'layers in another order',
      (all) => {
        for (const name of [...all.keys()].filter((key) => key.startsWith('h.0.'))) {
          const other = name.replace('h.0.', 'h.1.');
          const [a, b] = [tensor(all, name), tensor(all, other)];
          all.set(name, b).set(other, a);
        }
      },
      /24 of 28 tensors are not the checkpoint’s: h\.0\./,
    ],
    [
      'a bias that was lost',
      (all) => tensor(all, 'h.1.mlp.c_proj.bias').values.fill(0),
      /1 of 28 .*: h\.1\.mlp\.c_proj\.bias\n/,
    ],
    [
      'a scale that is a little off',
      (all) => {
        const { values } = tensor(all, 'h.0.mlp.c_fc.weight');
        values.forEach((value, i) => (values[i] = 1.1 * value));
      },
      /1 of 28 .*: h\.0\.mlp\.c_fc\.weight\n/,
    ],
    [
      'tokens off by one',
      (all) => {
        const { values } = tensor(all, 'wte.weight');
        values.set([...values.subarray(8), ...values.subarray(0, 8)]);
      },
      /1 of 28 .*: wte\.weight\n/,
    ],
  ] as [string, (tensors: Map<string, TensorData>) => void, RegExp][])
    it(`knows ${what} from rounding, and says where`, async () => {
      for (const quantization of ['int8', 'int4'] as const) {
        const name = `${what}-${quantization}`;
        const { status, stdout } = verify(await built(name, quantization, spoilt(name, spoil)), recorded);
        assert.equal(status, 1, stdout);
        assert.match(stdout, told);
      }
    });

  it('takes 4 bits for the checkpoint', async () => {
    const { status, stdout } = verify(await built('four', 'int4'), recorded);
    assert.match(stdout, /weights: all 28 tensors/);
    assert.equal(status, 0, stdout);
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
