/** What was written last, as it stands in its document now. */
import * as vscode from 'vscode';
import { withLineEnds } from '../context/trackedRange';
import type { LineEnd, TrackedRange } from '../context/trackedRange';
import { lineEndOf } from './lineEnds';
import { lengthSavedOf } from './savedDocument';

/** What 换一个 needs to know about the run before. */
export interface WrittenText {
  document: vscode.TextDocument;
  eol: LineEnd;
  range: TrackedRange;
  /** null where the writer has changed it while it was being written: what is theirs must not be replaced. */
  text: string | null;
  /** What stood there before; undo brings it back. */
  replaced: string;
}

/**
 * The text of the last run that stands in the document now, or of the one before it where that was undone; '' where both
 * are gone, null where the writer has changed it. Undo and redo leave the range empty in front of what they bring back.
 */
export function standing({ document, range, text, replaced }: WrittenText): string | null {
  const from = document.positionAt(range.start);
  const found = document.getText(new vscode.Range(from, document.positionAt(range.end)));
  if (found === text) return text;
  if (found !== '') return null;
  const behind = (length: number) =>
    document.getText(new vscode.Range(from, document.positionAt(range.start + length)));
  return [text ?? '', replaced].find((candidate) => candidate !== '' && behind(candidate.length) === candidate) ?? '';
}

/** Whether `saved` is the file as which the document was saved, with all of the text. */
export function isWholeIn(saved: vscode.TextDocument, { document, range }: WrittenText): boolean {
  return lengthSavedOf(document, range, saved) === range.end - range.start;
}

/** VS Code tells of it as of a new text in place of all. */
export function changeLineEnds(written: WrittenText): void {
  const { document, range, text } = written;
  written.eol = lineEndOf(document);
  range.changeLineEnds(document.getText(), written.eol);
  written.text = text === null ? null : withLineEnds(text, written.eol);
  written.replaced = withLineEnds(written.replaced, written.eol);
}
