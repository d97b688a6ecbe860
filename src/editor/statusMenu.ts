/** What a click on 墨续 in the status bar offers. */
import * as vscode from 'vscode';
import type { Engine } from '../engine/engine';
import type { Pause } from './pause';
import { modelInWords, stateInWords } from './statusWords';
import { ghostTextEnabled, proseLanguages, setGhostTextEnabledIn } from './settings';
import type { ProseLanguage } from './settings';

/** Minutes. */
const pauses = [5, 30];

type Item = vscode.QuickPickItem & { run?: () => unknown };

export async function openStatusMenu(engine: Engine, pause: Pause, log: vscode.LogOutputChannel): Promise<void> {
  const { l10n } = vscode;
  const heading = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const items: Item[] = [
    heading(l10n.t('Ghost Text')),
    ...pauseItems(pause),
    ...proseLanguages.map(languageItem),
    heading(l10n.t('Model')),
    { ...command('$(package)', l10n.t('Choose Model…'), 'moxu.chooseModel'), description: modelInWords(engine.state) },
    heading(l10n.t('More')),
    command('$(graph)', l10n.t('Ghost Text Statistics'), 'moxu.showFigures'),
    { label: `$(output) ${l10n.t('Open Log')}`, run: () => log.show() },
    command('$(settings-gear)', l10n.t('Open Settings'), 'workbench.action.openSettings', '@ext:moxu.moxu'),
  ];
  const state = stateInWords(engine.state, pause.until, ghostTextEnabled(vscode.window.activeTextEditor?.document));
  const chosen = await vscode.window.showQuickPick(items, { title: l10n.t('Moxu'), placeHolder: state });
  await chosen?.run?.();
}

const command = (icon: string, label: string, id: string, ...values: unknown[]): Item => ({
  label: `${icon} ${label}`,
  run: () => vscode.commands.executeCommand(id, ...values),
});

function pauseItems(pause: Pause): Item[] {
  const { until } = pause;
  if (until === null)
    return pauses.map((minutes) => ({
      label: `$(debug-pause) ${vscode.l10n.t('Pause for {0} minutes', minutes)}`,
      run: () => startPause(pause, minutes),
    }));
  const left = Math.ceil((until - Date.now()) / 60_000);
  return [
    {
      label: `$(play) ${vscode.l10n.t('Resume')}`,
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

function languageItem(languageId: ProseLanguage): Item {
  const isOn = ghostTextEnabled({ languageId });
  const name = languageId === 'markdown' ? 'Markdown' : vscode.l10n.t('Plain Text');
  return {
    label: `${isOn ? '$(check)' : '$(circle-slash)'} ${name}`,
    description: isOn ? vscode.l10n.t('On; choose to turn it off') : vscode.l10n.t('Off; choose to turn it on'),
    run: () => setGhostTextEnabledIn(languageId, !isOn),
  };
}
