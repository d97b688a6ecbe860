/**
 * What a writer meets: the packaged extension, its own model, an unknown profile, an older and the newest VS Code. All in
 * one window, since opening one takes longer than most of what is tested in it.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasFailed } from '../host/failed';
import { extensionHost } from '../host/processes';
import { OutsideWatch } from '../host/outsideWatch';
import { installedHosts } from '../host/server';
import { Workbench } from '../host/workbench';
import { articlePanel } from './articlePanel';
import { continuation } from './continuation';
import { ghostText } from './ghostText';
import { models } from './models';
import { introduction } from './introduction';
import { status } from './status';

/** Asks in each way, and takes it back before anything is sent. */
const asks = `
  const { Worker, isMainThread } = require('node:worker_threads');
  const noError = () => undefined;
  require('node:net').connect(9, '192.0.2.1').on('error', noError).destroy();
  require('node:net').connect(9, '127.0.0.1').on('error', noError).destroy();
  require('node:https').get('https://192.0.2.2/').on('error', noError).destroy();
  fetch('http://192.0.2.3/', { signal: AbortSignal.abort() }).catch(noError);
  try { require('node:dns').lookup('moxu.invalid', { family: 99 }, noError); } catch {}
  if (isMainThread) new Worker(__filename);
`;

/** What a program in an extension's folder is noted to ask for, thread by thread. */
function notedOf(program: string): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'moxu-outside-'));
  try {
    const dist = join(folder, 'moxu.moxu-0.0.0', 'dist');
    mkdirSync(dist, { recursive: true });
    writeFileSync(join(dist, 'asks.js'), program);
    const watch = new OutsideWatch(folder);
    execFileSync(process.execPath, [join(dist, 'asks.js')], { env: { ...process.env, ...watch.environment } });
    const ours = watch.noted().filter(({ byMoxu }) => byMoxu?.includes('asks.js'));
    return [0, 1].map((thread) => ours.filter((line) => line.thread === thread).map(({ asked }) => asked ?? ''));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const host of installedHosts())
  describe(`VS Code ${host.version}`, () => {
    let workbench: Workbench;
    before(async () => {
      workbench = await Workbench.open(host, {}, { watchesOutside: true, isPainted: false });
      await workbench.waitForModel();
    });
    after(() => workbench.close());
    let failures = 0;
    afterEach(async function () {
      if (!hasFailed(this.currentTest)) return;
      await workbench.screenshot(`failed-${host.version}-${++failures}`);
      await workbench.recover().catch((error: unknown) => console.log(`not as it was: ${String(error)}`));
    });

    ghostText(host, () => workbench);
    if (host.isNewest) status(() => workbench);
    if (host.isNewest) introduction(() => workbench);
    continuation(host, () => workbench);
    articlePanel(host, () => workbench);
    if (host.isNewest) models(() => workbench);

    // A suite's own tests come before its suites.
    describe('in all of that', () => {
      it('what Node.js would ask for outside this machine is seen', () => {
        const expected = ['connect 192.0.2.1', 'get 192.0.2.2', 'fetch 192.0.2.3', 'lookup moxu.invalid'];
        for (const asked of notedOf(asks)) {
          for (const one of expected) assert.ok(asked.includes(one), `${one} is not in ${asked.join(', ')}`);
          assert.ok(!asked.some((one) => one.includes('127.0.0.1')));
        }
      });

      it('nothing outside this machine was asked for @smoke', () => {
        assert.deepEqual(workbench.outsideRequests, []);
        const noted = workbench.outside.noted();
        const ofHost = noted.filter(({ pid }) => pid === extensionHost(workbench.server.pid));
        assert.ok(
          ofHost.some(({ thread }) => thread === 0),
          'the extension host is watched',
        );
        assert.ok(
          ofHost.some(({ thread }) => thread > 0),
          'so is the engine’s thread',
        );
        const byMoxu = noted.filter((line) => line.byMoxu !== undefined);
        assert.deepEqual(byMoxu, [], JSON.stringify(noted.filter(({ asked }) => asked !== null)));
      });
    });
  });
