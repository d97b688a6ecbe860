/** What `npm test` says of its tests is so. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { skip } from '../../host/skip';

interface Ended {
  code: number | null;
  results: { passed: number; failed: unknown[]; again: { title: string; message: string }[] };
}

/** Not so of one that has ended and that nobody has asked about yet. */
function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z/.test(readFileSync(stat, 'utf8'));
}

/** @returns what comes of tests that a stage starts, given these words behind its name */
function stageOf(tests: string, rest: string[] = [], isTriedAgain = false): Ended {
  const folder = mkdtempSync(join(tmpdir(), 'moxu-stage-'));
  try {
    const [file, results] = [join(folder, 'some.test.js'), join(folder, 'results.json')];
    writeFileSync(file, tests);
    const script = `import { mochaOptions } from './test/host/stages.mjs';
      console.log(JSON.stringify(mochaOptions(1000, ${JSON.stringify(rest)}, ${isTriedAgain})));`;
    const program = ['--input-type=module', '-e', script];
    const options = JSON.parse(execFileSync(process.execPath, program, { encoding: 'utf8' })) as string[];
    const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');
    const env = { ...process.env, MOXU_RESULTS: results };
    const { status } = spawnSync(process.execPath, [mocha, ...options, file, ...rest], { env });
    const none: Ended['results'] = { passed: 0, failed: [], again: [] };
    const written = existsSync(results) ? (JSON.parse(readFileSync(results, 'utf8')) as Ended['results']) : none;
    return { code: status, results: written };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a program of a stage', () => {
  it('leaves no child behind when it ends', async function () {
    if (process.platform !== 'linux') skip(this, 'only Linux has /proc');
    const program = `const { pid } = require('node:child_process').spawn('sleep', ['60'], { stdio: 'ignore' });
      console.log(pid); process.exit();`;
    const script = `import { execute } from './test/host/execute.mjs';
      const { output } = await execute([process.execPath, '-e', ${JSON.stringify(program)}], { print: () => {}, timeoutMs: 60_000 });
      console.log(output[0]);`;
    const pid = Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
    assert.ok(pid > 0);
    while (isRunning(pid)) await sleep(50); // it was told to end
  });
});

describe('a stage of npm test', () => {
  const two = `describe('some', () => { it('one', () => {}); it('two', () => {}); });`;

  it('fails with an it.only or a describe.only in it, except for who names tests by hand', () => {
    assert.equal(stageOf(two).code, 0);
    for (const only of [`it.only('three', () => {});`, `describe.only('three', () => it('four', () => {}));`]) {
      assert.notEqual(stageOf(two + only).code, 0, only);
      assert.equal(stageOf(two + only, ['--grep', 'three']).code, 0, only);
    }
  });

  it('tries a test in VS Code once more and says so; others, and who names tests by hand, see it fail', () => {
    const failsTimes = (times: number) =>
      `let runs = 0; it('late', () => { if (runs++ < ${times}) throw Error('too late'); });`;
    const again = stageOf(two + failsTimes(1), [], true);
    assert.equal(again.code, 0);
    assert.equal(again.results.passed, 3);
    assert.deepEqual(
      again.results.again.map(({ title }) => title),
      ['late'],
    );
    assert.match(again.results.again[0]?.message ?? '', /too late/);
    assert.notEqual(stageOf(failsTimes(1)).code, 0);
    assert.notEqual(stageOf(failsTimes(1), ['--grep', 'late'], true).code, 0);
    const twice = stageOf(failsTimes(2), [], true);
    assert.notEqual(twice.code, 0);
    assert.equal(twice.results.failed.length, 1);
    assert.deepEqual(twice.results.again, []);
  });
});
