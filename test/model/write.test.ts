/** `npm run write` as a script sees it: the text and nothing else on stdout, what is wrong on stderr. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, existsSync, mkdtempSync, openSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { GenerateOptions } from '../../src/options';
import type { Prompt } from '../../src/protocol';
import { skip } from '../host/skip';
import { newEngine, run } from './running';

const program = resolve('out', 'cli', 'write.js');

function write(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' });
}

describe('write', () => {
  const prompt = '春天来了，';
  const request = ['--title', '春天', '--prompt', prompt, '--max', '12'];
  const beginning: Prompt = { title: '春天', text: prompt, fromStart: true };

  it('gives the beginning, what the engine writes behind it, and the end of the line: nothing else', async () => {
    const engine = newEngine();
    try {
      for (const seed of [1, 2]) {
        const { result } = await run(engine, { maxNewTokens: 12, seed }, { prompt: beginning });
        assert.match(result.text, /\p{Script=Han}/u);
        const expected = { status: 0, stdout: `${prompt}${result.text}\n`, stderr: '' };
        const { status, stdout, stderr } = write(...request, '--seed', String(seed));
        assert.deepEqual({ status, stdout, stderr }, expected);
      }
    } finally {
      await engine.dispose();
    }
  });

  it('takes the order of the sampler’s stages, spelt like its flags', async () => {
    // Hot, top-p finds all tokens nearly as likely as one another and keeps many; before that it keeps few.
    const order = 'temperature,top-k,typical-p,top-p,min-p';
    const samplerOrder = ['temperature', 'topK', 'typicalP', 'topP', 'minP'] as const;
    const [hot, words] = [{ temperature: 2, topP: 0.7 }, ['--temperature', '2', '--top-p', '0.7', '--max', '40']];
    const engine = newEngine();
    try {
      const text = async (options: Partial<GenerateOptions>) =>
        (await run(engine, { maxNewTokens: 40, seed: 1, ...hot, ...options }, { prompt: beginning })).result.text;
      const [usual, changed] = [await text({}), await text({ samplerOrder })];
      assert.notEqual(changed, usual);
      const written = (...more: string[]) => write(...request, ...words, '--seed', '1', ...more).stdout;
      assert.equal(written(), `${prompt}${usual}\n`);
      assert.equal(written('--sampler-order', order), `${prompt}${changed}\n`);
    } finally {
      await engine.dispose();
    }
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

  it('has the model read a beginning in paragraphs as a document of such is read, and gives it as it was given', async () => {
    const paragraphs = '\u3000\u3000春天来了。\r\n\r\n\u3000\u3000山上的雪，';
    const text = '春天来了。\n山上的雪，';
    const engine = newEngine();
    try {
      const { result } = await run(engine, { maxNewTokens: 12, seed: 1 }, { prompt: { ...beginning, text } });
      const { stdout } = write('--title', '春天', '--prompt', paragraphs, '--max', '12', '--seed', '1');
      assert.equal(stdout, `${paragraphs}${result.text}\n`);
    } finally {
      await engine.dispose();
    }
  });

  it('a disk that is full is an error', function () {
    if (!existsSync('/dev/full')) skip(this, 'there is no /dev/full');
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [program, ...request], {
      ...{ encoding: 'utf8', stdio: ['ignore', full, 'pipe'] },
    });
    closeSync(full);
    assert.equal(status, 1);
    assert.match(stderr, /^ENOSPC/);
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
    [['--max', ''], /^maxNewTokens: "" is not an integer/],
    [['--max', 'many'], /^maxNewTokens: "many" is not an integer from 1 to 100000\n/],
    [['--colour', 'red'], /--colour/],
    [['--model', 'no-such-folder'], /no-such-folder is not a Moxu model folder: it has no moxu\.json/],
  ] as const)
    it(`says what is wrong with ${words.join(' ')}, and leaves stdout empty`, () => {
      const { status, stdout, stderr } = write('--prompt', prompt, ...words);
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(stderr, message);
      assert.match(stderr, /Usage: npm run -s write/);
    });
});
