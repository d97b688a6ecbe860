/** The one place that knows the settings' keys. Defaults are in package.json. */
import * as vscode from 'vscode';
import { defaultGhostSettings } from '../context/ghost';
import type { GhostSettings } from '../context/ghost';

export const settingKeys = {
  ghostTextEnabled: 'moxu.ghostText.enabled',
  confidenceFloor: 'moxu.ghostText.confidenceFloor',
  modelPath: 'moxu.model.path',
} as const;

export function ghostTextEnabled(scope?: vscode.TextDocument): boolean {
  return vscode.workspace.getConfiguration(undefined, scope).get(settingKeys.ghostTextEnabled, true);
}

/** Switches where the writer switched it before, else for all their files. */
export async function setGhostTextEnabled(enabled: boolean): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  const found = configuration.inspect<boolean>(settingKeys.ghostTextEnabled);
  const target =
    found?.workspaceValue === undefined ? vscode.ConfigurationTarget.Global : vscode.ConfigurationTarget.Workspace;
  await configuration.update(settingKeys.ghostTextEnabled, enabled, target);
}

export function ghostSettings(scope: vscode.TextDocument): GhostSettings {
  const floor = vscode.workspace
    .getConfiguration(undefined, scope)
    .get(settingKeys.confidenceFloor, defaultGhostSettings.confidenceFloor);
  return { ...defaultGhostSettings, confidenceFloor: Math.min(1, Math.max(0, floor)) };
}

/** The folder of the model to load; '' for the built-in one. */
export function modelPath(): string {
  return vscode.workspace.getConfiguration().get(settingKeys.modelPath, '').trim();
}
