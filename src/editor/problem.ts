/** Errors in the writer's language: what happened, and what they can do about it. */
import * as vscode from 'vscode';
import { EngineError, isModelProblem } from '../errors';
import type { PanelMessage } from '../pages';
import { checkpointProblemInWords } from './models/checkpointWords';
import { folderInWords, sizeInWords } from './models/modelWords';
import { modelPath, settingKeys } from './settings';

/** The model that an error speaks of: the same damage calls for other deeds. */
export type ConcernedModel =
  /** The one that comes with Moxu. */
  | 'builtin'
  /** The one that the settings name. */
  | 'chosen'
  /** A finished one that is being copied from somewhere. */
  | 'copied'
  /** One of the list of models, in use or not. */
  | 'listed';

export type ProblemAction = PanelMessage['actions'][number];

/** Microsoft's page of the Visual C++ Redistributable, in the reader's language. */
const redistributable = 'https://learn.microsoft.com/cpp/windows/latest-supported-vc-redist';

const modelInUse = (): ConcernedModel => (modelPath() === '' ? 'builtin' : 'chosen');

/** What happened and what to do, in a sentence or two. The error's own message is in English, and for the log. */
export function problemInWords(error: EngineError, model = modelInUse()): string {
  const { l10n } = vscode;
  const { code, subject } = error;
  switch (code) {
    case 'model-missing':
    case 'model-damaged':
    case 'model-invalid':
      return modelProblemInWords(code, model);
    case 'model-changed':
      return l10n.t(
        'The files of the model were changed while it was in use, so it is being loaded again. Please try once more.',
      );
    case 'setting-invalid':
      return l10n.t('The setting {0} cannot be used; the log says why. Correct it, or remove it.', subject ?? '');
    case 'runtime-failed':
      return l10n.t(
        'The model could not be run. Try again; if it happens again, choose a smaller model, or set moxu.device to cpu. The log says more.',
      );
    case 'runtime-missing':
      return missingRuntimeInWords();
    case 'worker-died':
      return l10n.t('The writing engine stopped unexpectedly. It starts again by itself: please try once more.');
    case 'disposed':
      return l10n.t('The writing engine was shut down. Please try once more.');
    case 'checkpoint-invalid':
      return checkpointProblemInWords(error);
    case 'tokenizer-missing':
      return l10n.t(
        'This folder holds no tokenizer. Put its file into it (chinese_vocab.model, spiece.model, vocab.txt or tokenizer.json), and import it again.',
      );
    case 'disk-full':
      return spaceInWords(error, model);
    case 'not-writable':
      return l10n.t(
        '{0} cannot be written: you lack the permission, or another window or program is using it. Check that, then try again.',
        subject ?? '',
      );
    case 'busy':
      return l10n.t(
        'A model of this name is being imported in another VS Code window or in a terminal. Wait until that is done, or give this one another name.',
      );
    case 'internal':
      return l10n.t('Something went wrong. Try again; if it happens again, see the log.');
  }
}

/** ONNX Runtime's libraries for Windows are linked to Visual C++'s, which neither Windows nor VS Code brings. */
function missingRuntimeInWords(): string {
  const { l10n } = vscode;
  if (process.platform === 'win32')
    return l10n.t(
      'The writing engine cannot start: it needs the Microsoft Visual C++ Redistributable ({0}), which this computer lacks or has in an old version. Download it from Microsoft and install it, then try again.',
      process.arch,
    );
  return l10n.t(
    'The writing engine cannot start: this system is too old for it, or lacks a library; the log says which. It needs macOS 14, or Linux with glibc 2.28, or newer.',
  );
}

function modelProblemInWords(code: 'model-missing' | 'model-damaged' | 'model-invalid', model: ConcernedModel): string {
  const { l10n } = vscode;
  switch (model) {
    case 'builtin':
      return l10n.t('The built-in model is missing or damaged. Please reinstall Moxu.');
    case 'copied':
      if (code === 'model-invalid')
        return l10n.t(
          'This model was made by another version of Moxu and cannot be used by this one. Update Moxu, or import the original model again.',
        );
      return l10n.t(
        'This Moxu model cannot be imported: its files are incomplete or damaged. Copy it again from the other computer, then import it.',
      );
    case 'listed':
      if (code === 'model-missing')
        return l10n.t(
          'This model is not there any more: its folder was removed or moved, perhaps in another window. To use it again, import it again.',
        );
      return l10n.t('This model cannot be used: its files are missing or damaged. Import or copy it again.');
    case 'chosen':
      if (code === 'model-missing')
        return l10n.t(
          'This model cannot be used: there is no moxu.json in “{0}”. Perhaps the folder was moved or deleted, or its drive is not connected. If it is a model as it was downloaded, import it first (“Moxu: Import Model…”). Else choose another model, or clear the setting to use the built-in model.',
          folderInWords(modelPath()),
        );
      if (code === 'model-damaged')
        return l10n.t(
          'This model cannot be used: its files are incomplete or damaged. Convert or copy it again, choose another folder in the settings, or clear the setting to use the built-in model.',
        );
      return l10n.t(
        'This model cannot be used by this version of Moxu; the log says why. Choose another folder in the settings, or clear the setting to use the built-in model.',
      );
  }
}

/** A finished model is what it is: only of one that is converted fewer bits can be had. */
function spaceInWords({ space }: EngineError, model: ConcernedModel): string {
  const { l10n } = vscode;
  if (!space) return l10n.t('The disk is full. Make room, then try again.');
  // Rounded apart, so that they never seem to be the same.
  const sizes = [sizeInWords(space.neededBytes, Math.ceil), sizeInWords(space.freeBytes, Math.floor)] as const;
  if (model === 'copied')
    return l10n.t('There is not enough room on the disk: {0} needed, {1} free. Make room, then try again.', ...sizes);
  return l10n.t(
    'There is not enough room on the disk: {0} needed, {1} free. Make room and try again, or choose a lower precision.',
    ...sizes,
  );
}

/** What can be done at once. */
export function actionsAgainst(error: EngineError, model = modelInUse()): ProblemAction[] {
  if (error.code === 'setting-invalid') return ['openSampling', 'openLog'];
  if (error.code === 'runtime-failed') return ['chooseModel', 'openLog'];
  if (error.code === 'runtime-missing' && process.platform === 'win32') return ['openDownload', 'openLog'];
  return isModelProblem(error) && model === 'chosen' ? ['chooseModel', 'openSettings', 'openLog'] : ['openLog'];
}

export async function act(action: ProblemAction, log: vscode.LogOutputChannel): Promise<void> {
  switch (action) {
    case 'openLog':
      log.show();
      break;
    case 'openSettings':
      await vscode.commands.executeCommand('workbench.action.openSettings', settingKeys.modelPath);
      break;
    case 'openSampling':
      await vscode.commands.executeCommand('workbench.action.openSettings', settingKeys.sampling);
      break;
    case 'chooseModel':
      await vscode.commands.executeCommand('moxu.chooseModel');
      break;
    case 'openDownload':
      await vscode.env.openExternal(vscode.Uri.parse(redistributable));
      break;
  }
}

export function actionLabels(): Record<ProblemAction, string> {
  return {
    openSettings: vscode.l10n.t('Open Settings'),
    openSampling: vscode.l10n.t('Open Settings'),
    chooseModel: vscode.l10n.t('Choose Model…'),
    openDownload: vscode.l10n.t('Open Download Page'),
    openLog: vscode.l10n.t('Open Log'),
  };
}

/** Shows the error once, with what can be done. */
export async function showProblem(
  thrown: unknown,
  log: vscode.LogOutputChannel,
  model: ConcernedModel = modelInUse(),
): Promise<void> {
  const error = EngineError.from(thrown);
  log.error(error);
  const labels = actionLabels();
  const actions = actionsAgainst(error, model);
  const message = problemInWords(error, model);
  const chosen = await vscode.window.showErrorMessage(message, ...actions.map((action) => labels[action]));
  for (const action of actions) if (labels[action] === chosen) await act(action, log);
}
