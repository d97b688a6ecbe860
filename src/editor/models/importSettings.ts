/** What a checkpoint was recognised as, line by line; a line that is chosen can be changed. */
import * as vscode from 'vscode';
import type { CheckpointChoice, ModelSettings, Recognised } from '../../conversion';
import { EngineError } from '../../errors';
import { families, promptLayouts, tokenizerKinds } from '../../manifest';
import type { Quantization } from '../../manifest';
import {
  familyInWords,
  layoutInWords,
  quantizationInWords,
  recognisedInWords,
  sizeInWords,
  tokenizerInWords,
} from './modelWords';

export interface ImportChoice extends CheckpointChoice {
  name: string;
  quantization: Quantization;
}

type Line = vscode.QuickPickItem & { change: 'convert' | 'name' | 'quantization' | keyof ModelSettings };
type Option<T> = vscode.QuickPickItem & { value: T };

const quantizations: readonly Quantization[] = ['int8', 'int4', 'none'];

/**
 * @param recognise tells what the folder is with other settings @param log gets the reasons against them
 * @returns null when the writer has gone away
 */
export async function chooseSettings(
  { is: found, ...given }: CheckpointChoice & { is: Recognised },
  recognise: (choice: CheckpointChoice) => Promise<Recognised>,
  log: vscode.LogOutputChannel,
): Promise<ImportChoice | null> {
  let is = found;
  let choice: ImportChoice = { ...given, name: found.name, quantization: 'int8' };
  for (;;) {
    const line = await vscode.window.showQuickPick(linesOf(is, choice), {
      title: vscode.l10n.t('Import {0}', is.name),
      placeHolder: recognisedInWords(is),
      ignoreFocusOut: true,
    });
    if (!line) return null;
    if (line.change === 'convert') return choice;
    const changed = await changedChoice(line.change, is, choice);
    if (changed === null) continue;
    try {
      is = await recognise(changed);
      choice = changed;
    } catch (error) {
      void refuse(error, log);
    }
  }
}

/** What cannot be is not taken over. */
async function refuse(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  log.warn(EngineError.from(error).message);
  const openLog = vscode.l10n.t('Open Log');
  const message = vscode.l10n.t('This does not fit the model, so it stays as it was; the log says why.');
  if ((await vscode.window.showWarningMessage(message, openLog)) === openLog) log.show();
}

function linesOf(is: Recognised, { name, quantization }: ImportChoice): Line[] {
  const { family, tokenizer, promptLayout, contextLength, endOfText } = is.settings;
  const { l10n } = vscode;
  return [
    { label: `$(play) ${l10n.t('Convert')}`, description: sizeInWords(is.bytes[quantization]), change: 'convert' },
    { label: l10n.t('Kind of model'), description: familyInWords(family), change: 'family' },
    { label: l10n.t('Precision'), description: quantizationInWords(quantization), change: 'quantization' },
    { label: l10n.t('Name'), description: name, change: 'name' },
    { label: l10n.t('Tokenizer'), description: tokenizerInWords(tokenizer), change: 'tokenizer' },
    { label: l10n.t('Prompt'), description: layoutInWords(promptLayout), change: 'promptLayout' },
    { label: l10n.t('Window'), description: l10n.t('{0} tokens', contextLength), change: 'contextLength' },
    { label: l10n.t('A text ends with token'), description: endOfText.join(', '), change: 'endOfText' },
  ];
}

/** @returns null when nothing was changed */
async function changedChoice(
  change: Exclude<Line['change'], 'convert'>,
  is: Recognised,
  choice: ImportChoice,
): Promise<ImportChoice | null> {
  const { settings } = is;
  const withSettings = (changed: Partial<ModelSettings>): ImportChoice => ({
    ...choice,
    settings: { ...choice.settings, ...changed },
  });
  switch (change) {
    case 'name': {
      const name = (await vscode.window.showInputBox({ value: choice.name, prompt: vscode.l10n.t('Name') }))?.trim();
      return name ? { ...choice, name } : null;
    }
    case 'quantization': {
      const quantization = await pickOne(quantizations, quantizationInWords, (one) => sizeInWords(is.bytes[one]));
      return quantization ? { ...choice, quantization } : null;
    }
    case 'family': {
      const family = await pickOne(families, familyInWords);
      // The other settings are those of the family again.
      return family ? { ...choice, settings: { family } } : null;
    }
    case 'tokenizer': {
      const tokenizer = await pickOne(tokenizerKinds, tokenizerInWords);
      return tokenizer ? withSettings({ tokenizer }) : null;
    }
    case 'promptLayout': {
      const promptLayout = await pickOne(promptLayouts, layoutInWords);
      return promptLayout ? withSettings({ promptLayout }) : null;
    }
    case 'contextLength': {
      const [contextLength] = (await askForNumbers([settings.contextLength])) ?? [];
      return contextLength === undefined ? null : withSettings({ contextLength });
    }
    case 'endOfText': {
      const endOfText = await askForNumbers(settings.endOfText);
      return endOfText === null ? null : withSettings({ endOfText });
    }
  }
}

async function pickOne<T>(
  values: readonly T[],
  words: (value: T) => string,
  description: (value: T) => string = () => '',
): Promise<T | undefined> {
  const options: Option<T>[] = values.map((value) => ({
    label: words(value),
    description: description(value),
    value,
  }));
  return (await vscode.window.showQuickPick(options, { ignoreFocusOut: true }))?.value;
}

/** @returns null when nothing was entered */
async function askForNumbers(now: readonly number[]): Promise<number[] | null> {
  const text = await vscode.window.showInputBox({
    value: now.join(', '),
    validateInput: (typed) =>
      /^\s*\d+(?:\s*[,，]\s*\d+)*\s*$/.test(typed) ? null : vscode.l10n.t('Numbers, with commas between'),
  });
  return text === undefined ? null : text.split(/[,，]/).map(Number);
}
