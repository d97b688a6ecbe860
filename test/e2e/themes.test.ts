/** Pictures for people to look at: ghost text in a light, a dark and a high-contrast theme, with default settings. */
import assert from 'node:assert/strict';
import { installedHosts } from '../host/server';
import { Workbench } from '../host/workbench';

const themes = { light: 'Default Light Modern', dark: 'Default Dark Modern', contrast: 'Default High Contrast' };

describe('ghost text with default settings', () => {
  for (const [name, theme] of Object.entries(themes)) {
    it(`can be seen in a ${name} theme while a sentence is typed`, async () => {
      const [host] = installedHosts();
      assert.ok(host);
      const workbench = await Workbench.open(host, { 'workbench.colorTheme': theme });
      try {
        await workbench.waitForModel();
        await workbench.goToEnd();
        const shown = await workbench.writeUntilGhost('小时候坐在门槛上听雨的日子，想起祖父的笑容。我');
        await workbench.screenshot(`theme-${name}`);
        assert.notEqual(shown, '');
      } finally {
        await workbench.close();
      }
    });
  }
});
