/**
 * Stands in for a desktop VS Code before @vscode/test-electron: takes the same arguments, runs the tests in
 * code-server and Chromium, prints what they print, and exits with their code.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { format } from 'node:util';
import { launchBrowser } from './browser';
import { outputMark } from './outputMark';
import { installedHosts, startServer, workbenchUrl } from './server';
import { leaveUnpainted, paintedPicture } from './unpainted';

/** Without a line for so long the tests hang. */
const timeoutMs = 300_000;

/** Native add-ons that code-server runs without here, and the gallery that it is kept from. */
const knownNoise = /bindings file|Release\/watchdog|from gallery|^DialogService:/;

/** `--name=value` arguments; the first argument without dashes is the folder to open. */
function parseArguments(argv: string[]): { folder?: string; options: Map<string, string> } {
  const options = new Map<string, string>();
  let folder: string | undefined;
  for (const argument of argv) {
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    if (name !== undefined) options.set(name, value ?? '');
    else folder ??= resolve(argument);
  }
  return folder === undefined ? { options } : { folder, options };
}

async function main(): Promise<number> {
  const { folder, options } = parseArguments(process.argv.slice(2));
  const extension = options.get('extensionDevelopmentPath');
  const tests = options.get('extensionTestsPath');
  const [host] = installedHosts();
  if (!extension || !tests || !folder || !host)
    throw new Error('a folder, an extension, its tests and a host are needed');
  const profile = mkdtempSync(join(tmpdir(), 'moxu-vscode-'));
  const server = await startServer(host, { profile, testDriver: true });
  const browser = await launchBrowser();
  try {
    await leaveUnpainted(browser.page);
    const finished = new Promise<number>((done) => {
      void browser.page.exposeFunction('codeAutomationExit', done);
    });
    let hanging: NodeJS.Timeout | undefined;
    const unmarked: string[] = [];
    await browser.page.exposeFunction('codeAutomationLog', (_level: string, values: unknown[]) => {
      const text = format(...values);
      if (text.startsWith(outputMark)) {
        hanging?.refresh();
        console.log(text.slice(outputMark.length));
      } else if (!knownNoise.test(text)) unmarked.push(text.split('\n', 5).join('\n'));
    });
    await browser.page.goto(
      workbenchUrl({ port: server.port, folder, extensionUnderDevelopment: resolve(extension), tests: resolve(tests) }),
    );
    const late = new Promise<number>((done) => (hanging = setTimeout(done, timeoutMs, 124)));
    const code = await Promise.race([finished, late]);
    clearTimeout(hanging);
    if (code !== 0) {
      console.log(`VS Code's own last messages:\n${unmarked.slice(-30).join('\n')}`);
      const picture = join('.cache', 'screenshots', 'integration-failed.png');
      mkdirSync(dirname(picture), { recursive: true });
      await paintedPicture(browser.page, picture);
      console.log(code === 124 ? `nothing was said for ${timeoutMs / 1000} s, see ${picture}` : `see ${picture}`);
    }
    return code;
  } finally {
    await browser.close();
    await server.stop();
    rmSync(profile, { recursive: true, force: true });
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
