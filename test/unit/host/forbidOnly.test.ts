/** A test that was left as the only one must not make `npm test` look as if all had passed. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @returns what mocha ends with, started as a stage starts it, given these words behind the stage's name */
function codeWith(only: string, ...rest: string[]): number | null {
  const folder = mkdtempSync(join(tmpdir(), 'moxu-only-'));
  try {
    const file = join(folder, 'some.test.js');
    writeFileSync(file, `describe('some', () => { it('one', () => {}); it('two', () => {}); }); ${only}`);
    const script = `import { mochaOptions } from './test/host/stages.mjs';
      console.log(JSON.stringify(mochaOptions(1000, ${JSON.stringify(rest)})));`;
    const program = ['--input-type=module', '-e', script];
    const options = JSON.parse(execFileSync(process.execPath, program, { encoding: 'utf8' })) as string[];
    const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'MOXU_RESULTS'));
    return spawnSync(process.execPath, [mocha, ...options, file, ...rest], { env }).status;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a stage of npm test', () => {
  it('fails with an it.only or a describe.only in it, except for who names tests by hand', () => {
    assert.equal(codeWith(''), 0);
    for (const only of [`it.only('three', () => {});`, `describe.only('three', () => it('four', () => {}));`]) {
      assert.notEqual(codeWith(only), 0, only);
      assert.equal(codeWith(only, '--grep', 'three'), 0, only);
    }
  });
});
