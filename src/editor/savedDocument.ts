/** A document that is saved as another file: VS Code saves a copy, and shows it in place of the document. */
import * as vscode from 'vscode';
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
  if (saved === document) return null;
  const length = lengthSaved(saved.getText(), document.getText(), start, end);
  if (document.isUntitled) return length;
  // A file may have had a copy before; one with what is being written there is made by Save As, which begins where that is.
  return vscode.window.activeTextEditor?.document === document && length !== 0 ? length : null;
}
