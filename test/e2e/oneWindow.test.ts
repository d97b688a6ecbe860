/**
 * What a writer meets: the packaged extension, its own model, an unknown profile, the oldest and the newest VS Code. All in
 * one window, since opening one takes longer than most of what is tested in it.
 */
import assert from 'node:assert/strict';
import { installedHosts } from '../host/server';
import { Workbench } from '../host/workbench';
import { articlePanel } from './articlePanel';
import { continuation } from './continuation';
import { ghostText } from './ghostText';
import { status } from './status';

for (const host of installedHosts())
  describe(`VS Code ${host.version}`, () => {
    let workbench: Workbench;
    before(async () => {
      workbench = await Workbench.open(host);
      await workbench.waitForModel();
    });
    after(() => workbench.close());
    let failures = 0;
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${host.version}-${++failures}`);
    });

    ghostText(host, () => workbench);
    if (host.isNewest) status(() => workbench);
    continuation(host, () => workbench);
    articlePanel(host, () => workbench);

    // A suite's own tests come before its suites.
    describe('in all of that', () => {
      it('nothing outside this machine was asked for', () => {
        assert.deepEqual(workbench.outsideRequests, []);
      });
    });
  });
