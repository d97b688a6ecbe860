/** A model's files are missing or damaged: no text is touched, the writer is told what to do, and then it works. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { openFile, until } from './editing';
import { toldDuring } from './messages';
import { PanelPage } from './panelPage';

const essay = '# 故乡的雨\n\n故乡的雨总是下得很慢。';
const request = { title: '故乡的雨', opening: '雨停了。', preset: 'balanced', length: 20, seed: null } as const;
const damaged =
  /files are incomplete or damaged\. Convert or copy it again, choose another folder.*or clear the setting/;

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
  writeFileSync(path, bytes);
}

describe('a damaged model', () => {
  const folder = mkdtempSync(join(tmpdir(), 'moxu-damaged-'));
  const [model, whole] = [join(folder, 'model'), join(folder, 'whole')];
  const configuration = vscode.workspace.getConfiguration('moxu');
  const set = (key: string, value: unknown) => configuration.update(key, value, vscode.ConfigurationTarget.Global);
  const run = () => vscode.commands.executeCommand('moxu.continue');
  let api: MoxuApi;

  before(async () => {
    const extension = vscode.extensions.getExtension<MoxuApi>('moxu.moxu');
    assert.ok(extension);
    api = await extension.activate();
    cpSync(join(extension.extensionPath, 'models', 'builtin'), model, { recursive: true });
    await set('ghostText.enabled', false);
    await set('continuation.length', 10);
  });
  after(async () => {
    for (const key of ['ghostText.enabled', 'continuation.length', 'model.path']) await set(key, undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(folder, { recursive: true, force: true });
  });

  /** Has one file of the folder damaged while `act` runs. */
  async function withDamage(file: string, damage: (path: string) => void, act: () => Promise<void>): Promise<void> {
    const path = join(model, file);
    cpSync(path, whole);
    try {
      damage(path);
      await set('model.path', model);
      await act();
    } finally {
      renameSync(whole, path);
      await set('model.path', undefined);
    }
  }

  it('shortened while it is in use: 续写 leaves the document, says what to do, and works when it is whole', async () => {
    const path = join(model, 'model.onnx.data');
    const bytes = readFileSync(path);
    const { document } = await openFile(essay);
    await set('model.path', model);
    try {
      await api.engine.load();
      truncateSync(path, 1000);
      const told = await toldDuring(run);
      assert.deepEqual(
        told.map(({ message }) => message),
        ['The files of the model were changed while it was in use, so it is being loaded again. Please try once more.'],
      );
      assert.match((await toldDuring(run))[0]?.message ?? '', damaged);
      assert.equal(document.getText(), essay);
      writeFileSync(path, bytes);
      assert.deepEqual(await toldDuring(run), []);
      assert.ok(document.getText().length > essay.length);
    } finally {
      writeFileSync(path, bytes);
      await set('model.path', undefined);
    }
  });

  for (const [name, file, damage] of [
    ['without its graph', 'model.onnx', rmSync],
    ['without its weights', 'model.onnx.data', rmSync],
    ['with half of its weights', 'model.onnx.data', (path: string) => truncateSync(path, 1_000_000)],
    ['with one bit of its weights flipped', 'model.onnx.data', flipByte],
  ] as const)
    it(`${name}: 续写 leaves the document, says what to do, and works when the setting is cleared, and when it is whole`, async () => {
      const { document } = await openFile(essay);
      await withDamage(file, damage, async () => {
        const told = await toldDuring(run);
        assert.equal(told.length, 1);
        assert.match(told[0]?.message ?? '', damaged);
        assert.deepEqual(told[0]?.actions, ['Choose Model…', 'Open Settings', 'Open Log']);
        assert.equal(document.getText(), essay);
      });
      assert.deepEqual(await toldDuring(run), []);
      const once = document.getText();
      assert.ok(once.startsWith(essay) && once.length > essay.length);

      await set('model.path', model);
      assert.deepEqual(await toldDuring(run), []);
      await set('model.path', undefined);
      assert.ok(document.getText().startsWith(once) && document.getText().length > once.length);
    });

  it('leads to the setting', async () => {
    await openFile(essay);
    await withDamage('model.onnx.data', rmSync, async () => {
      await toldDuring(run, 'Open Settings');
      await until(
        'the settings are open',
        () => vscode.window.tabGroups.activeTabGroup.activeTab?.label === 'Settings',
      );
    });
  });

  it('is what the panel says, too; it keeps the history, and writes when the setting is cleared', async () => {
    const page = new PanelPage(api);
    const { history } = page.state;
    await withDamage('model.onnx.data', rmSync, async () => {
      page.send({ type: 'generate', request });
      const { text, actions } = await page.problem();
      assert.match(text, damaged);
      assert.deepEqual(actions, ['chooseModel', 'openSettings', 'openLog']);
      assert.deepEqual([page.state.writingId, page.state.history], [null, history]);
    });
    await page.writes(request);
    page.dispose();
  });
});
