/** What a click on 墨续 in the status bar offers. */
import * as vscode from 'vscode';
import type { Engine } from '../engine/engine';
import type { EngineError } from '../errors';
import { keyInWords } from './defaultKeys';
import type { Pause } from './pause';
import { act, actionLabels, actionsAgainst, problemInWords, showProblem } from './problem';
import type { ProblemAction } from './problem';
import { ghostTextHere, modelInWords, stateInWords } from './statusWords';
import { ghostTextEnabled, proseLanguages, setGhostTextEnabledIn } from './settings';
import type { LanguageScope } from './settings';
import { walkthrough } from './walkthrough';

/** Minutes. */
const pauses = [5, 30];

type Item = vscode.QuickPickItem & { run?: () => unknown };

export async function openStatusMenu(engine: Engine, pause: Pause, log: vscode.LogOutputChannel): Promise<void> {
  const { l10n } = vscode;
  const { state } = engine;
  const here = ghostTextHere();
  const uri = vscode.window.activeTextEditor?.document.uri;
  const languages = proseLanguages.map((languageId) => languageItem({ languageId, ...(uri && { uri }) }));
  const items: Item[] = [
    ...(state.kind === 'failed' ? problemItems(engine, state.error, log) : []),
    heading(l10n.t('Write')),
    described(command('$(edit)', l10n.t('Continue Writing'), 'moxu.continue'), keyInWords('Ctrl+Alt+Enter')),
    command('$(note)', l10n.t('Title to Article'), 'moxu.openArticlePanel'),
    heading(l10n.t('Ghost Text')),
    // First what switches it on.
    ...(here === 'off'
      ? [...languages, ...pauseItems(pause, l10n.t('End the Pause'))]
      : [...pauseItems(pause, l10n.t('Resume')), ...languages]),
    heading(l10n.t('Model')),
    described(command('$(package)', l10n.t('Choose Model…'), 'moxu.chooseModel'), modelInWords(state)),
    command('$(add)', l10n.t('Import Model…'), 'moxu.importModel'),
    heading(l10n.t('More')),
    command('$(book)', l10n.t('Getting Started'), 'workbench.action.openWalkthrough', walkthrough),
    command('$(graph)', l10n.t('Ghost Text Statistics'), 'moxu.showFigures'),
    { label: `$(output) ${l10n.t('Open Log')}`, run: () => log.show() },
    command('$(settings-gear)', l10n.t('Open Settings'), 'workbench.action.openSettings', '@ext:moxu.moxu'),
  ];
  // Of a sentence about an error only its beginning would be seen.
  const placeHolder =
    state.kind === 'failed' ? l10n.t('The model cannot be used') : stateInWords(state, pause.until, here);
  const chosen = await vscode.window.showQuickPick(items, { title: l10n.t('Moxu'), placeHolder });
  await chosen?.run?.();
}

const heading = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });

const command = (icon: string, label: string, id: string, ...values: unknown[]): Item => ({
  label: `${icon} ${label}`,
  run: () => vscode.commands.executeCommand(id, ...values),
});

const described = (item: Item, description: string): Item => ({ ...item, description });

const actionIcons: Record<ProblemAction, string> = {
  chooseModel: '$(package)',
  openSettings: '$(settings-gear)',
  openSampling: '$(settings-gear)',
  openDownload: '$(link-external)',
  openLog: '$(output)',
};

/** What is wrong, and what cures it. */
function problemItems(engine: Engine, error: EngineError, log: vscode.LogOutputChannel): Item[] {
  const show = (thrown: unknown) => showProblem(thrown, log);
  // A line of a list is cut off where it ends: the first sentence has one, the others another.
  const [, what = '', cure = ''] = /^(.*?(?:。|[.:] |$))(.*)$/.exec(problemInWords(error)) ?? [];
  const labels = actionLabels();
  return [
    heading(vscode.l10n.t('Problem')),
    { label: `$(warning) ${what.trim()}`, detail: cure, run: () => show(error) },
    ...actionsAgainst(error).map((action) => ({
      label: `${actionIcons[action]} ${labels[action]}`,
      run: () => act(action, log),
    })),
    { label: `$(refresh) ${vscode.l10n.t('Try Again')}`, run: () => engine.load().catch(show) },
  ];
}

/** @param resume what the end of a pause is called */
function pauseItems(pause: Pause, resume: string): Item[] {
  const { until } = pause;
  if (until === null)
    return pauses.map((minutes) => ({
      label: `$(debug-pause) ${vscode.l10n.t('Pause for {0} minutes', minutes)}`,
      run: () => startPause(pause, minutes),
    }));
  const left = Math.ceil((until - Date.now()) / 60_000);
  return [
    {
      label: `$(play) ${resume}`,
      description: vscode.l10n.t('{0} min left', left),
      run: () => pause.resume(),
    },
    ...pauses.map((minutes) => ({
      label: `$(debug-pause) ${vscode.l10n.t('Pause for {0} minutes from now', minutes)}`,
      run: () => startPause(pause, minutes),
    })),
  ];
}

async function startPause(pause: Pause, minutes: number): Promise<void> {
  pause.start(minutes);
  await vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
}

function languageItem(scope: LanguageScope): Item {
  const isOn = ghostTextEnabled(scope);
  const name = scope.languageId === 'markdown' ? 'Markdown' : vscode.l10n.t('Plain Text');
  return {
    label: `${isOn ? '$(check)' : '$(circle-slash)'} ${name}`,
    description: isOn ? vscode.l10n.t('On; choose to turn it off') : vscode.l10n.t('Off; choose to turn it on'),
    run: () => setGhostTextEnabledIn(scope, !isOn),
  };
}
