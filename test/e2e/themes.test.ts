/** Pictures for people to look at: ghost text in a light, a dark and a high-contrast theme, with default settings. */
import { newestOfInstalled } from '../host/server';
import { themes } from '../host/themes';
import { Workbench } from '../host/workbench';

for (const host of newestOfInstalled()) {
  describe('ghost text with default settings', () => {
    let workbench: Workbench;
    before(async () => {
      workbench = await Workbench.open(host);
      await workbench.waitForModel();
    });
    after(() => workbench.close());

    for (const [name, { theme, look }] of Object.entries(themes)) {
      it(`can be seen in a ${name} theme while a sentence is typed`, async () => {
        await workbench.restartWith({ 'workbench.colorTheme': theme });
        await workbench.page.locator(`.monaco-workbench.${look}`).waitFor();
        await workbench.writeUntilGhost('小时候坐在门槛上听雨的日子，想起祖父的笑容。我');
        await workbench.screenshot(`theme-${name}`);
        await workbench.write('。');
      });
    }
  });
}
