// One line per step on the terminal, and child processes that only speak when they fail.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
export const cache = join(root, '.cache');

/** @param {number} milliseconds */
const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/**
 * Runs a task and prints its name and duration on one line.
 *
 * @template T
 * @param {string} name
 * @param {() => T | Promise<T>} task
 * @returns {Promise<T>}
 */
export async function step(name, task) {
  const start = performance.now();
  try {
    const result = await task();
    console.log(`✓ ${name} (${seconds(performance.now() - start)})`);
    return result;
  } catch (error) {
    console.log(`✗ ${name} (${seconds(performance.now() - start)})`);
    throw error;
  }
}

/**
 * Runs a program quietly.
 *
 * @throws Error with the end of all that it printed when it fails or takes too long.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, shell?: boolean, timeoutMs?: number }} [options]
 * @returns {Promise<string>} its standard output
 */
export function run(command, args, { cwd = root, env = process.env, shell = false, timeoutMs = 600_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let all = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      all += chunk;
    });
    child.stderr.on('data', (chunk) => (all += chunk));
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const line = [command, ...args].join(' ');
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new Error(`${line}: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(stdout);
      else reject(new Error(`${line} failed (${signal ?? code})\n${all.slice(-3000)}`));
    });
  });
}

/**
 * How to call npm: the one that runs this script, else the one beside this Node, else the one on the path.
 *
 * @returns {[string, ...string[]]}
 */
export function npmCommand() {
  const running = process.env.npm_execpath;
  if (running?.endsWith('npm-cli.js') && existsSync(running)) return [process.execPath, running];
  const beside = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  return existsSync(beside) ? [process.execPath, beside] : ['npm'];
}

/**
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function npm(args, options) {
  const [command, ...first] = npmCommand();
  return run(command, [...first, ...args], options);
}

/**
 * The full path of the first of these programs that the search path has.
 *
 * @param {string[]} names
 * @returns {string | undefined}
 */
export function findProgram(...names) {
  const extensions = process.platform === 'win32' ? ['.cmd', '.exe'] : [''];
  for (const name of names)
    for (const folder of (process.env.PATH ?? '').split(delimiter))
      for (const extension of extensions) {
        const path = join(folder, name + extension);
        if (folder && existsSync(path)) return path;
      }
  return undefined;
}
