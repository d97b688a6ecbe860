// npm test [lint|typecheck|unit|model|integration|e2e|pictures|bench]…: installs what is missing, runs the stages, counts.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { bootstrap } from './host/bootstrap.mjs';
import { everything, runStage, stages } from './host/stages.mjs';
import { root } from './host/steps.mjs';

process.chdir(root);

/** All that tests lay there is gone with it, also what a test that failed, or was ended, has left. */
const temporary = mkdtempSync(join(tmpdir(), 'moxu-tests-'));
for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = temporary;
process.on('exit', () => rmSync(temporary, { recursive: true, force: true, maxRetries: 3 }));

/** Stage names come first; what follows is for the stage, as in `npm run test:unit -- --grep sampler`. */
const words = process.argv.slice(2);
const firstOther = words.findIndex((word) => !Object.hasOwn(stages, word));
const named = firstOther < 0 ? words : words.slice(0, firstOther);
const rest = firstOther < 0 ? [] : words.slice(firstOther);
if (rest.length > 0 && named.length !== 1) {
  console.error(`${rest[0]} is none of ${Object.keys(stages).join(', ')}`);
  process.exit(2);
}

/** @typedef {import('./host/stages.mjs').Results} Results */
/** @typedef {Results & { name: string, seconds: number }} Finished */

const seconds = (/** @type {number} */ from) => Math.round((performance.now() - from) / 1000);
const start = performance.now();

/**
 * @param {string} name
 * @param {(line: string) => void} print
 * @returns {Promise<Finished>}
 */
async function timed(name, print) {
  const begin = performance.now();
  print(`── ${name}`);
  const results = await runStage(name, { rest, print });
  return { ...results, name, seconds: seconds(begin) };
}

/**
 * Two workers, who begin at the two ends of the list; each line says whose it is.
 *
 * @param {string[]} names
 * @returns {Promise<Finished[]>}
 */
async function sideBySide(names) {
  const left = [...names];
  /** @type {Finished[]} */
  const finished = [];
  /** @param {() => string | undefined} take */
  const work = async (take) => {
    for (let name = take(); name !== undefined; name = take()) {
      const mark = name.padEnd(11);
      finished.push(await timed(name, (line) => console.log(`${mark} │ ${line}`)));
    }
  };
  await Promise.all([work(() => left.shift()), availableParallelism() > 1 ? work(() => left.pop()) : undefined]);
  return finished;
}

/** @type {Finished[]} */
const finished = [];
try {
  await bootstrap();
  if (named.length === 0) finished.push(...(await sideBySide(everything)));
  else for (const name of named) finished.push(await timed(name, (line) => console.log(line)));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  finished.push({
    ...{ name: 'npm test', passed: 0, failed: [{ title: 'preparing', message }], skipped: [] },
    seconds: seconds(start),
  });
}

const indented = (/** @type {string} */ text) => text.replaceAll(/^/gm, '    ');
console.log();
const slowest = finished.flatMap(({ name, slowest = [] }) => slowest.map((test) => ({ name, ...test })));
for (const { name, title, ms } of slowest.sort((a, b) => b.ms - a.ms).slice(0, 5))
  console.log(`slow: ${(ms / 1000).toFixed(1)} s ${name}: ${title}`);
for (const { name, skipped } of finished)
  for (const { title, reason } of skipped) console.log(`skipped: ${name}: ${title} – ${reason}`);
for (const { name, again = [] } of finished)
  for (const { title, message } of again)
    console.log(`passed at the second try: ${name}: ${title}\n${indented(message)}`);
for (const { name, failed } of finished)
  for (const { title, message } of failed) console.log(`failed: ${name}: ${title}\n${indented(message)}`);
console.log(`${finished.map((stage) => `${stage.name} ${stage.seconds} s`).join(', ')}; ${seconds(start)} s in all`);

const count = (/** @type {'failed' | 'skipped'} */ what) =>
  finished.reduce((sum, stage) => sum + stage[what].length, 0);
const passed = finished.reduce((sum, stage) => sum + stage.passed, 0);
console.log(`${passed} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
process.exit(count('failed') > 0 ? 1 : 0);
