/** 续写 as a writer meets it: palette, progress, Esc, undo, and a window that is reloaded. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import titles from '../../package.nls.json';
import type { Host } from '../host/server';
import type { Workbench } from '../host/workbench';

/** Writes for seconds. */
const settings = { 'moxu.continuation.length': 3000, 'moxu.ghostText.enabled': false };

export function continuation(host: Host, opened: () => Workbench): void {
  describe('续写', () => {
    let workbench: Workbench;
    let essay = '';
    before(async () => {
      workbench = opened();
      await workbench.begin(settings);
      essay = await workbench.savedText();
    });

    const stopButton = () => workbench.page.locator('[id="moxu.moxu.moxu.stop"]');
    const toast = () => workbench.page.locator('.notification-toast', { hasText: 'Moxu is writing' });

    it('streams at the cursor, says so, and Esc stops it; one undo takes it back', async () => {
      await workbench.runCommand(titles['command.continue']);
      await stopButton().waitFor();
      await toast()
        .filter({ hasText: /\d+ characters/ })
        .waitFor();
      await workbench.screenshot(`continuation-${host.version}`);
      await workbench.page.keyboard.press('Escape');
      await stopButton().waitFor({ state: 'hidden' });
      await toast().waitFor({ state: 'hidden' });
      const stopped = await workbench.savedText();
      assert.ok(stopped.startsWith(essay) && stopped.length > essay.length, 'text was written behind the essay');
      assert.ok(stopped.length < essay.length + 3000, `${stopped.length} characters: it was not stopped`);
      await sleep(500);
      assert.equal(await workbench.savedText(), stopped, 'nothing comes after it has stopped');
      await workbench.page.keyboard.press('Control+Z');
      assert.equal(await workbench.savedText(essay), essay);
    });

    it('Cancel in the notification and the button in the status bar stop it too', async () => {
      for (const stop of [toast().locator('.monaco-button', { hasText: 'Cancel' }), stopButton()]) {
        await workbench.goToEnd();
        await workbench.runCommand(titles['command.continue']);
        await stop.click();
        await stopButton().waitFor({ state: 'hidden' });
        // Back to the editor without moving the cursor.
        await workbench.page.keyboard.press('Control+1');
        const stopped = await workbench.savedText();
        assert.ok(stopped.length < essay.length + 3000, `${stopped.length} characters: it was not stopped`);
        await workbench.page.keyboard.press('Control+Z');
        assert.equal(await workbench.savedText(essay), essay);
      }
    });

    // What does not depend on VS Code's version.
    if (!host.isNewest) return;

    it('a window that is reloaded in the middle loses nothing, and the next run works', async () => {
      await workbench.goToEnd();
      await workbench.runCommand(titles['command.continue']);
      await stopButton().waitFor();
      await workbench.page.reload();
      await workbench.statusBar.waitFor();
      await workbench.waitForModel();
      const before = await workbench.savedText();
      assert.ok(before.startsWith(essay), before.slice(0, 60));
      await workbench.goToEnd();
      await workbench.runCommand(titles['command.continue']);
      await stopButton().waitFor();
      await stopButton().click();
      await stopButton().waitFor({ state: 'hidden' });
      assert.ok((await workbench.savedText()).startsWith(before));
    });
  });
}
