// The stages of `npm test`. Each returns what it counted; one that dies, hangs or runs nothing counts as a failure.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { installCodeServer, newest, versions } from './codeServer.mjs';
import { packageExtension, thisTarget } from './package.mjs';
import { cache, npmCommand, root } from './steps.mjs';
import { installBrowser } from './systemPackages.mjs';

/**
 * @typedef {object} Results
 * @property {number} passed
 * @property {number} failed
 * @property {{ title: string, reason: string }[]} skipped
 */

const minute = 60_000;
const mochaProgram = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
const reporter = join(root, 'out', 'host', 'reporter.js');

/**
 * By name; each takes the arguments that follow it on the command line.
 *
 * @type {Record<string, (rest: string[]) => Promise<Results>>}
 */
export const stages = {
  lint: () => asOneTest([...npmCommand(), 'run', '--silent', 'lint'], 5 * minute),
  typecheck: () => asOneTest([...npmCommand(), 'run', '--silent', 'typecheck'], 5 * minute),
  unit: (rest) => mocha('unit', { testMs: 10_000, timeoutMs: 5 * minute, rest }),
  model: (rest) => mocha('model', { testMs: 60_000, timeoutMs: 10 * minute, rest }),
  integration: async (rest) => {
    const desktop = process.env.VSCODE_EXECUTABLE;
    const env = desktop ? {} : await browserEnvironment([newest]);
    const grep = rest[0] === '--grep' ? rest[1] : rest[0];
    const program = [process.execPath, join('test', 'host', 'runIntegration.mjs')];
    return counted(program, { env: { ...env, MOXU_GREP: grep ?? '' }, timeoutMs: 6 * minute });
  },
  e2e: async (rest) => {
    const env = { ...(await browserEnvironment(versions)), MOXU_VSIX: await vsix() };
    return mocha('e2e', { testMs: 2 * minute, timeoutMs: 12 * minute, rest, env });
  },
  bench,
};

/**
 * The programs of test/bench, or those named: `npm run bench -- ghost 100` runs ghost.bench with 100 as its argument.
 *
 * @param {string[]} rest
 * @returns {Promise<Results>}
 */
async function bench(rest) {
  const folder = join(root, 'out', 'test', 'bench');
  const all = compiledTests(folder, '.bench.js').map((name) => name.replace(/\.bench\.js$/, ''));
  const named = all.filter((name) => rest.includes(name));
  const passedOn = rest.filter((word) => !all.includes(word));
  const results = { passed: 0, failed: all.length === 0 ? 1 : 0, skipped: [] };
  for (const name of named.length > 0 ? named : all) {
    console.log(`\n── bench ${name}`);
    // Only this one looks at VS Code from outside.
    const env = name === 'ghost' ? { ...(await browserEnvironment([newest])), MOXU_VSIX: await vsix() } : {};
    const program = [process.execPath, join(folder, `${name}.bench.js`), ...passedOn];
    const code = await execute(program, { env, timeoutMs: 30 * minute });
    if (code === 0) results.passed++;
    else results.failed++;
  }
  return results;
}

/**
 * @param {string} name
 * @param {string[]} rest
 * @returns {Promise<Results>}
 */
export async function runStage(name, rest) {
  const stage = stages[name];
  if (!stage) throw new Error(`no stage ${name}`);
  console.log(`\n── ${name}`);
  try {
    return await stage(rest);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1, skipped: [] };
  }
}

/** What tests need to find VS Code and the browser. @param {string[]} wanted versions of VS Code */
async function browserEnvironment(wanted) {
  const hosts = [];
  for (const version of wanted) hosts.push(await installCodeServer(version));
  return { MOXU_HOSTS: JSON.stringify(hosts), MOXU_CHROMIUM: await installBrowser() };
}

/** The extension as users get it; one that is there already can be named to test just that. */
async function vsix() {
  if (process.env.MOXU_VSIX) return process.env.MOXU_VSIX;
  const out = join(cache, 'vsix', `moxu-${thisTarget}.vsix`);
  await packageExtension({ target: thisTarget, out });
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
 * @param {{ testMs: number, timeoutMs: number, rest: string[], env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<Results>}
 */
async function mocha(name, { testMs, timeoutMs, rest, env = {} }) {
  const folder = join('out', 'test', name);
  if (compiledTests(join(root, folder), '.test.js').length === 0) {
    // Counted as a failure: a stage that lost its tests must not look like one that passed.
    throw new Error(`there is no test in test/${name}`);
  }
  const files = `${folder.replaceAll('\\', '/')}/**/*.test.js`;
  // A failed test may leave an engine open, which would keep the process for ever.
  const options = ['--exit', '--reporter', reporter, '--timeout', String(testMs)];
  const program = [process.execPath, mochaProgram, ...options, files, ...rest];
  return counted(program, { env, timeoutMs });
}

/**
 * Runs a program whose mocha writes its counts through reporter.ts.
 *
 * @param {string[]} program
 * @param {{ env: NodeJS.ProcessEnv, timeoutMs: number }} options
 * @returns {Promise<Results>}
 */
async function counted(program, { env, timeoutMs }) {
  const folder = mkdtempSync(join(tmpdir(), 'moxu-test-'));
  const file = join(folder, 'results.json');
  try {
    const code = await execute(program, { env: { ...env, MOXU_RESULTS: file }, timeoutMs, doneWhen: file });
    if (!existsSync(file)) throw new Error(`ended early (${code}), without results`);
    /** @type {Results} */
    const results = JSON.parse(readFileSync(file, 'utf8'));
    if (code !== 0 && results.failed === 0) {
      console.error(`all its tests passed, but the program ended with ${code}`);
      results.failed++;
    }
    if (results.passed + results.failed + results.skipped.length === 0) throw new Error('no test ran');
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string[]} program @param {number} timeoutMs @returns {Promise<Results>} */
async function asOneTest(program, timeoutMs) {
  const code = await execute(program, { env: {}, timeoutMs });
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] };
}

/**
 * Runs a program on this terminal.
 *
 * @param {string[]} program
 * @param {{ env: NodeJS.ProcessEnv, timeoutMs: number, doneWhen?: string }} options doneWhen: once this file is there
 *   the program has ten seconds to end by itself
 * @returns {Promise<number | string>} its exit code, or why it was ended
 */
function execute([command = '', ...args], { env, timeoutMs, doneWhen }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' });
    let ended = '';
    /** @param {string} why */
    const end = (why) => {
      ended = why;
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), 5000).unref();
    };
    const timer = setTimeout(() => end(`no end after ${timeoutMs / minute} minutes`), timeoutMs);
    const watch = setInterval(() => {
      if (!doneWhen || !existsSync(doneWhen)) return;
      clearInterval(watch);
      setTimeout(() => end('still running 10 s after its last test: something was not disposed'), 10_000).unref();
    }, 500);
    const settle = () => {
      clearTimeout(timer);
      clearInterval(watch);
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      settle();
      resolve(ended || (code ?? signal ?? 'unknown'));
    });
  });
}
