/** What 续写 asks the writer: about a place that is none for it, and about text that has lost its place. */
import * as vscode from 'vscode';
import type { InsertOutcome } from './streamedInsert';

/** Code, a table, an address. @returns whether the writer wants text there all the same */
export async function confirmNoProse(): Promise<boolean> {
  const here = vscode.l10n.t('Write Here');
  const message = vscode.l10n.t(
    'The cursor is in code, a table, front matter or an address, where prose would do harm. Put it where the text is to go on.',
  );
  return (await vscode.window.showInformationMessage(message, here)) === here;
}

/** A read-only document. @returns whether the writer wants the text all the same */
export async function confirmElsewhere(): Promise<boolean> {
  const anyway = vscode.l10n.t('Continue Anyway');
  const message = vscode.l10n.t(
    'This document does not accept changes; perhaps it is read-only. What Moxu writes cannot go into it, but can be copied afterwards, or opened as a new document.',
  );
  return (await vscode.window.showWarningMessage(message, anyway)) === anyway;
}

/** The text is there and its place is not: it must not be lost. */
export async function offerRest(rest: string, outcome: InsertOutcome): Promise<void> {
  const copy = vscode.l10n.t('Copy');
  const open = vscode.l10n.t('Open as New Document');
  const message =
    outcome === 'closed'
      ? vscode.l10n.t(
          'The document was closed while Moxu was writing in it. Copy what was not inserted yet, or open it as a new document.',
        )
      : vscode.l10n.t(
          'This document does not accept changes; perhaps it is read-only. Copy what Moxu wrote, or open it as a new document.',
        );
  const chosen = await vscode.window.showWarningMessage(message, copy, open);
  if (chosen === copy) await vscode.env.clipboard.writeText(rest);
  if (chosen === open)
    await vscode.window.showTextDocument(
      await vscode.workspace.openTextDocument({ content: rest, language: 'markdown' }),
    );
}
