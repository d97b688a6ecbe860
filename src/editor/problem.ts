/** Errors in the writer's language: what happened, and what they can do about it. */
import * as vscode from 'vscode';
import { EngineError, isModelProblem } from '../errors';
import { settingKeys } from './settings';

/** What happened and what to do, in a sentence or two. The error's own message is in English, and for the log. */
export function problemInWords({ code, subject }: EngineError): string {
  switch (code) {
    case 'model-missing':
      return vscode.l10n.t(
        'This model cannot be used: its folder holds no moxu.json. Choose another folder in the settings, or clear the setting to use the built-in model.',
      );
    case 'model-damaged':
      return vscode.l10n.t(
        'This model cannot be used: its files are incomplete or damaged. Convert or copy it again, choose another folder in the settings, or clear the setting to use the built-in model.',
      );
    case 'model-invalid':
      return vscode.l10n.t(
        'This model cannot be used by this version of Moxu; the log says why. Choose another folder in the settings, or clear the setting to use the built-in model.',
      );
    case 'runtime-failed':
      return vscode.l10n.t('The model could not be run. Try again; if it stays so, see the log.');
    case 'worker-died':
      return vscode.l10n.t('The writing engine stopped unexpectedly. It starts again by itself: please try once more.');
    case 'disposed':
      return vscode.l10n.t('The writing engine was shut down. Please try once more.');
    case 'checkpoint-invalid':
      if (subject !== undefined)
        return vscode.l10n.t(
          'This folder cannot be imported because of {0}: it is missing, damaged, or nothing that Moxu converts; the log says more. Check that it was downloaded completely, or choose another one.',
          subject,
        );
      return vscode.l10n.t(
        'This folder cannot be imported: files are missing, incomplete, or of a kind that Moxu does not convert; the log says which. Check that it was downloaded completely, or choose another one.',
      );
    case 'tokenizer-missing':
      return vscode.l10n.t('This folder holds no tokenizer. Put chinese_vocab.model or spiece.model into it.');
    case 'disk-full':
      return vscode.l10n.t(
        'There is not enough room on the disk; the log says how much is needed. Make room and try again, or choose fewer bits.',
      );
    case 'busy':
      return vscode.l10n.t('This model is being converted in another window. Wait until it is done there.');
    case 'internal':
      return vscode.l10n.t('Something went wrong. Try again; if it stays so, see the log.');
  }
}

/** Shows the error once, with what can be done. */
export async function showProblem(thrown: unknown, log: vscode.LogOutputChannel): Promise<void> {
  const error = EngineError.from(thrown);
  log.error(error);
  const openSettings = vscode.l10n.t('Open Settings');
  const openLog = vscode.l10n.t('Open Log');
  const actions = isModelProblem(error) ? [openSettings, openLog] : [openLog];
  const chosen = await vscode.window.showErrorMessage(problemInWords(error), ...actions);
  if (chosen === openLog) log.show();
  if (chosen === openSettings)
    await vscode.commands.executeCommand('workbench.action.openSettings', settingKeys.modelPath);
}
