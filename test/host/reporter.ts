/** Mocha's usual output, and the counts as JSON in the file that MOXU_RESULTS names, for the last line of `npm test`. */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { skipReason } from './skip';

interface Results {
  passed: number;
  failed: number;
  skipped: { title: string; reason: string }[];
}

class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const results: Results = { passed: 0, failed: 0, skipped: [] };
    runner.on('pass', () => results.passed++);
    // Hooks that fail are reported here too, in place of the tests that they kept from running.
    runner.on('fail', () => results.failed++);
    runner.on('pending', (test) => results.skipped.push({ title: test.fullTitle(), reason: skipReason(test) }));
    runner.on('end', () => {
      const file = process.env['MOXU_RESULTS'];
      if (file) writeFileSync(file, JSON.stringify(results));
    });
  }
}

// Mocha takes the module itself for the reporter; bootstrap.mjs keeps esbuild from warning of it.
module.exports = Reporter;
