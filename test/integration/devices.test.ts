/** “Detect Devices”: a report that can be given away, and the CPU where nothing else is to be had. */
import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { until } from './editing';

describe('devices', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('are tried and reported, without a word about places', async function () {
    this.timeout(5 * 60_000);
    const extension = vscode.extensions.getExtension<MoxuApi>('moxu.moxu');
    assert.ok(extension, 'moxu.moxu is not installed');
    const { engine } = await extension.activate();
    await vscode.commands.executeCommand('moxu.detectDevices');
    await until('the report is shown', () => vscode.window.activeTextEditor?.document.uri.scheme === 'moxu-devices');
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    for (const expected of ['CPU', process.platform, 'WebGPU', `VS Code ${vscode.version}`])
      assert.ok(text.includes(expected), text);
    for (const place of [homedir(), extension.extensionPath]) assert.ok(!text.includes(place), text);
    assert.doesNotMatch(text, /\/[\w.-]+\/[\w.-]+\/[\w.-]+\//);
    assert.equal(engine.state.kind === 'ready' && engine.state.model.device, 'cpu');
  });
});
