// The stages of `npm test`. Each returns what it counted; one that dies, hangs or runs nothing counts as a failure.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installCodeServer, newest, oldest, versions } from './codeServer.mjs';
import { execute } from './execute.mjs';
import { packageExtension, thisTarget } from './package.mjs';
import { cache, npmCommand, root } from './steps.mjs';
import { installBrowser, installSwiftShader } from './systemPackages.mjs';

/**
 * What reporter.ts writes down.
 *
 * @typedef {object} Results
 * @property {number} passed
 * @property {{ title: string, message: string }[]} failed
 * @property {{ title: string, reason: string }[]} skipped
 * @property {{ title: string, message: string }[]} [again] what failed once and passed when it was tried once more
 * @property {string} [running] the test that was running when the results were written
 * @property {{ title: string, ms: number }[]} [slowest]
 */

/**
 * @typedef {object} StageOptions
 * @property {string[]} rest the arguments that follow the stage's name on the command line
 * @property {(line: string) => void} print
 */

const minute = 60_000;
const mochaProgram = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
const reporter = join(root, 'out', 'host', 'reporter.js');

/** All of the end-to-end tests run on these; on the oldest all of them only when it is named, and else those with @smoke. */
const tested = versions.filter((version) => version !== oldest);

/**
 * The time limits are for what hangs, not for what is slow: a busy machine needs several times the usual. A stage says
 * something at least once in its longest test.
 *
 * @type {Record<string, (options: StageOptions) => Promise<Results>>}
 */
export const stages = {
  lint: (options) => asOneTest('lint', options),
  typecheck: (options) => asOneTest('typecheck', options),
  unit: (options) => mocha('unit', { testMs: minute, timeoutMs: 3 * minute, ...options }),
  model: async (options) =>
    mocha('model', { testMs: 3 * minute, timeoutMs: 10 * minute, env: await installSwiftShader(), ...options }),
  integration: async ({ rest, print }) => {
    forgetPictures((picture) => picture === 'integration-failed.png');
    const desktop = process.env.VSCODE_EXECUTABLE;
    const env = desktop ? {} : await browserEnvironment([newest]);
    const grep = rest[0] === '--grep' ? rest[1] : rest[0];
    const program = [process.execPath, join('test', 'host', 'runIntegration.mjs')];
    return counted(program, { env: { ...env, MOXU_GREP: grep ?? '' }, timeoutMs: 6 * minute, print });
  },
  e2e: (options) => inBrowser('e2e', tested, options),
  ...Object.fromEntries(
    versions.map((version) => [
      `e2e ${version}`,
      (/** @type {StageOptions} */ options) => inBrowser('e2e', [version], options),
    ]),
  ),
  [`smoke ${oldest}`]: ({ rest, print }) =>
    inBrowser('e2e', [oldest], { rest: ['--forbid-only', '--retries', '1', '--grep', '@smoke', ...rest], print }),
  bench,
  // Nothing is asserted of them; they are for people to look at, and not taken by `npm test`.
  pictures: (options) => inBrowser('pictures', [newest], options),
};

/**
 * In the order in which two workers take them: one from the front, where VS Code is, and one from the back, where plain
 * programs are, and VS Code only at the end. They meet in the middle, where the shortest stages are.
 */
export const everything = [
  'integration',
  `e2e ${newest}`,
  `smoke ${oldest}`,
  'typecheck',
  ...tested.filter((version) => version !== newest).map((version) => `e2e ${version}`),
  'model',
  'unit',
  'lint',
];

/** Programs of test/bench that look at VS Code from outside. */
const ofVsCode = new Set(['activation', 'ghost', 'idle']);

/** @param {string} name @param {string[]} wanted versions of VS Code @param {StageOptions} options */
async function inBrowser(name, wanted, options) {
  forgetPictures((picture) => picture.startsWith('failed-') && wanted.some((version) => picture.includes(version)));
  const env = { ...(await browserEnvironment(wanted)), MOXU_VSIX: await vsix() };
  return mocha(name, { testMs: 3 * minute, timeoutMs: 8 * minute, env, isTriedAgain: true, ...options });
}

/** What failed last time would be taken for what fails this time. @param {(picture: string) => boolean} isOfStage */
function forgetPictures(isOfStage) {
  const folder = join(cache, 'screenshots');
  const pictures = existsSync(folder) ? readdirSync(folder).filter(isOfStage) : [];
  for (const picture of pictures) rmSync(join(folder, picture), { force: true });
}

/**
 * The programs of test/bench, or those named: `npm run bench -- ghost 100` runs ghost.bench with 100 as its argument.
 *
 * @param {StageOptions} options
 * @returns {Promise<Results>}
 */
async function bench({ rest, print }) {
  const folder = join(root, 'out', 'test', 'bench');
  const all = compiledTests(folder, '.bench.js').map((name) => name.replace(/\.bench\.js$/, ''));
  if (all.length === 0) throw new Error('there is no program in test/bench');
  const named = all.filter((name) => rest.includes(name));
  const passedOn = rest.filter((word) => !all.includes(word));
  /** @type {Results} */
  const results = { passed: 0, failed: [], skipped: [] };
  for (const name of named.length > 0 ? named : all) {
    print(`\n── bench ${name}`);
    const env = ofVsCode.has(name) ? { ...(await browserEnvironment([newest])), MOXU_VSIX: await vsix() } : {};
    const program = [process.execPath, join(folder, `${name}.bench.js`), ...passedOn];
    const { code, output } = await execute(program, { env, timeoutMs: 30 * minute, print });
    if (code === 0) results.passed++;
    else results.failed.push({ title: name, message: lastWords(code, output) });
  }
  return results;
}

/**
 * @param {string} name
 * @param {StageOptions} options
 * @returns {Promise<Results>}
 */
export async function runStage(name, options) {
  const stage = stages[name];
  if (!stage) throw new Error(`no stage ${name}`);
  try {
    return await stage(options);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    message.split('\n').forEach(options.print);
    return { passed: 0, failed: [{ title: 'the stage', message }], skipped: [] };
  }
}

/** @type {Map<string, Promise<unknown>>} */
const begun = new Map();

/**
 * Stages run side by side and want the same things.
 *
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} make
 * @returns {Promise<T>}
 */
function once(what, make) {
  const made = begun.get(what) ?? make();
  begun.set(what, made);
  return /** @type {Promise<T>} */ (made);
}

/** What tests need to find VS Code and the browser. @param {string[]} wanted versions of VS Code */
async function browserEnvironment(wanted) {
  const browser = once('browser', installBrowser);
  browser.catch(() => undefined); // It is thrown below, when VS Code is there.
  const hosts = [];
  for (const version of wanted) hosts.push(await once(version, () => installCodeServer(version)));
  return { MOXU_HOSTS: JSON.stringify(hosts), MOXU_CHROMIUM: await browser };
}

/** The extension as users get it; one that is there already can be named to test just that. */
async function vsix() {
  if (process.env.MOXU_VSIX) return process.env.MOXU_VSIX;
  const out = join(cache, 'vsix', `moxu-${thisTarget}.vsix`);
  await once('vsix', () => packageExtension({ target: thisTarget, out }));
  return out;
}

/** @param {string} folder @param {string} ending @returns {string[]} */
function compiledTests(folder, ending) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => name.endsWith(ending)).sort();
}

/**
 * @param {string} name
 * @param {StageOptions & { testMs: number, timeoutMs: number, env?: NodeJS.ProcessEnv, isTriedAgain?: boolean }} options
 * @returns {Promise<Results>}
 */
async function mocha(name, { testMs, rest, isTriedAgain = false, ...execution }) {
  const folder = join('out', 'test', name);
  if (compiledTests(join(root, folder), '.test.js').length === 0) {
    // Counted as a failure: a stage that lost its tests must not look like one that passed.
    throw new Error(`there is no test in test/${name}`);
  }
  const files = `${folder.replaceAll('\\', '/')}/**/*.test.js`;
  const options = mochaOptions(testMs, rest, isTriedAgain);
  return counted([process.execPath, mochaProgram, ...options, files, ...rest], execution);
}

/**
 * An `it.only` that was left in a test would have `npm test` run that one and say that all is well; who names tests by hand
 * is told what ran, and that it failed at the first try.
 *
 * @param {number} testMs @param {string[]} rest
 * @param {boolean} isTriedAgain for tests in a real VS Code, whose timing is not ours: what fails is tried once more, and
 * named in the summary where it passes then
 */
export function mochaOptions(testMs, rest, isTriedAgain = false) {
  const isByHand = rest.some((word) => /^(?:--grep|--fgrep|-g|-f)(?:=|$)/.test(word));
  // A failed test may leave an engine open, which would keep the process for ever.
  const options = ['--exit', '--reporter', reporter, '--timeout', String(testMs)];
  return isByHand ? options : [...options, '--forbid-only', ...(isTriedAgain ? ['--retries', '1'] : [])];
}

/**
 * Runs a program whose mocha writes its counts through reporter.ts.
 *
 * @param {string[]} program
 * @param {Omit<import('./execute.mjs').Execution, 'doneWhen'>} execution
 * @returns {Promise<Results>}
 */
async function counted(program, { env, ...execution }) {
  const folder = mkdtempSync(join(tmpdir(), 'moxu-test-'));
  const file = join(folder, 'results.json');
  try {
    const { code, output } = await execute(program, {
      env: { ...env, MOXU_RESULTS: file },
      doneWhen: file,
      ...execution,
    });
    if (!existsSync(file)) return unfinished(`${file}.part`, lastWords(code, output));
    /** @type {Results} */
    const results = JSON.parse(readFileSync(file, 'utf8'));
    if (code !== 0 && results.failed.length === 0)
      results.failed.push({ title: 'the program', message: `all its tests passed, but it ended with ${code}` });
    if (results.passed + results.failed.length + results.skipped.length === 0) throw new Error('no test ran');
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What is known of tests that never came to their end.
 *
 * @param {string} part @param {string} message @returns {Results}
 */
function unfinished(part, message) {
  /** @type {Results} */
  const results = existsSync(part)
    ? JSON.parse(readFileSync(part, 'utf8'))
    : { passed: 0, failed: [], skipped: [], running: 'before the first test' };
  return { ...results, failed: [...results.failed, { title: `did not end: ${results.running}`, message }] };
}

/** @param {number | string} code @param {string[]} output */
const lastWords = (code, output) =>
  [...output.filter((line) => line.trim()).slice(-40), `ended with ${code}`].join('\n');

/** @param {string} script of package.json @param {StageOptions} options @returns {Promise<Results>} */
async function asOneTest(script, { print }) {
  const program = [...npmCommand(), 'run', '--silent', script];
  const { code, output } = await execute(program, { print, timeoutMs: 15 * minute });
  if (code === 0) return { passed: 1, failed: [], skipped: [] };
  return { passed: 0, failed: [{ title: `npm run ${script}`, message: lastWords(code, output) }], skipped: [] };
}
