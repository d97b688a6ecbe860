/** The status bar, its menu, 字数 and the page of figures, as a writer meets them. */
import assert from 'node:assert/strict';
import titles from '../../package.nls.json';
import { characterCount } from '../../src/context/characterCount';
import type { Workbench } from '../host/workbench';

const neverSilent = { 'moxu.ghostText.confidenceFloor': 0 };
const inDigits = (count: number): string => count.toLocaleString('en');

export function status(opened: () => Workbench): void {
  describe('the status bar', () => {
    let workbench: Workbench;
    before(() => (workbench = opened()).begin(neverSilent));

    const characters = () => workbench.statusItem('characters');
    const menu = () => workbench.page.locator('.quick-input-widget');
    const page = () => workbench.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');

    const figuresTab = (state = '') =>
      workbench.page.locator(`.tab${state}`, { hasText: /Ghost Text Statistics|灰字统计/ });

    async function openFigures(): Promise<void> {
      await workbench.runCommand(titles['command.showFigures']);
      await figuresTab('.active').waitFor();
      await page().locator('#fates tr').first().waitFor({ state: 'attached' });
    }

    async function closeFigures(): Promise<void> {
      // The palette's first command that sounds so may close more.
      await figuresTab().click({ button: 'middle' });
      await figuresTab().waitFor({ state: 'detached' });
    }

    async function choose(label: RegExp): Promise<void> {
      await workbench.statusBar.click();
      await menu().locator('.monaco-list-row').filter({ hasText: label }).first().click();
      await menu().waitFor({ state: 'hidden' });
    }

    it('calls the built-in model what it is, and tells whoever points at it how the model does', async () => {
      await workbench.statusBar.filter({ hasText: /Moxu · trial model|墨续 · 试用模型/ }).waitFor();
      await workbench.goToEnd();
      await workbench.writeUntilGhost('，坐在门槛上听雨，想起祖父');
      await workbench.waitForFacts([
        /^Model: .+ \(.*\d.* parameters, .+\)$/,
        /^Runs on: CPU, threads: \d+/,
        /^Latest suggestion: after \d+ ms$/,
        /^Requests answered from memory: \d+ of [1-9]\d* \(\d+ %\)$/,
      ]);
    });

    it('its menu leads to the list of models', async () => {
      await workbench.statusBar.click();
      await menu()
        .locator('.monaco-list-row')
        .filter({ hasText: /Choose Model…|选择模型…/ })
        .click();
      const models = menu().locator('.monaco-list-row');
      // The menu names the model too, and is there for a moment longer; its licence stands in the list alone.
      const own = models.filter({ hasText: /(?:Built-in trial model|内置试用模型).*apache-2\.0/ });
      await own.waitFor();
      const cut = `[...document.querySelectorAll('.quick-input-widget .monaco-list-row *')].filter((part) =>
        getComputedStyle(part).textOverflow === 'ellipsis' && part.scrollWidth > part.clientWidth).map((part) => part.innerText)`;
      assert.deepEqual(await workbench.page.evaluate(cut), []);
      await models.filter({ hasText: /Import Model…|导入模型…/ }).waitFor();
      await workbench.page.keyboard.press('Escape');
      await menu().waitFor({ state: 'hidden' });
    });

    it('counts the characters of the document as it is written, and of what is selected', async () => {
      await workbench.goToEnd();
      const before = characterCount(await workbench.savedText()).all;
      await characters()
        .filter({ hasText: inDigits(before) })
        .waitFor();
      await workbench.write('我用 VS Code 写。');
      await characters()
        .filter({ hasText: inDigits(before + 6) })
        .waitFor();
      await workbench.page.keyboard.press('Control+A');
      await characters()
        .filter({ hasText: new RegExp(`${inDigits(before + 6)} (?:of|/) ${inDigits(before + 6)}`) })
        .waitFor();
      await workbench.goToEnd();
    });

    it('counts a part that is selected, and says how many are no punctuation', async () => {
      await workbench.goToEnd();
      const { keyboard } = workbench.page;
      await workbench.write('雨，停了。');
      const all = characterCount(await workbench.savedText()).all;
      for (let i = 0; i < 4; i++) await keyboard.press('Shift+ArrowLeft');
      await characters()
        .filter({ hasText: new RegExp(`\\b4 (?:of|/) ${inDigits(all)}`) })
        .waitFor();
      await characters().hover();
      // ，停了。 without its two marks
      await workbench.page
        .getByText(/Selected: 4 characters, 2 without punctuation|选中 4 字，不计标点 2 字/)
        .first()
        .waitFor();
      await workbench.goToEnd();
    });

    it('says of one character that it is one', async () => {
      await workbench.openFile('一.md', '雨');
      await characters()
        .filter({ hasText: /^1 (?:character|字)$/ })
        .waitFor();
      await workbench.page.keyboard.press('Control+A');
      await characters()
        .filter({ hasText: /^1 (?:of 1 character|\/ 1 字)$/ })
        .waitFor();
      await workbench.showFile();
      await workbench.goToEnd();
    });

    it('pauses, says until when, and resumes', async () => {
      await choose(/30 minutes|30 分钟/);
      await workbench.statusBar.filter({ hasText: /\d\d:\d\d/ }).waitFor();
      await workbench.statusBar.click();
      await menu()
        .getByText(/(?:29|30) min left|还剩 (?:29|30) 分钟/)
        .waitFor();
      await workbench.page.keyboard.press('Escape');
      await choose(/Resume|恢复/);
      await choose(/5 minutes|5 分钟/);
      await workbench.statusBar.filter({ hasText: /\d\d:\d\d/ }).waitFor();
      await workbench.statusBar.click();
      await menu()
        .getByText(/[1-5] min left|还剩 [1-5] 分钟/)
        .waitFor();
      await workbench.page.keyboard.press('Escape');
      await workbench.goToEnd();
      await workbench.write('小时候');
      assert.equal(await workbench.ghost(1500).catch(() => ''), '');
      await choose(/Resume|恢复/);
      await workbench.statusBar.filter({ hasNotText: /\d\d:\d\d/ }).waitFor();
      await workbench.goToEnd();
      await workbench.writeUntilGhost('坐在门槛上听雨，想起祖父');
    });

    it('is switched off and on for one language', async () => {
      // The status bar speaks of the document that is shown.
      await workbench.showFile();
      await workbench.goToEnd();
      await choose(/Markdown.*(?:turn it off|关闭)/);
      await workbench.statusBar.locator('.codicon-circle-slash').waitFor();
      // The rows of the menu before are there for a moment, in another order.
      await choose(/Markdown.*(?:turn it on|打开|开启)/);
      await workbench.statusBar.locator('.codicon-circle-slash').waitFor({ state: 'detached' });
    });

    it('shows the figures of what was accepted', async () => {
      const accepted = () =>
        page()
          .locator('#fates tr', { hasText: /Accepted whole|整条接受/ })
          .locator('td')
          .first();
      await openFigures();
      const earlier = Number(await accepted().textContent());
      await closeFigures();
      await workbench.goToEnd();
      await workbench.writeUntilGhost('。后来，每到下雨的时候，我就想起故乡');
      const before = await workbench.savedText();
      await workbench.ghost();
      await workbench.page.keyboard.press('Tab');
      await workbench.savedText((text) => text !== before);
      await workbench.write('。');
      await openFigures();
      await accepted()
        .filter({ hasText: new RegExp(`^${earlier + 1}$`) })
        .waitFor();
      assert.equal(await page().locator('#figures').isVisible(), true);
      await closeFigures();
    });

    it('erases the figures when the writer says so', async () => {
      await openFigures();
      await page().locator('#erase').click();
      const dialog = workbench.page.locator('.monaco-dialog-box');
      await dialog.getByRole('button', { name: /^(?:清空|Erase)$/ }).click();
      await page().locator('#figures').waitFor({ state: 'hidden' });
      await closeFigures();
    });
  });
}
