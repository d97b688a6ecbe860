// npm test [lint|typecheck|unit|model|integration|e2e|bench]…: installs what is missing, runs the stages, counts.
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { bootstrap } from './host/bootstrap.mjs';
import { runStage, stages } from './host/stages.mjs';
import { root } from './host/steps.mjs';

process.chdir(root);

const everything = ['lint', 'typecheck', 'unit', 'model', 'integration', 'e2e'];

/** Stage names come first; what follows is for the stage, as in `npm run test:unit -- --grep sampler`. */
const words = process.argv.slice(2);
const firstOther = words.findIndex((word) => !Object.hasOwn(stages, word));
const named = firstOther < 0 ? words : words.slice(0, firstOther);
const rest = firstOther < 0 ? [] : words.slice(firstOther);
if (rest.length > 0 && named.length !== 1) {
  console.error(`${rest[0]} is none of ${Object.keys(stages).join(', ')}`);
  process.exit(2);
}

const start = performance.now();
let passed = 0;
let failed = 0;
/** @type {{ title: string, reason: string }[]} */
const skipped = [];
try {
  await bootstrap();
  for (const name of named.length > 0 ? named : everything) {
    const results = await runStage(name, rest);
    passed += results.passed;
    failed += results.failed;
    skipped.push(...results.skipped);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  failed++;
}

for (const { title, reason } of skipped) console.log(`skipped: ${title} – ${reason}`);
console.log(`\n${((performance.now() - start) / 1000).toFixed(0)} s in all`);
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exit(failed > 0 ? 1 : 0);
