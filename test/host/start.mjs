// npm start [-- --open]: installs what is missing, builds, and opens VS Code with Moxu on a sample essay.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { installCodeServer, newest } from './codeServer.mjs';
import { canShowWindows, findDesktop, openDesktop } from './desktop.mjs';
import { cache, findProgram, root, step } from './steps.mjs';
import { findChromium } from './systemPackages.mjs';

// A test starts it on nothing that is kept, and has built already.
const { MOXU_START_HOME: home = join(cache, 'start'), MOXU_BUILT: isBuilt } = process.env;
const folder = join(home, 'sample');

async function main() {
  process.chdir(root);
  const profile = join(home, 'desktop');
  const desktop = await findDesktop(profile);
  if (!isBuilt) await bootstrap();
  /** @type {typeof import('./open.ts')} */
  const { copyEssay, endOf, essayName, openBrowser, serve } = createRequire(import.meta.url)(
    join(root, 'out', 'host', 'open.js'),
  );
  // What was typed into it at the last start is still there.
  const file = existsSync(join(folder, essayName)) ? join(folder, essayName) : copyEssay(folder);
  if (desktop) process.exit(await openDesktop(desktop, { profile, folder, file, ...endOf(file) }));

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
    if (!canShowWindows() || !openBrowser(url, programs)) console.log('There is no browser here that can show it.');
  }
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
