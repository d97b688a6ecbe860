/** A new document that is saved for the first time: VS Code saves a copy, empties the document and closes it. */
import type * as vscode from 'vscode';
import { lengthSaved } from '../context/savedText';
import type { TrackedRange } from '../context/trackedRange';

/**
 * How much of what is written in the range has come into the file.
 * @param saved what has just been saved
 * @returns null where that is no copy of `document`
 */
export function lengthSavedOf(
  document: vscode.TextDocument,
  { start, end }: TrackedRange,
  saved: vscode.TextDocument,
): number | null {
  return document.isUntitled && saved !== document
    ? lengthSaved(saved.getText(), document.getText(), start, end)
    : null;
}
