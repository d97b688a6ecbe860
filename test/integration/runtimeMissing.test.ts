/** ONNX Runtime's library does not load, as on a Windows without Visual C++'s: the writer is told what is missing. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { openFile } from './editing';
import { toldDuring } from './messages';
import { PanelPage } from './panelPage';

const essay = '# 故乡的雨\n\n故乡的雨总是下得很慢。';
const request = { title: '故乡的雨', opening: '雨停了。', preset: 'balanced', length: 20, seed: null } as const;
const actualPlatform = process.platform;
const actOn = (platform: NodeJS.Platform) => Object.defineProperty(process, 'platform', { value: platform });

describe('when ONNX Runtime’s library does not load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'moxu-runtime-'));
  const configuration = vscode.workspace.getConfiguration('moxu');
  const set = (key: string, value: unknown) => configuration.update(key, value, vscode.ConfigurationTarget.Global);
  const run = () => vscode.commands.executeCommand('moxu.continue');
  const stand: { engine?: { workerFile: string }; actualWorker?: string; api?: MoxuApi } = {};

  before(async () => {
    stand.api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    await set('ghostText.enabled', false);
    await set('continuation.length', 10);
    writeFileSync(join(folder, 'library.node'), 'no library');
    writeFileSync(join(folder, 'worker.js'), "require('./library.node');");
    stand.engine = stand.api.engine as unknown as { workerFile: string };
    stand.actualWorker = stand.engine.workerFile;
    stand.engine.workerFile = join(folder, 'worker.js');
    await stand.api.engine.switchModel(
      join(vscode.extensions.getExtension('moxu.moxu')?.extensionPath ?? '', 'models', 'builtin'),
    );
  });
  after(async () => {
    actOn(actualPlatform);
    if (stand.engine && stand.actualWorker !== undefined) stand.engine.workerFile = stand.actualWorker;
    for (const key of ['ghostText.enabled', 'continuation.length']) await set(key, undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(folder, { recursive: true, force: true });
  });

  it('Windows is said to lack the Visual C++ Redistributable, and the page that has it can be opened', async () => {
    const { document } = await openFile(essay);
    const opened: string[] = [];
    const { openExternal } = vscode.env;
    const env = vscode.env as { openExternal: typeof openExternal };
    try {
      env.openExternal = (uri) => Promise.resolve(opened.push(uri.toString()) > 0);
      actOn('win32');
      const told = await toldDuring(run, 'Open Download Page');
      assert.equal(told.length, 1);
      assert.match(
        told[0]?.message ?? '',
        /needs the Microsoft Visual C\+\+ Redistributable \((?:x64|arm64)\).*install it/,
      );
      assert.deepEqual(told[0]?.actions, ['Open Download Page', 'Open Log']);
      assert.equal(opened.length, 1);
      assert.match(opened[0] ?? '', /^https:\/\/learn\.microsoft\.com\/cpp\/windows\/latest-supported-vc-redist$/);
    } finally {
      actOn(actualPlatform);
      env.openExternal = openExternal;
    }
    assert.equal(document.getText(), essay);
  });

  it('is what it is, however soon the thread ends', async () => {
    for (let i = 0; i < 10; i++)
      await assert.rejects(
        async () => stand.api?.engine.load(),
        (error: unknown) => error instanceof Error && 'code' in error && error.code === 'runtime-missing',
      );
  });

  it('the panel says it too', async () => {
    assert.ok(stand.api);
    const page = new PanelPage(stand.api);
    try {
      actOn('win32');
      page.send({ type: 'generate', request });
      const { text, actions } = await page.problem();
      assert.match(text, /Visual C\+\+ Redistributable/);
      assert.deepEqual(actions, ['openDownload', 'openLog']);
    } finally {
      actOn(actualPlatform);
      page.dispose();
    }
  });

  it('elsewhere the system is said to be too old, and once the library loads it writes', async () => {
    const { document } = await openFile(essay);
    actOn('linux');
    const told = await toldDuring(run);
    assert.match(told[0]?.message ?? '', /too old for it, or lacks a library/);
    assert.deepEqual(told[0]?.actions, ['Open Log']);
    assert.ok(stand.engine && stand.actualWorker !== undefined);
    stand.engine.workerFile = stand.actualWorker;
    assert.deepEqual(await toldDuring(run), []);
    assert.ok(document.getText().length > essay.length);
  });
});
