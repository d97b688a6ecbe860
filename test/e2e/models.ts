/** Importing a model and removing it, through the dialogs, lists and messages of VS Code itself. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import titles from '../../package.nls.json';
import { parseManifest } from '../../src/manifest';
import { userSettings } from '../host/server';
import type { Workbench } from '../host/workbench';
import { configOf, randomTensors, safetensorsBytes } from '../unit/builder/tinyCheckpoint';

const builtin = join('models', 'builtin');

export function models(opened: () => Workbench): void {
  describe('a model', () => {
    const folder = mkdtempSync(join(tmpdir(), 'moxu-e2e-models-'));
    /** As an archive unpacks: the model is in a folder of its own. */
    const downloaded = join(folder, '下载 (1)');
    const placeholder = join(folder, '占位');
    let workbench: Workbench;
    before(async () => {
      workbench = opened();
      await workbench.begin({});
      const { vocabSize, tokenizer } = parseManifest(readFileSync(join(builtin, 'moxu.json'), 'utf8'));
      const sizes = { numPositions: 64, hiddenSize: 16, numLayers: 1, numHeads: 2, vocabSize };
      for (const place of [join(downloaded, '小模型'), placeholder]) {
        mkdirSync(place, { recursive: true });
        cpSync(join(builtin, tokenizer.file), join(place, tokenizer.file));
        writeFileSync(join(place, 'config.json'), JSON.stringify(configOf(sizes)));
        writeFileSync(join(place, 'model.safetensors'), safetensorsBytes(randomTensors(sizes)));
      }
      writeFileSync(join(placeholder, 'model.safetensors'), 'version https://git-lfs.github.com/spec/v1\n');
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    const message = (text: RegExp) => workbench.page.locator('.notification-toast', { hasText: text });
    const row = (text: RegExp) =>
      workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();

    /** @param inside what is seen of that folder */
    async function choose(path: string, inside: RegExp): Promise<void> {
      await workbench.startCommand(titles['command.importModel']);
      const input = workbench.page.locator('.quick-input-box input[placeholder="Folder path"]');
      // VS Code fills in where it begins, a moment after the dialog is there.
      await row(/故乡的雨/).waitFor();
      await input.fill(`${path}/`);
      await row(inside).waitFor();
      await workbench.page.locator('.quick-input-widget a.monaco-button').first().click();
    }

    it('that cannot be imported is refused with what to do about it', async () => {
      await choose(placeholder, /config\.json/);
      const refusal = message(/“model\.safetensors” is not the file itself, .* Git LFS .* Download this file/);
      await refusal.waitFor();
      await refusal.hover();
      await refusal.locator('.codicon-notifications-clear').click();
    });

    it('is found in the folder that was chosen, converted, taken into use, and removed', async () => {
      await choose(downloaded, /小模型/);
      await row(/Convert/).click();
      await message(/“下载 \(1\)” was imported/)
        .getByText('Use This Model')
        .click();
      await workbench.statusBar.filter({ hasText: /下载 \(1\)/ }).waitFor();
      await workbench.waitForModel();
      // Beside a server, of which this window shows the files, the writer's own settings count, and are written.
      assert.match(String(userSettings(workbench.server.profile)['moxu.model.path']), /下载/);
      await workbench.startCommand(titles['command.manageModels']);
      await row(/下载 \(1\)/).click();
      await row(/Remove…/).click();
      await workbench.page.locator('.monaco-dialog-box').getByText('Use the Built-in Model and Remove').click();
      await workbench.statusBar.filter({ hasText: /trial model/ }).waitFor();
      await workbench.waitForModel();
    });
  });
}
