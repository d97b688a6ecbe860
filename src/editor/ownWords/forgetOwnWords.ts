/** The command that erases what was learnt from the writer's texts. */
import * as vscode from 'vscode';
import type { GhostTextProvider } from '../ghostText';
import { turnOwnWordsOff } from '../settings';
import type { OwnWords } from './ownWords';

export async function forgetOwnWords(ownWords: OwnWords, ghostText: GhostTextProvider): Promise<void> {
  await ownWords.forget();
  ghostText.forget();
  const turnOff = vscode.l10n.t('Stop Learning');
  const forgotten = vscode.l10n.t(
    'The words learnt from your texts are forgotten. From now on words are learnt from texts that you open or edit.',
  );
  if ((await vscode.window.showInformationMessage(forgotten, turnOff)) === turnOff) await turnOwnWordsOff();
}
