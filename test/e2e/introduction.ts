/** What tells a writer of Moxu: the page of the installed extension, without a network, and the walkthrough. */
import assert from 'node:assert/strict';
import titles from '../../package.nls.json';
import type { Workbench } from '../host/workbench';

const neverSilent = { 'moxu.ghostText.confidenceFloor': 0 };

export function introduction(opened: () => Workbench): void {
  describe('the introduction', () => {
    let workbench: Workbench;
    before(() => (workbench = opened()).begin(neverSilent));

    const tab = (name: RegExp) => workbench.page.locator('.tab', { hasText: name });

    async function close(name: RegExp): Promise<void> {
      await tab(name).click({ button: 'middle' });
      await tab(name).waitFor({ state: 'detached' });
    }

    it('shows no picture and no link that would need a network, and leads from one language to the other', async () => {
      const { page } = workbench;
      await workbench.runCommand('Extensions: Show Installed Extensions');
      await page.locator('.extensions-viewlet .monaco-list-row', { hasText: 'Moxu' }).click();
      await tab(/^Extension: /).waitFor();
      const readme = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
      const link = (words: string) => readme.getByRole('link', { name: words, exact: true });
      await link('English').waitFor();
      const broken = `[...document.images].filter((image) => image.naturalWidth === 0).map(({ alt }) => alt)`;
      assert.deepEqual(await readme.locator('html').evaluate(broken), []);
      // VS Code takes the address from a link that it would not follow; # leads up.
      const dead = `[...document.querySelectorAll('a')].filter((link) => {
        const target = link.getAttribute('href') ?? '';
        const isWithin = target === '#' || document.getElementById(decodeURIComponent(target.slice(1))) !== null;
        return target.startsWith('#') ? !isWithin : !target.startsWith('https:');
      }).map(({ textContent }) => textContent)`;
      assert.deepEqual(await readme.locator('html').evaluate(dead), []);
      const { height } = page.viewportSize() ?? { height: 0 };
      for (const [words, heading] of [
        ['English', 'Moxu 墨续: Chinese writing in VS Code'],
        ['中文', '墨续 · 中文写作助手'],
      ] as const) {
        await link(words).click();
        const title = readme.getByRole('heading', { name: heading, exact: true });
        const isSeen = `new Promise((seen) => {
          const look = () => {
            const { top } = document.getElementById(${JSON.stringify(await title.getAttribute('id'))}).getBoundingClientRect();
            if (top >= -50 && top < ${height / 2}) seen(true);
            else requestAnimationFrame(look);
          };
          look();
        })`;
        assert.equal(await readme.locator('html').evaluate(isSeen), true);
      }
      await close(/^Extension: /);
      await page.keyboard.press('Control+Shift+E');
    });

    async function openWalkthrough(): Promise<void> {
      await workbench.statusBar.click();
      await workbench.page
        .locator('.quick-input-widget .monaco-list-row')
        .filter({ hasText: /Getting Started|入门/ })
        .click();
    }

    it('the walkthrough knows of what was done before it was opened', async () => {
      await workbench.showFile();
      await workbench.writeUntilGhost('，坐在门槛上听雨，想起祖父');
      await workbench.page.keyboard.press('Tab');
      await workbench.runCommand('Continue Writing');
      await workbench.page.locator('[id="moxu.moxu.moxu.stop"]').waitFor({ state: 'hidden' });
      await workbench.runCommand(titles['view.article']);
      await workbench.page.keyboard.press('Control+Shift+E');
      await openWalkthrough();
      for (const step of ['ghost', 'continue', 'article'])
        await workbench.page
          .locator(`[data-done-step-id$="#${step}"].codicon-getting-started-step-checked`)
          .first()
          .waitFor();
      await close(/Welcome|Walkthrough/);
    });

    it('the walkthrough knows of ghost text that was accepted with Tab, as it says to do', async () => {
      // VS Code takes note of a command once in a window's life.
      await workbench.savedText();
      await workbench.page.reload();
      await workbench.statusBar.waitFor();
      const step = (state: string) =>
        workbench.page.locator(`[data-done-step-id$="#ghost"].codicon-getting-started-step-${state}`);
      await openWalkthrough();
      await step('checked').or(step('unchecked')).first().waitFor();
      // Ghost text was accepted in other tests.
      if (await step('checked').first().isVisible()) await step('checked').first().click();
      await step('unchecked').first().waitFor();
      await workbench.showFile();
      await workbench.writeUntilGhost('，坐在门槛上听雨，想起祖父');
      await workbench.page.keyboard.press('Tab');
      await tab(/Welcome|Walkthrough/).click();
      await step('checked').first().waitFor();
      await close(/Welcome|Walkthrough/);
    });
  });
}
