/**
 * Mocha's usual output, and what came of each test as JSON in the file that MOXU_RESULTS names, for the last lines of
 * `npm test`. Until the end it is in FILE.part, so that a run that hangs can be told by the test that it hangs in.
 */
import { renameSync, writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { skipReason } from './skip';

/** As in stages.mjs. */
interface Results {
  passed: number;
  failed: { title: string; message: string }[];
  skipped: { title: string; reason: string }[];
  again: { title: string; message: string }[];
  running?: string;
  slowest: { title: string; ms: number }[];
}

class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env['MOXU_RESULTS'];
    if (file) record(runner, file);
  }
}

function record(runner: Mocha.Runner, file: string): void {
  const results: Results = { passed: 0, failed: [], skipped: [], again: [], slowest: [] };
  const failedOnce = new Map<string, string>();
  const write = (): void => writeFileSync(`${file}.part`, JSON.stringify(results));
  runner.on('suite', (suite) => {
    results.running = `before ${suite.fullTitle()}`;
    write();
  });
  runner.on('test', (test) => {
    results.running = test.fullTitle();
    write();
  });
  runner.on('pass', (test) => {
    results.passed++;
    const message = failedOnce.get(test.fullTitle());
    if (message !== undefined) results.again.push({ title: test.fullTitle(), message });
    results.slowest.push({ title: test.fullTitle(), ms: test.duration ?? 0 });
    results.slowest.sort((a, b) => b.ms - a.ms).splice(5);
  });
  runner.on('retry', (test: Mocha.Test, error: unknown) => failedOnce.set(test.fullTitle(), describe(error)));
  // Hooks that fail are reported here too, in place of the tests that they kept from running.
  runner.on('fail', (test, error) => results.failed.push({ title: test.fullTitle(), message: describe(error) }));
  runner.on('pending', (test) => {
    const [title, reason] = [test.fullTitle(), skipReason(test)];
    if (reason !== undefined) results.skipped.push({ title, reason });
    else results.failed.push({ title, message: 'skipped without a reason: skip(this, reason) of test/host/skip.ts' });
  });
  runner.on('end', () => {
    delete results.running;
    write();
    renameSync(`${file}.part`, file);
  });
}

/** The message, and where in the tests it came from. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at .*[/\\](?:test|src)[/\\]/.test(line));
  return [`${error.name}: ${error.message}`, ...places.slice(0, 3)].join('\n');
}

// Mocha takes the module itself for the reporter; bootstrap.mjs keeps esbuild from warning of it.
module.exports = Reporter;
