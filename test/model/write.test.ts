/** `npm run write` as a script sees it: the text and nothing else on stdout, what is wrong on stderr. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

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

  for (const [words, message] of [
    [['--top-p', '2'], /^topP: 2 is not a number from 0 to 1\n/],
    [['--max', ''], /^maxNewTokens: NaN is not an integer/],
    [['--colour', 'red'], /--colour/],
    [['--model', 'no-such-folder'], /no-such-folder is not a Moxu model folder: it has no moxu\.json/],
  ] as const)
    it(`says what is wrong with ${words.join(' ')}`, () => {
      const { status, stdout, stderr } = write(...words);
      assert.deepEqual([status, stdout.trim()], [1, '']);
      assert.match(stderr, message);
      assert.match(stderr, /Usage: npm run write/);
    });
});
