// Finds a desktop VS Code for `npm start`, and opens the essay in it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findProgram, root, run } from './steps.mjs';

export const canShowWindows = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

const isRoot = process.getuid?.() === 0;
/** VS Code's launcher does nothing for root without it, not even tell its version. @param {string} profile */
const inProfile = (profile) => ['--user-data-dir', profile];

/**
 * How to start a program. Node.js starts no .cmd but through cmd.exe, for which a path or an argument is not one word until
 * it is quoted.
 *
 * @param {string} program
 * @param {string[]} args
 * @returns {[command: string, args: string[], options: { shell: boolean }]}
 */
export function startingOf(program, args, platform = process.platform) {
  if (platform !== 'win32' || !/\.(?:cmd|bat)$/i.test(program)) return [program, args, { shell: false }];
  const quoted = (/** @type {string} */ word) => `"${word}"`;
  return [quoted(program), args.map(quoted), { shell: true }];
}

/** @param {string} program @param {string} why @param {boolean} isNamed */
const unusable = (program, why, isNamed) =>
  new Error(
    isNamed
      ? `VSCODE_EXECUTABLE is ${program}, but ${why}. Set it to VS Code's own program or to its command "code"; without it, npm start looks for "code" itself and else opens VS Code in the browser.`
      : `${program}: ${why}. Set VSCODE_EXECUTABLE to VS Code's own program, or take this one off the PATH to have VS Code in the browser.`,
  );

/**
 * A desktop VS Code that can show a window here.
 *
 * @param {string} profile
 * @throws Error where VSCODE_EXECUTABLE names no program
 */
export async function findDesktop(profile) {
  const named = process.env.VSCODE_EXECUTABLE;
  if (named) {
    const program = existsSync(named) ? named : findProgram(named);
    if (!program) throw unusable(named, 'there is no such program', true);
    return program;
  }
  if (!canShowWindows()) return undefined;
  const code = findProgram('code');
  if (!code) return undefined;
  // Other programs are called so too.
  const [command, args, { shell }] = startingOf(code, ['--version', ...inProfile(profile)]);
  const version = await run(command, args, { shell, timeoutMs: 20_000 }).catch(() => '');
  return /^\d+\.\d+\.\d+/.test(version) ? code : undefined;
}

/**
 * @param {string} code
 * @param {{ profile: string, folder: string, file: string, line: number, column: number }} what
 * @returns {Promise<number>} its exit code, once the window is closed
 * @throws Error where it cannot be started
 */
export function openDesktop(code, { profile, folder, file, line, column }) {
  const [command, args, { shell }] = startingOf(code, [
    `--extensionDevelopmentPath=${root}`,
    ...inProfile(profile),
    ...['--disable-workspace-trust', '--skip-welcome', '--wait'],
    ...(isRoot ? ['--no-sandbox'] : []),
    ...[folder, '--goto', `${file}:${line}:${column}`],
  ]);
  console.log(`VS Code: ${code}`);
  return new Promise((resolve, reject) => {
    spawn(command, args, { stdio: 'inherit', shell })
      .on('error', ({ message }) => {
        reject(unusable(code, `it cannot be started (${message})`, Boolean(process.env.VSCODE_EXECUTABLE)));
      })
      .on('exit', (status) => resolve(status ?? 1));
  });
}
