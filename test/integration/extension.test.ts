/** The extension in a real extension host: it activates, completes a Chinese text, and undo takes it back. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { openText, until } from './editing';

const essay = '# 故乡的雨\n\n故乡的雨总是下得很慢。每到下雨的夜晚，我都会想起';

/** Asks for ghost text and accepts it as soon as it is there. */
async function triggerAndAccept(editor: vscode.TextEditor): Promise<void> {
  const before = editor.document.getText();
  await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
  await until('a suggestion is inserted', async () => {
    await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    return editor.document.getText() !== before;
  });
}

/** Waits for the model too: while it loads, a request waits for it. */
async function ready(): Promise<MoxuApi> {
  const extension = vscode.extensions.getExtension<MoxuApi>('moxu.moxu');
  assert.ok(extension, 'moxu.moxu is not installed');
  const api = await extension.activate();
  await until('the built-in model is ready', () => api.engine.state.kind === 'ready');
  return api;
}

describe('the extension in VS Code', () => {
  const settings = vscode.workspace.getConfiguration('moxu');

  // How sure a model must be is not what these tests are about, and every model is sure of other things.
  before(() => settings.update('ghostText.confidenceFloor', 0, vscode.ConfigurationTarget.Global));
  after(() => settings.update('ghostText.confidenceFloor', undefined, vscode.ConfigurationTarget.Global));

  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('activates when a Chinese text is opened', async () => {
    await openText(essay, 'markdown');
    const extension = vscode.extensions.getExtension('moxu.moxu');
    assert.ok(extension, 'moxu.moxu is not installed');
    await until('activation', () => extension.isActive);
  });

  it('loads the built-in model', async () => {
    const { engine } = await ready();
    assert.equal(engine.state.kind, 'ready');
  });

  it('registers each command that package.json names', async () => {
    const manifest = vscode.extensions.getExtension('moxu.moxu')?.packageJSON as {
      contributes: { commands: { command: string }[] };
    };
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const { command } of manifest.contributes.commands) assert.ok(registered.has(command), command);
  });

  for (const language of ['markdown', 'plaintext']) {
    it(`continues a ${language} text, and undo takes it back`, async () => {
      const editor = await openText(essay, language);
      await triggerAndAccept(editor);
      const text = editor.document.getText();
      assert.ok(text.startsWith(essay), 'what was written stays as it was');
      assert.match(text.slice(essay.length), /\p{Script=Han}/u);
      await vscode.commands.executeCommand('undo');
      assert.equal(editor.document.getText(), essay);
    });
  }

  it('continues after what is typed', async () => {
    const editor = await openText(essay, 'markdown');
    await vscode.commands.executeCommand('type', { text: '小' });
    assert.equal(editor.document.getText(), `${essay}小`);
    await triggerAndAccept(editor);
    assert.ok(editor.document.getText().startsWith(`${essay}小`));
  });

  it('VS Code’s own list, in which “words” of Chinese are whole sentences, opens by itself in neither language', () => {
    for (const languageId of ['markdown', 'plaintext']) {
      const quick = vscode.workspace.getConfiguration('editor', { languageId }).get('quickSuggestions');
      assert.deepEqual(quick, { other: 'off', comments: 'off', strings: 'off' }, languageId);
    }
  });

  it('is silent when it is turned off', async () => {
    await settings.update('ghostText.enabled', false, vscode.ConfigurationTarget.Global);
    try {
      const editor = await openText(essay, 'markdown');
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      await sleep(2000);
      await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
      assert.equal(editor.document.getText(), essay);
    } finally {
      await settings.update('ghostText.enabled', undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
