/** `npm run build:model`, as a child process. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifest } from '../../../src/manifest';
import { skip } from '../../host/skip';
import { randomTensors, TemporaryFolder, tiny } from './tinyCheckpoint';

describe('build:model', () => {
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    return spawnSync(process.execPath, [join('out', 'cli', 'buildModel.js'), ...args], {
      ...{ encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' },
    });
  }

  const manifestIn = (folder: string) => parseManifest(readFileSync(join(folder, 'moxu.json'), 'utf8'));

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
      const manifest = manifestIn(to);
      assert.deepEqual([manifest.quantization, manifest.name], [quantization, '小模型']);
    }
  });

  it('builds an int8 cache when asked to', () => {
    const to = temporary.join('cache');
    const { status, stderr } = run('--from', temporary.checkpoint('for-cache'), '--to', to, '--kv-cache', 'int8');
    assert.equal(status, 0, stderr);
    assert.equal(manifestIn(to).kvCache, 'int8');
  });

  it('takes what the folder is called, and how it is used', () => {
    const from = temporary.checkpoint('to-be-called');
    const to = temporary.join('called');
    const called = ['--family', 'cpm-shopping', '--variant', 'cpm-thu', '--layout', 'title-text', '--context', '30'];
    const { status, stderr } = run('--from', from, '--to', to, ...called, '--end', '5, 1');
    assert.equal(status, 0, stderr);
    const { family, tokenizer, promptLayout, contextLength, specialTokens } = manifestIn(to);
    assert.deepEqual(
      [family, tokenizer.kind, promptLayout, contextLength, specialTokens.endOfText],
      ['cpm-shopping', 'cpm-thu', 'title-text', 30, [5, 1]],
    );
    assert.match(stderr, /^cpm-shopping: .*\ntokenizer cpm-thu from .*\nlayout title-text, window 30 .* with 5, 1\n/);
  });

  it('shows what a folder is and converts nothing, where it is asked to', () => {
    const { status, stdout, stderr } = run('--from', temporary.checkpoint('to-show'), '--show', '--end', '');
    assert.deepEqual([status, stdout], [0, '']);
    assert.match(stderr, /^gpt2-sentencepiece: 2 × 72, .*none \d+\.\d MB, int8 \d+\.\d MB, int4 \d+\.\d MB/);
    assert.match(stderr, /layout title-separator-text, window 40 tokens, text ends with no token\n$/);
    assert.deepEqual(readdirSync(temporary.join('to-show')).sort(), [
      'config.json',
      'model.safetensors',
      'tokenizer.model',
    ]);
  });

  it('takes the tokenizer from elsewhere', () => {
    const from = temporary.checkpoint('without-tokenizer');
    const file = temporary.join('elsewhere.model');
    renameSync(join(from, 'tokenizer.model'), file);
    const refused = run('--from', from, '--show');
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /has no tokenizer; name its file, .*: --tokenizer FILE\n$/);
    const to = temporary.join('with-tokenizer');
    const { status, stderr } = run('--from', from, '--to', to, '--tokenizer', file);
    assert.equal(status, 0, stderr);
    assert.deepEqual(readFileSync(join(to, 'tokenizer.model')), readFileSync(file));
  });

  it('shows the usage when the arguments are wrong', () => {
    const wrong: [string[], RegExp][] = [
      [[], /^--from is missing/],
      [['--from', 'x'], /^--to is missing/],
      [['--from', 'x', '--to', 'y', '--quantize', 'int3'], /^--quantize int3 is not known/],
      [['--from', 'x', '--to', 'y', '--kv-cache', 'int4'], /^--kv-cache int4 is not known/],
      [['--from', 'x', '--family', 'gpt3'], /^--family gpt3 is not known/],
      [['--from', 'x', '--variant', 'bpe'], /^--variant bpe is not known/],
      [['--from', 'x', '--layout', 'text-title'], /^--layout text-title is not known/],
      [['--from', 'x', '--context', '1e3'], /^--context 1e3 is no whole number/],
      [['--from', 'x', '--end', '7,eod'], /^--end eod is no whole number/],
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

  it('says so where no folder can be made', function () {
    if (process.platform !== 'linux') skip(this, '/proc is a thing of Linux');
    const from = temporary.checkpoint('for-nowhere');
    for (const to of ['/proc/x', '/proc/x/y']) {
      const { status, stderr } = run('--from', from, '--to', to);
      assert.equal(status, 1, stderr);
      assert.match(stderr, /^Cannot build the model: \/proc\/\S+ cannot be written: .*mkdir/m);
    }
  });
});
