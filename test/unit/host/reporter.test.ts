/** What the last lines of `npm test` are made of, with a mocha of its own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

describe('the reporter', () => {
  it('takes a test that is skipped without a reason for one that failed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'moxu-reporter-'));
    try {
      const [file, results] = [join(folder, 'some.test.js'), join(folder, 'results.json')];
      const reasoned = `function () { this.test.skipReason = 'no GPU'; this.skip(); }`;
      writeFileSync(file, `it('runs', () => {}); it.skip('forgotten', () => {}); it('reasoned', ${reasoned});`);
      const words = [
        join('node_modules', 'mocha', 'bin', 'mocha.js'),
        '--reporter',
        join('out', 'host', 'reporter.js'),
      ];
      const env = { ...process.env, MOXU_RESULTS: results };
      const { error } = spawnSync(process.execPath, [...words, resolve(file)], { env });
      assert.equal(error, undefined);
      const { passed, failed, skipped } = JSON.parse(readFileSync(results, 'utf8')) as Record<string, unknown>;
      assert.deepEqual(
        { passed, failed, skipped },
        {
          passed: 1,
          failed: [
            { title: 'forgotten', message: 'skipped without a reason: skip(this, reason) of test/host/skip.ts' },
          ],
          skipped: [{ title: 'reasoned', reason: 'no GPU' }],
        },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
