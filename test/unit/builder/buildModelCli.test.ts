/** `npm run build:model`, as a child process. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifest } from '../../../src/manifest';
import { randomTensors, TemporaryFolder, tiny } from './tinyCheckpoint';

describe('build:model', () => {
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    return spawnSync(process.execPath, [join('out', 'cli', 'buildModel.js'), ...args], { encoding: 'utf8' });
  }

  it('builds a model folder and says so on stderr only', () => {
    const from = temporary.checkpoint('checkpoint');
    for (const quantization of ['none', 'int8', 'int4']) {
      const to = temporary.join(quantization);
      const { status, stdout, stderr } = run(
        '--from',
        from,
        '--to',
        to,
        '--quantize',
        quantization,
        '--name',
        '小模型',
      );
      assert.deepEqual([status, stdout], [0, ''], stderr);
      assert.match(stderr, new RegExp(`${quantization}, \\d+\\.\\d MB`));
      const manifest = parseManifest(readFileSync(join(to, 'moxu.json'), 'utf8'));
      assert.deepEqual([manifest.quantization, manifest.name], [quantization, '小模型']);
    }
  });

  it('builds an int8 cache when asked to', () => {
    const to = temporary.join('cache');
    const { status, stderr } = run('--from', temporary.checkpoint('for-cache'), '--to', to, '--kv-cache', 'int8');
    assert.equal(status, 0, stderr);
    assert.equal(parseManifest(readFileSync(join(to, 'moxu.json'), 'utf8')).kvCache, 'int8');
  });

  it('shows the usage when the arguments are wrong', () => {
    const wrong: [string[], RegExp][] = [
      [[], /^--from is missing/],
      [['--from', 'x'], /^--to is missing/],
      [['--from', 'x', '--to', 'y', '--quantize', 'int3'], /^--quantize int3 is not known/],
      [['--from', 'x', '--to', 'y', '--kv-cache', 'int4'], /^--kv-cache int4 is not known/],
      [['--frm', 'x'], /Unknown option '--frm'/],
    ];
    for (const [args, message] of wrong) {
      const { status, stdout, stderr } = run(...args);
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(stderr, message);
      assert.match(stderr, /Usage: npm run build:model -- --from DIR --to DIR/);
    }
    assert.equal(run('--help').status, 0);
  });

  it('says what is wrong with a checkpoint, without a stack', () => {
    const tensors = randomTensors(tiny);
    tensors.delete('h.1.attn.c_proj.bias');
    const to = temporary.join('from-broken');
    const { status, stderr } = run('--from', temporary.checkpoint('broken', tensors), '--to', to);
    assert.deepEqual(
      [status, stderr],
      [1, 'Cannot build the model: tensor h.1.attn.c_proj.bias is missing; expected [72]\n'],
    );
    assert.ok(!existsSync(to));
    assert.deepEqual(
      readdirSync(temporary.path).filter((name) => name.includes('building')),
      [],
    );
  });
});
