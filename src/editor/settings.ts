/** The one place that knows the settings' keys. Defaults are in package.json. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { defaultGhostSettings } from '../context/ghost';
import type { GhostSettings } from '../context/ghost';
import { presetNames } from '../presets';
import type { PresetName } from '../presets';

export const settingKeys = {
  ghostTextEnabled: 'moxu.ghostText.enabled',
  confidenceFloor: 'moxu.ghostText.confidenceFloor',
  continuationLength: 'moxu.continuation.length',
  continuationPreset: 'moxu.continuation.preset',
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

/** `length` in 字. Values that somebody typed into settings.json are brought into range. */
export function continuationSettings(scope: vscode.TextDocument): { length: number; preset: PresetName } {
  const configuration = vscode.workspace.getConfiguration(undefined, scope);
  const length = configuration.get<unknown>(settingKeys.continuationLength);
  const preset = configuration.get<PresetName>(settingKeys.continuationPreset, 'balanced');
  return {
    length: typeof length === 'number' ? Math.min(5000, Math.max(10, Math.round(length))) : 150,
    preset: presetNames.includes(preset) ? preset : 'balanced',
  };
}

/** The folder of the model to load; '' for the built-in one. */
export function modelPath(): string {
  // Anything may stand in settings.json.
  const path = vscode.workspace.getConfiguration().get<unknown>(settingKeys.modelPath);
  return typeof path === 'string' ? path.trim().replace(/^~(?=[/\\]|$)/, homedir()) : '';
}
