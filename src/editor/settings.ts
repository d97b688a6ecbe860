/** The one place that knows the settings' keys. Defaults are in package.json. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { defaultGhostSettings } from '../context/ghost';
import type { GhostSettings } from '../context/ghost';
import type { DeviceSetting } from '../engine/deviceAdvice';
import { presetNames } from '../presets';
import type { PresetName } from '../presets';
import { devices } from '../protocol';

export const settingKeys = {
  ghostTextEnabled: 'moxu.ghostText.enabled',
  confidenceFloor: 'moxu.ghostText.confidenceFloor',
  continuationLength: 'moxu.continuation.length',
  continuationPreset: 'moxu.continuation.preset',
  bannedWords: 'moxu.bannedWords',
  sampling: 'moxu.sampling',
  figuresEnabled: 'moxu.figures.enabled',
  carryIndent: 'moxu.style.carryIndent',
  ownWordsEnabled: 'moxu.ownWords.enabled',
  ownWordsFromWorkspace: 'moxu.ownWords.workspace',
  modelPath: 'moxu.model.path',
  device: 'moxu.device',
} as const;

/** By folder of the workspace; '' for what is in none. */
const asked = new Map<string, vscode.WorkspaceConfiguration>();
let listening: vscode.Disposable | undefined;

/**
 * What holds for the files of a folder, whatever their language; without an address, for none in particular. VS Code merges
 * all of its settings at each question, which takes it a millisecond or two.
 */
function settingsFor(uri?: vscode.Uri): vscode.WorkspaceConfiguration {
  // Before everybody else who listens: they ask anew.
  listening ??= vscode.workspace.onDidChangeConfiguration(() => asked.clear());
  const folder = uri && vscode.workspace.getWorkspaceFolder(uri)?.uri;
  const name = folder?.toString() ?? '';
  const known = asked.get(name);
  if (known) return known;
  const read = vscode.workspace.getConfiguration(undefined, folder);
  asked.set(name, read);
  return read;
}

/** Another value of these makes another ghost, or none. */
export const ghostSettingKeys = [
  settingKeys.ghostTextEnabled,
  settingKeys.confidenceFloor,
  settingKeys.bannedWords,
  settingKeys.ownWordsEnabled,
  settingKeys.ownWordsFromWorkspace,
  settingKeys.modelPath,
  settingKeys.device,
];

export function ghostTextEnabled(scope?: vscode.ConfigurationScope): boolean {
  return vscode.workspace.getConfiguration(undefined, scope).get(settingKeys.ghostTextEnabled, true);
}

export const proseLanguages = ['markdown', 'plaintext'] as const;

/** A language, in the folder of this file if there is one: a folder can have settings of its own. */
export interface LanguageScope {
  languageId: (typeof proseLanguages)[number];
  uri?: vscode.Uri;
}

/** Switches what applies to this text where the writer switched it before, else for all their files. */
export async function toggleGhostText(scope?: vscode.TextDocument): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(undefined, scope);
  const { ofAll, ofLanguage } = ghostTextValues(configuration);
  // A language's value goes before a value for all, wherever either stands.
  const inLanguage = ofLanguage.some(isSet);
  const target = targetIn(inLanguage ? ofLanguage : ofAll);
  await switchGhostText(configuration, !ghostTextEnabled(scope), target, inLanguage);
}

/** Switches one language where that was done before, else for all the writer's files. */
export async function setGhostTextEnabledIn(scope: LanguageScope, enabled: boolean): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(undefined, scope);
  await switchGhostText(configuration, enabled, targetIn(ghostTextValues(configuration).ofLanguage), true);
}

/** What is so without it is not written down: it would outlive the next switch of all. */
async function switchGhostText(
  configuration: vscode.WorkspaceConfiguration,
  enabled: boolean,
  target: vscode.ConfigurationTarget,
  inLanguage: boolean,
): Promise<void> {
  const { ofAll, ofLanguage } = ghostTextValues(configuration);
  const others = inLanguage ? [...ofAll, ...ofLanguage.slice(0, target)] : ofAll.slice(0, target);
  const value = enabled === (others.filter(isSet).at(-1) ?? true) ? undefined : enabled;
  await configuration.update(settingKeys.ghostTextEnabled, value, target, inLanguage);
}

/**
 * The values that are set, the ones that go before others behind them; each stands at the number of its target. A folder's
 * own count in a workspace of several; where there is one alone, they are the workspace's.
 */
function ghostTextValues(configuration: vscode.WorkspaceConfiguration) {
  const found = configuration.inspect<boolean>(settingKeys.ghostTextEnabled);
  const hasFolders = vscode.workspace.workspaceFile !== undefined;
  const ofAll = [found?.defaultValue, found?.globalValue, found?.workspaceValue];
  const ofLanguage = [found?.defaultLanguageValue, found?.globalLanguageValue, found?.workspaceLanguageValue];
  return {
    ofAll: hasFolders ? [...ofAll, found?.workspaceFolderValue] : ofAll,
    ofLanguage: hasFolders ? [...ofLanguage, found?.workspaceFolderLanguageValue] : ofLanguage,
  };
}

const isSet = (value: boolean | undefined): boolean => value !== undefined;

/** Where the value stands that goes before the others; the user's settings where there is none but the default. */
function targetIn(values: readonly (boolean | undefined)[]): vscode.ConfigurationTarget {
  const { Global, Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  return [WorkspaceFolder, Workspace].find((target) => isSet(values[target])) ?? Global;
}

const targetOf = (workspaceValue: unknown): vscode.ConfigurationTarget =>
  workspaceValue === undefined ? vscode.ConfigurationTarget.Global : vscode.ConfigurationTarget.Workspace;

function ghostSettings(scope: vscode.TextDocument): GhostSettings {
  // Anything may stand in settings.json.
  const floor = vscode.workspace.getConfiguration(undefined, scope).get<unknown>(settingKeys.confidenceFloor);
  const confidenceFloor =
    typeof floor === 'number' ? Math.min(1, Math.max(0, floor)) : defaultGhostSettings.confidenceFloor;
  const ownWords = ownWordsEnabled(scope.uri);
  return { ...defaultGhostSettings, confidenceFloor, ownWords, bannedWords: bannedWords(scope) };
}

/** Anything may stand in settings.json; what is no word bans nothing. */
export function bannedWords(scope?: vscode.TextDocument): readonly string[] {
  const given = vscode.workspace.getConfiguration(undefined, scope).get<unknown>(settingKeys.bannedWords);
  const words = Array.isArray(given) ? given.filter((word) => typeof word === 'string') : [];
  return words.map((word) => word.trim()).filter((word) => word !== '');
}

/** Whether what the writer wrote before is used, and this text is learnt from. */
export function ownWordsEnabled(scope?: vscode.Uri): boolean {
  return settingsFor(scope).get(settingKeys.ownWordsEnabled, true);
}

/** Whether files of the workspace are learnt from that are not open. */
export function ownWordsFromWorkspace(): boolean {
  return settingsFor().get(settingKeys.ownWordsFromWorkspace, true);
}

/** Where the writer switched it on, else for all their files. */
export function turnOwnWordsOff(): Thenable<void> {
  const configuration = vscode.workspace.getConfiguration();
  const found = configuration.inspect<boolean>(settingKeys.ownWordsEnabled);
  return configuration.update(settingKeys.ownWordsEnabled, false, targetOf(found?.workspaceValue));
}

export interface GhostTextSettings {
  enabled: boolean;
  ghost: GhostSettings;
}

/** Remembers what was asked for each document: VS Code merges all of its settings at each question, which no key awaits. */
export class GhostTextSettingsByDocument {
  private known = new WeakMap<vscode.TextDocument, GhostTextSettings & { languageId: string }>();

  of(document: vscode.TextDocument): GhostTextSettings {
    const { languageId } = document;
    const known = this.known.get(document);
    if (known?.languageId === languageId) return known;
    const read = { enabled: ghostTextEnabled(document), ghost: ghostSettings(document), languageId };
    this.known.set(document, read);
    return read;
  }

  /** The settings have changed. */
  forget(): void {
    this.known = new WeakMap();
  }
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

/** Whether the writer's own figures are counted. */
export function figuresEnabled(): boolean {
  return settingsFor().get(settingKeys.figuresEnabled, true);
}

export async function setFiguresEnabled(enabled: boolean): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  await configuration.update(settingKeys.figuresEnabled, enabled, vscode.ConfigurationTarget.Global);
}

export function carryIndentEnabled(): boolean {
  return settingsFor().get(settingKeys.carryIndent, true);
}

/** The folder of the model to load; '' for the built-in one. */
export function modelPath(): string {
  // Anything may stand in settings.json.
  const path = settingsFor().get<unknown>(settingKeys.modelPath);
  return typeof path === 'string' ? path.trim().replace(/^~(?=[/\\]|$)/, homedir()) : '';
}

export function deviceSetting(): DeviceSetting {
  const device = settingsFor().get<unknown>(settingKeys.device);
  return devices.find((known) => known === device) ?? 'auto';
}

/** Where it was set before, else for all windows; '' for the built-in model. */
export async function setModelPath(path: string): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  const found = configuration.inspect<string>(settingKeys.modelPath);
  const target = targetOf(found?.workspaceValue);
  // Without a value of its own a workspace would have the one for all windows.
  const hidesAnother = target === vscode.ConfigurationTarget.Workspace && Boolean(found?.globalValue);
  await configuration.update(settingKeys.modelPath, path === '' && !hidesAnother ? undefined : path, target);
}
