// Runs a program for a stage of the tests: its lines are printed as they come, and it ends with all its children.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { clearInterval, setInterval } from 'node:timers';

const minute = 60_000;
const isWindows = process.platform === 'win32';

/**
 * Programs that run now, each the head of a group of processes.
 *
 * @type {Set<import('node:child_process').ChildProcess>}
 */
const running = new Set();
process.on('exit', () => running.forEach((child) => end(child, 'SIGTERM')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** @param {import('node:child_process').ChildProcess} child @param {NodeJS.Signals} signal */
function end(child, signal) {
  if (!running.has(child)) return; // its process id may be another's by now
  try {
    if (isWindows || child.pid === undefined) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // All of its processes are gone already.
  }
}

/**
 * @typedef {object} Execution
 * @property {(line: string) => void} print
 * @property {number} timeoutMs without a line for so long it hangs, and is ended
 * @property {NodeJS.ProcessEnv} [env] set beside ours
 * @property {string} [doneWhen] once this file is there the program has ten seconds to end by itself
 */

/**
 * @param {string[]} program
 * @param {Execution} execution
 * @returns {Promise<{ code: number | string, output: string[] }>} its exit code, or why it was ended; and what it
 *   printed last
 */
export function execute([command = '', ...args], { print, timeoutMs, env = {}, doneWhen }) {
  return new Promise((resolve, reject) => {
    const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
    const child = spawn(command, args, {
      env: { ...process.env, ...colour, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: npm and VS Code start programs that would outlive them.
      detached: !isWindows,
    });
    running.add(child);
    let ended = '';
    /** @param {string} why */
    const stop = (why) => {
      ended = why;
      end(child, 'SIGTERM');
      setTimeout(() => end(child, 'SIGKILL'), 5000).unref();
    };
    const timer = setTimeout(() => stop(`it said nothing for ${timeoutMs / minute} minutes`), timeoutMs);
    /** @type {string[]} */
    const output = [];
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        print(line);
        timer.refresh();
        output.push(line);
        if (output.length > 200) output.shift();
      });
    const watch = setInterval(() => {
      if (!doneWhen || !existsSync(doneWhen)) return;
      clearInterval(watch);
      setTimeout(() => stop('still running 10 s after its last test: something was not disposed'), 10_000).unref();
    }, 500);
    const settle = () => {
      clearTimeout(timer);
      clearInterval(watch);
      end(child, 'SIGKILL'); // what it has started and left
      running.delete(child);
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    /** @param {number | null} code @param {NodeJS.Signals | null} signal */
    const finish = (code, signal) => {
      settle();
      resolve({ code: ended || (code ?? signal ?? 'unknown'), output });
    };
    child.on('close', finish);
    // A child of it that lives on may keep the output open for ever.
    child.on('exit', (code, signal) => setTimeout(() => finish(code, signal), 3000).unref());
  });
}
