/** 续写 as a writer meets it: palette, progress, Esc, undo, and a window that is reloaded. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import titles from '../../package.nls.json';
import { characterCount } from '../../src/context/characterCount';
import { extensionHost } from '../host/processes';
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

    it('streams at the cursor, says so, and Esc stops it; one undo takes it back @smoke', async () => {
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

    it('an input method composes elsewhere meanwhile: its words are whole, and so is what is written', async () => {
      const { page } = workbench;
      const devtools = await page.context().newCDPSession(page);
      const compose = (text: string) =>
        devtools.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
      await workbench.workspaceSettings({ 'moxu.continuation.length': 5000 });
      await workbench.goToEnd();
      await workbench.runCommand(titles['command.continue']);
      await stopButton().waitFor();
      await page.keyboard.press('Control+Home');
      await page.keyboard.press('End');
      for (const [preedits, word] of [
        [['y', 'yuan', "yuan'zi"], '院子'],
        [['l', 'li'], '里'],
      ] as const) {
        for (const preedit of preedits) {
          await compose(preedit);
          await sleep(60);
        }
        await devtools.send('Input.insertText', { text: word });
      }
      await page.keyboard.press('Escape');
      await stopButton().waitFor({ state: 'hidden' });
      const [title = '', ...rest] = essay.split('\n');
      const head = [`${title}院子里`, ...rest].join('\n');
      const text = await workbench.savedText((saved) => saved.length > head.length);
      assert.ok(text.startsWith(head), text);
      await workbench.begin(settings);
    });

    /** Does what starts a run that comes to its end. @returns the document then: saved earlier, it would be two undo steps */
    async function written(act: () => Promise<unknown>): Promise<string> {
      await Promise.all([stopButton().waitFor(), act()]);
      await stopButton().waitFor({ state: 'hidden' });
      return workbench.savedText();
    }

    it('has keys: one writes, one writes another in its place, and one undo brings the first back', async () => {
      const { keyboard } = workbench.page;
      await workbench.workspaceSettings({ 'moxu.continuation.length': 100 });
      await workbench.goToEnd();
      const first = await written(() => keyboard.press('Control+Alt+Enter'));
      assert.ok(first.startsWith(essay) && first.length > essay.length, first.slice(-120));
      await workbench.waitForFacts([/^Last text: first token after \d+ ms, then [1-9]\d* per second$/]);
      const second = await written(() => keyboard.press('Control+Alt+Shift+Enter'));
      assert.ok(second.startsWith(essay) && second.length > essay.length, second.slice(-120));
      assert.ok(!second.includes(first.slice(essay.length)), 'it is in the place of the first');
      await keyboard.press('Control+Z');
      assert.equal(await workbench.savedText((text) => text === first), first);
      await keyboard.press('Control+Z');
      assert.equal(await workbench.savedText((text) => text === essay), essay);
    });

    it('is in the menu of the right mouse button', async () => {
      await workbench.workspaceSettings({ 'moxu.continuation.length': 100 });
      await workbench.goToEnd();
      const cursor = await workbench.page.locator('.monaco-editor.focused .cursor').first().boundingBox();
      assert.ok(cursor);
      await workbench.page.mouse.click(cursor.x - 2, cursor.y + cursor.height / 2, { button: 'right' });
      const item = workbench.page.locator('.monaco-menu .action-item', { hasText: titles['command.continue'] });
      // VS Code takes no button that is let go within 100 ms of a menu's opening.
      await item.waitFor();
      await workbench.page.waitForTimeout(200);
      const text = await written(() => item.click());
      assert.ok(text.startsWith(essay) && text.length > essay.length, text.slice(-120));
      await workbench.page.keyboard.press('Control+Z');
      assert.equal(await workbench.savedText((left) => left === essay), essay);
      await workbench.workspaceSettings({});
    });

    it('goes on in the file as which the document is saved meanwhile, and leaves the one that it was as it is', async () => {
      const { page } = workbench;
      const name = '另存.md';
      const before = await workbench.savedText();
      const tabs = await page.locator('.tab').count();
      await workbench.workspaceSettings({ 'moxu.continuation.length': 5000 });
      await workbench.goToEnd();
      await workbench.runCommand(titles['command.continue']);
      await stopButton().waitFor();
      await workbench.startCommand('File: Save As...');
      const path = page.locator('.quick-input-box input[aria-label*="Save As"]');
      await path.waitFor();
      // VS Code fills in the folder before it listens.
      await page.locator('.quick-input-list .monaco-list-row').first().waitFor();
      await path.fill(join(workbench.folder, 'documents', name));
      await page.keyboard.press('Enter');
      await page.locator('.tab.active', { hasText: name }).waitFor();
      await page.locator('.tab.dirty', { hasText: name }).waitFor();
      await stopButton().click();
      await stopButton().waitFor({ state: 'hidden' });
      assert.equal(await page.locator('.tab').count(), tabs, 'no tab more');
      const saved = await workbench.savedText((text) => text.length > before.length, name);
      assert.ok(saved.startsWith(before));
      await workbench.showFile();
      assert.equal(await workbench.savedText(), before);
      await workbench.closeFile(name);
      await workbench.workspaceSettings({});
    });

    it('goes on while the writer types elsewhere, saves, and looks at another tab, and all of both stands there', async () => {
      const { keyboard } = workbench.page;
      await workbench.openFile('别的.md', '别的');
      // It cannot end before it is stopped.
      await workbench.workspaceSettings({ 'moxu.continuation.length': 5000 });
      await workbench.showFile();
      await workbench.runCommand(titles['command.continue']);
      await stopButton().waitFor();
      await keyboard.press('Control+Home');
      await workbench.write('草稿：');
      const begun = `草稿：${essay}`;
      const early = await workbench.savedMeanwhile((text) => text.startsWith(begun) && text.length > begun.length);
      await workbench.showFile('别的.md');
      // What comes while it is hidden waits.
      await workbench.runCommand('File: Save All Files');
      const hidden = await workbench.savedMeanwhile((text) => text.startsWith(early));
      await workbench.showFile();
      const isMore = (text: string) => text.length > hidden.length || characterCount(text).all > 5000;
      const later = await workbench.savedMeanwhile((text) => text.startsWith(hidden) && isMore(text));
      await keyboard.press('Escape');
      await stopButton().waitFor({ state: 'hidden' });
      assert.ok((await workbench.savedText()).startsWith(later));
      assert.equal(await workbench.savedText(() => true, '别的.md'), '别的');
      await workbench.begin(settings);
    });

    it('says that a document is read-only, leaves it as it is, and what is written all the same can be had', async () => {
      await workbench.workspaceSettings({
        'moxu.continuation.length': 50,
        'files.readonlyInclude': { '**/*.md': true },
      });
      const readOnly = workbench.page.locator('.tab.active [aria-label*="Read-only"]');
      await readOnly.waitFor();
      await workbench.runCommand(titles['command.continue']);
      const refused = workbench.page.locator('.notification-toast', { hasText: 'does not accept changes' });
      const button = (name: string | RegExp) => refused.locator('.monaco-button', { hasText: name });
      // A short text may be at its end before its first words are refused; it is offered at once then.
      await button(/^(?:Continue Anyway|Copy)$/).waitFor();
      if (await button('Continue Anyway').isVisible()) await button('Continue Anyway').click();
      await button('Copy').click();
      await refused.waitFor({ state: 'hidden' });
      await workbench.workspaceSettings({});
      await readOnly.waitFor({ state: 'detached' });
      assert.equal(await workbench.savedText(), essay);
      await workbench.openFile('抄来.md', '');
      await workbench.page.keyboard.press('Control+V');
      assert.notEqual(await workbench.savedText((text) => text !== '', '抄来.md'), '');
      await workbench.showFile();
    });

    it('breaks lines as the file does', async () => {
      const lines = '# 雨\r\n\r\n雨下了一夜。\r\n\r\n祖父说，';
      // Less is written before anybody sees that it is.
      await workbench.workspaceSettings({ 'moxu.continuation.length': 1000 });
      await workbench.openFile('回车.md', lines);
      await workbench.runCommand(titles['command.continue']);
      await stopButton().waitFor();
      await stopButton().waitFor({ state: 'hidden' });
      const text = await workbench.savedText((saved) => saved !== lines, '回车.md');
      assert.ok(text.startsWith(lines) && text.length > lines.length, JSON.stringify(text));
      assert.doesNotMatch(text, /(?<!\r)\n|\r(?!\n)/);
      await workbench.page.keyboard.press('Control+Z');
      assert.equal(await workbench.savedText((left) => left === lines, '回车.md'), lines);
      await workbench.showFile();
      await workbench.workspaceSettings({});
    });

    it('a window that is reloaded in the middle loses nothing, ends its process as it should, and the next run works', async () => {
      // It cannot end before the window is reloaded.
      await workbench.workspaceSettings({ 'moxu.continuation.length': 5000 });
      await workbench.goToEnd();
      await workbench.runCommand(titles['command.continue']);
      await stopButton().waitFor();
      const streamed = await workbench.savedMeanwhile((text) => text.length > essay.length + 20);
      await workbench.page.keyboard.press('Control+Home');
      await workbench.write('草稿：');
      // Of what is not saved, while a text is being written, VS Code in a browser asks before it leaves. Playwright says that
      // it may, and then that is gone.
      const kept = await workbench.savedMeanwhile((text) => text.startsWith(`草稿：${streamed}`));
      const pid = extensionHost(workbench.server.pid);
      await workbench.reloadWindow();
      const before = await workbench.savedText();
      assert.ok(before.startsWith(kept), `${before}\n\nbegan before:\n${kept}`);
      // The run is stopped, and `deactivate` waits for the engine: while that computes, the process would not end but abort.
      assert.equal(await workbench.endOfExtensionHost(pid), 'code: 0, signal: null.');
      await workbench.goToEnd();
      await workbench.runCommand(titles['command.continue']);
      await stopButton().click();
      await stopButton().waitFor({ state: 'hidden' });
      assert.ok((await workbench.savedText()).startsWith(before));
      await workbench.workspaceSettings({});
    });

    if (host.isNewest)
      it('Esc is VS Code’s again where the process that runs extensions has died in the middle', async () => {
        await workbench.goToEnd();
        await workbench.runCommand(titles['command.continue']);
        await stopButton().waitFor();
        const pid = extensionHost(workbench.server.pid);
        process.kill(pid, 'SIGKILL');
        // VS Code starts another.
        await stopButton().waitFor({ state: 'detached' });
        await workbench.statusBar.waitFor();
        await workbench.waitForModel();
        await workbench.goToEnd();
        const selected = workbench.page.locator('.statusbar-item', { hasText: /\(\d+ selected\)/ });
        await workbench.page.keyboard.press('Control+A');
        await selected.waitFor();
        await workbench.page.keyboard.press('Escape');
        await selected.waitFor({ state: 'detached', timeout: 20_000 });
      });
  });
}
