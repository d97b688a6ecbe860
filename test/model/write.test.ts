/** `npm run write` as a script sees it: the text and nothing else on stdout, what is wrong on stderr. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';

const program = resolve('out', 'cli', 'write.js');

function write(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' });
}

describe('write', () => {
  const prompt = '春天来了，';
  const request = ['--title', '春天', '--prompt', prompt, '--max', '12'];

  it('gives the beginning and what follows, the same for the same seed', () => {
    const [first, again, other] = ['1', '1', '2'].map((seed) => write(...request, '--seed', seed));
    assert.deepEqual([first?.status, first?.stderr], [0, '']);
    assert.match(first?.stdout ?? '', /^春天来了，[^\p{Cc}]+[\s\S]*\n$/u);
    assert.equal(again?.stdout, first?.stdout);
    assert.notEqual(other?.stdout, first?.stdout);
  });

  it('takes the order of the sampler’s stages, spelt like its flags', () => {
    const order = 'temperature,top-k,typical-p,top-p,min-p';
    const { status, stdout, stderr } = write(...request, '--seed', '1', '--sampler-order', order);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^春天来了，[^]+\n$/);
  });

  it('through npm -s too, stdout has the text and nothing else; without -s, stderr says how to have that', () => {
    // Elsewhere, since it builds, and what it builds other tests are using.
    const folder = mkdtempSync(join(tmpdir(), 'moxu-write-'));
    // What npm was told when it started the tests is not for the npm that is started here.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_config_loglevel$/i.test(name)),
    );
    try {
      for (const name of ['package.json', '.npmrc', 'esbuild.mjs', 'src', 'media', join('test', 'host')])
        cpSync(name, join(folder, name), { recursive: true });
      for (const name of ['node_modules', 'models']) symlinkSync(resolve(name), join(folder, name), 'junction');
      const npm = (...words: string[]) => {
        const { status, stdout, stderr } = spawnSync('npm', [...words, 'write', '--', ...request, '--seed', '1'], {
          ...{ cwd: folder, encoding: 'utf8', shell: process.platform === 'win32', env },
        });
        assert.equal(status, 0, stderr);
        return { stdout, stderr };
      };
      const text = write(...request, '--seed', '1').stdout;
      const advice = /without them: npm run -s write/g;
      const silent = npm('run', '-s');
      assert.equal(silent.stdout, text);
      assert.doesNotMatch(silent.stderr, advice);
      const plain = npm('run');
      assert.ok(plain.stdout.startsWith('\n> ') && plain.stdout.endsWith(`\n${text}`), plain.stdout);
      assert.equal(plain.stderr.match(advice)?.length, 1, plain.stderr);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  describe('in the middle of a text', () => {
    /** More than anybody would wait for. @param act once there is something behind the prompt */
    async function interrupted(act: (child: { stdout: Readable; kill(signal: 'SIGINT'): unknown }) => void) {
      const child = spawn(process.execPath, [program, '--prompt', prompt, '--max', '100000']);
      const closed = once(child, 'close');
      let [stdout, stderr, acted] = ['', '', false];
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        if (stdout.length <= prompt.length || acted) return;
        acted = true;
        act(child);
      });
      const [status, signal] = (await closed) as [number | null, NodeJS.Signals | null];
      return { end: { status, signal, stderr }, stdout };
    }

    const quietly = { status: 0, signal: null, stderr: '' };

    it('a reader who has had enough ends it quietly', async () => {
      const { end } = await interrupted(({ stdout }) => stdout.destroy());
      assert.deepEqual(end, quietly);
    });

    it('Ctrl+C ends it with the text so far, and its line', async () => {
      const { end, stdout } = await interrupted((child) => child.kill('SIGINT'));
      assert.deepEqual(end, quietly);
      assert.match(stdout, /^春天来了，[^]+\n$/);
    });
  });

  for (const [words, message] of [
    [['--top-p', '2'], /^topP: 2 is not a number from 0 to 1\n/],
    [
      ['--sampler-order', 'top-k,typical-p,top-p,top-p,temperature'],
      /^samplerOrder: \["topK","typicalP","topP","topP","temperature"\] does not name each of topK, .* once\n/,
    ],
    [['--max', ''], /^maxNewTokens: NaN is not an integer/],
    [['--colour', 'red'], /--colour/],
    [['--model', 'no-such-folder'], /no-such-folder is not a Moxu model folder: it has no moxu\.json/],
  ] as const)
    it(`says what is wrong with ${words.join(' ')}`, () => {
      const { status, stdout, stderr } = write(...words);
      assert.deepEqual([status, stdout.trim()], [1, '']);
      assert.match(stderr, message);
      assert.match(stderr, /Usage: npm run -s write/);
    });
});
