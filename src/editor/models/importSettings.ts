/** What a checkpoint was recognised as, line by line; a line that is chosen can be changed. */
import * as vscode from 'vscode';
import type { CheckpointChoice, ModelSettings, Recognised } from '../../conversion';
import { EngineError } from '../../errors';
import { families, promptLayouts, tokenizerKinds } from '../../manifest';
import type { Quantization } from '../../manifest';
import {
  familyInWords,
  layoutInWords,
  nameFault,
  nameInWords,
  quantizationInWords,
  recognisedInWords,
  sizeInWords,
  tokenizerInWords,
} from './modelWords';

export interface ImportChoice extends CheckpointChoice {
  name: string;
  quantization: Quantization;
}

type Change = 'name' | 'quantization' | keyof ModelSettings;
type Line = vscode.QuickPickItem & { change: 'convert' | Change };
type Validate = (typed: string) => string | null;
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
  let latest: Line['change'] = 'convert';
  for (;;) {
    const line = await pickFrom(linesOf(is, choice), ({ change }) => change === latest, {
      title: vscode.l10n.t('Import “{0}”', nameInWords(is.name)),
      placeholder: recognisedInWords(is),
    });
    if (!line) return null;
    latest = line.change;
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

/** With one item in hand, what is so or was changed last: `showQuickPick` would begin at the first. */
function pickFrom<Item extends vscode.QuickPickItem>(
  items: Item[],
  isInHand: (item: Item) => boolean,
  words: { title: string; placeholder?: string },
): Promise<Item | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  Object.assign(pick, { ...words, ignoreFocusOut: true, items });
  pick.activeItems = items.filter(isInHand);
  return new Promise<Item | undefined>((done) => {
    pick.onDidAccept(() => done(pick.activeItems[0]));
    pick.onDidHide(() => done(undefined));
    pick.show();
  }).finally(() => pick.dispose());
}

/** What cannot be is not taken over. */
async function refuse(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  log.warn(EngineError.from(error).message);
  const openLog = vscode.l10n.t('Open Log');
  const message = vscode.l10n.t('This setting does not fit the model and was not applied; the log says why.');
  if ((await vscode.window.showWarningMessage(message, openLog)) === openLog) log.show();
}

function linesOf(is: Recognised, { name, quantization }: ImportChoice): Line[] {
  const { family, tokenizer, promptLayout, contextLength, endOfText } = is.settings;
  return [
    {
      label: `$(play) ${vscode.l10n.t('Convert')}`,
      description: sizeInWords(is.bytes[quantization]),
      change: 'convert',
    },
    line('family', familyInWords(family)),
    line('quantization', quantizationInWords(quantization)),
    line('name', nameInWords(name)),
    line('tokenizer', tokenizerInWords(tokenizer)),
    line('promptLayout', layoutInWords(promptLayout)),
    line('contextLength', vscode.l10n.t('{0} tokens', contextLength)),
    line('endOfText', endOfText.join(', ')),
  ];
}

const line = (change: Change, description: string): Line => ({ label: titleOf(change), description, change });

/** Of the line, and of what is asked when it is chosen. */
function titleOf(change: Change): string {
  const { l10n } = vscode;
  switch (change) {
    case 'family':
      return l10n.t('Kind of model');
    case 'quantization':
      return l10n.t('Precision');
    case 'name':
      return l10n.t('Name');
    case 'tokenizer':
      return l10n.t('Tokenizer');
    case 'promptLayout':
      return l10n.t('Prompt format');
    case 'contextLength':
      return l10n.t('Context window');
    case 'endOfText':
      return l10n.t('A text ends with token');
  }
}

/** @returns null when nothing was changed */
async function changedChoice(
  change: Change,
  is: Recognised,
  choice: ImportChoice,
): Promise<ImportChoice | null> {
  const { settings } = is;
  const title = titleOf(change);
  const withSettings = (changed: Partial<ModelSettings>): ImportChoice => ({
    ...choice,
    settings: { ...choice.settings, ...changed },
  });
  switch (change) {
    case 'name': {
      const box = { value: choice.name, prompt: title, validateInput: nameFault };
      const name = (await vscode.window.showInputBox(box))?.trim();
      return name ? { ...choice, name } : null;
    }
    case 'quantization': {
      const quantization = await pickOne(title, quantizations, choice.quantization, quantizationInWords, (one) =>
        sizeInWords(is.bytes[one]),
      );
      return quantization ? { ...choice, quantization } : null;
    }
    case 'family': {
      const family = await pickOne(title, families, settings.family, familyInWords);
      // The other settings are those of the family again.
      return family && family !== settings.family ? { ...choice, settings: { family } } : null;
    }
    case 'tokenizer': {
      const tokenizer = await pickOne(title, tokenizerKinds, settings.tokenizer, tokenizerInWords);
      return tokenizer ? withSettings({ tokenizer }) : null;
    }
    case 'promptLayout': {
      const promptLayout = await pickOne(title, promptLayouts, settings.promptLayout, layoutInWords);
      return promptLayout ? withSettings({ promptLayout }) : null;
    }
    case 'contextLength': {
      const [contextLength] = (await askForLength(title, settings.contextLength, is.maxContextLength)) ?? [];
      return contextLength === undefined ? null : withSettings({ contextLength });
    }
    case 'endOfText': {
      const endOfText = await askForNumbers(title, settings.endOfText, isNumbers);
      return endOfText === null ? null : withSettings({ endOfText });
    }
  }
}

async function pickOne<T>(
  title: string,
  values: readonly T[],
  now: T,
  words: (value: T) => string,
  description: (value: T) => string = () => '',
): Promise<T | undefined> {
  const options: Option<T>[] = values.map((value) => ({
    label: words(value),
    description: description(value),
    value,
  }));
  return (await pickFrom(options, ({ value }) => value === now, { title }))?.value;
}

function askForLength(title: string, now: number, max: number): Promise<number[] | null> {
  const prompt = vscode.l10n.t('Enter a whole number from 1 to {0}.', max);
  const isLength: Validate = (typed) =>
    /^\s*\d+\s*$/.test(typed) && Number(typed) >= 1 && Number(typed) <= max ? null : prompt;
  return askForNumbers(title, [now], isLength, prompt);
}

const numbersPrompt = (): string => vscode.l10n.t('Enter numbers separated by commas.');
const isNumbers: Validate = (typed) => (/^\s*\d+(?:\s*[,，]\s*\d+)*\s*$/.test(typed) ? null : numbersPrompt());

/** @returns null when nothing was entered */
async function askForNumbers(
  title: string,
  now: readonly number[],
  validateInput: Validate,
  prompt = numbersPrompt(),
): Promise<number[] | null> {
  const text = await vscode.window.showInputBox({ title, prompt, value: now.join(', '), validateInput });
  return text === undefined ? null : text.split(/[,，]/).map(Number);
}
