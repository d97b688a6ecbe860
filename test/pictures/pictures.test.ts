/**
 * Pictures for people to look at (`npm run pictures`): what Moxu shows with default settings, in a light, a dark and a
 * high-contrast theme. They assert little; what they show is tested in test/e2e.
 */
import titles from '../../package.nls.json';
import chinese from '../../package.nls.zh-cn.json';
import { Panel } from '../host/panel';
import { newestOfInstalled } from '../host/server';
import { themes } from '../host/themes';
import { Workbench } from '../host/workbench';

const widths = { narrow: 170, wide: 620 };

/** @param opened the workbench, once it is there */
function inThemes(opened: () => Workbench, take: (name: string) => Promise<void>): void {
  for (const [name, { theme, look }] of Object.entries(themes))
    it(`in a ${name} theme`, async () => {
      await opened().workspaceSettings({ 'workbench.colorTheme': theme });
      await opened().page.locator(`.monaco-workbench.${look}`).waitFor();
      await take(name);
    });
}

for (const host of newestOfInstalled()) {
  describe('pictures of ghost text, the status menu and the figures', () => {
    let workbench: Workbench;
    before(async () => {
      workbench = await Workbench.open(host);
      await workbench.waitForModel();
      await workbench.goToEnd();
    });
    after(() => workbench.close());

    inThemes(
      () => workbench,
      async (name) => {
        await workbench.goToEnd();
        await workbench.writeUntilGhost('小时候坐在门槛上听雨的日子，想起祖父的笑容。我');
        await workbench.screenshot(`theme-${name}`);
        await workbench.write('。');
        await workbench.page.keyboard.press('Control+A');
        await workbench.statusBar.click();
        await workbench.page.locator('.quick-input-widget .monaco-list-row').first().waitFor();
        await workbench.screenshot(`status-menu-${name}`);
        await workbench.page.keyboard.press('Escape');
        await workbench.runCommand(titles['command.showFigures']);
        const page = workbench.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
        await page.locator('#figures').waitFor();
        await workbench.page.locator('.tab.active', { hasNotText: '.md' }).waitFor();
        await workbench.screenshot(`figures-${name}`);
        await workbench.page.locator('.tab.active').click({ button: 'middle' });
      },
    );
  });

  describe('pictures of Title to Article', () => {
    let workbench: Workbench;
    let panel: Panel;
    before(async () => {
      workbench = await Workbench.open(host, { 'moxu.ghostText.enabled': false }, { language: 'zh-cn' });
      panel = new Panel(workbench);
      await panel.open(chinese['view.article']);
      await panel.find('#opening').fill('雨下了一夜。');
      await panel.generate('故乡的雨', 200);
      await panel.finished();
    });
    after(() => workbench.close());

    inThemes(
      () => workbench,
      async (name) => {
        for (const [width, pixels] of Object.entries(widths)) {
          await panel.resize(pixels);
          await panel.find('body').evaluate('window.scrollTo(0, 0)');
          await panel.find('#title').focus();
          await workbench.screenshot(`panel-${name}-${width}`);
          await panel.find('#trial').scrollIntoViewIfNeeded();
          await workbench.screenshot(`panel-${name}-${width}-end`);
          await workbench.runCommand('Close All Editors');
          await panel.find('#insert').click();
          await panel.seen('#message');
          await workbench.screenshot(`panel-${name}-${width}-message`);
        }
      },
    );
  });
}
