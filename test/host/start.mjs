// npm start [-- --open]: installs what is missing, builds, and opens VS Code with Moxu on a sample essay.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { installCodeServer, newest } from './codeServer.mjs';
import { cache, findProgram, root, run, step } from './steps.mjs';
import { findChromium } from './systemPackages.mjs';

// A test starts it on nothing that is kept, and has built already.
const { MOXU_START_HOME: home = join(cache, 'start'), MOXU_BUILT: isBuilt } = process.env;
const folder = join(home, 'sample');

const canShowWindows = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;

/** A desktop VS Code that can show a window here. */
async function findDesktop() {
  if (process.env.VSCODE_EXECUTABLE) return process.env.VSCODE_EXECUTABLE;
  if (!canShowWindows) return undefined;
  const code = findProgram('code');
  if (!code) return undefined;
  // Other programs are called so too.
  const version = await run(code, ['--version'], { timeoutMs: 20_000 }).catch(() => '');
  return /^\d+\.\d+\.\d+/.test(version) ? code : undefined;
}

/** @param {string} code @param {string} file @param {{ line: number, column: number }} end */
function startDesktop(code, file, end) {
  const args = [
    `--extensionDevelopmentPath=${root}`,
    ...['--user-data-dir', join(home, 'desktop')],
    ...['--disable-workspace-trust', '--skip-welcome', '--wait'],
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ...[folder, '--goto', `${file}:${end.line}:${end.column}`],
  ];
  console.log(`VS Code: ${code}`);
  // A path is not a word for cmd.exe until it is quoted.
  const shell = process.platform === 'win32' && code.endsWith('.cmd');
  const quoted = shell ? args.map((argument) => `"${argument}"`) : args;
  spawn(shell ? `"${code}"` : code, quoted, { stdio: 'inherit', shell }).on('exit', (status) =>
    process.exit(status ?? 1),
  );
}

async function main() {
  process.chdir(root);
  if (!isBuilt) await bootstrap();
  /** @type {typeof import('./open.ts')} */
  const { copyEssay, endOf, essayName, openBrowser, serve } = createRequire(import.meta.url)(
    join(root, 'out', 'host', 'open.js'),
  );
  // What was typed into it at the last start is still there.
  const file = existsSync(join(folder, essayName)) ? join(folder, essayName) : copyEssay(folder);
  const desktop = await findDesktop();
  if (desktop) return startDesktop(desktop, file, endOf(file));

  const host = await installCodeServer(newest);
  const { server, url } = await step('VS Code in the browser', () =>
    serve(host, join(home, 'profile'), root, { folder, file }),
  );
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await server.stop();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  console.log(
    `\n墨续 is ready; open this address, type at the end of the essay, accept with Tab:\n\n  ${url}\n\nCtrl+C stops it.`,
  );
  if (process.argv.includes('--open')) {
    // The desktop's own choice first; root's is Chromium at once, since it needs a flag that xdg-open cannot give.
    const programs = [process.getuid?.() === 0 ? undefined : findProgram('xdg-open'), findChromium()];
    if (!canShowWindows || !openBrowser(url, programs)) console.log('There is no browser here that can show it.');
  }
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
