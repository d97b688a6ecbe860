/**
 * VS Code waits 50 ms after a key before it asks for ghost text. By then the model can have written it, if it was told at
 * the key itself. Where VS Code does not ask, as where the writer has turned inline suggestions off, it is not told.
 */
import * as vscode from 'vscode';
import { typedLength } from '../context/brackets';
import { longestInsertion } from '../context/textMirror';

export class HeadStarts {
  /** Where VS Code asked since the latest head start. */
  private asking: vscode.TextDocument | null = null;

  /** VS Code asked of itself. */
  asked(document: vscode.TextDocument): void {
    this.asking = document;
  }

  /** The model has been told. */
  taken(): void {
    this.asking = null;
  }

  /** Where the cursor will be after what was typed at it; undefined where VS Code will hardly ask. */
  cursorAfter({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): vscode.Position | undefined {
    const editor = vscode.window.activeTextEditor;
    const [change] = contentChanges;
    if (this.asking !== document || editor?.document !== document || !change || change.text === '') return undefined;
    // Its lines would have to be counted first.
    if (change.text.length > longestInsertion) return undefined;
    // Several cursors; undo and redo.
    if (contentChanges.length > 1 || editor.selections.length > 1 || reason !== undefined) return undefined;
    // The editor's cursor is still where it was before.
    return change.range.contains(editor.selection.active) ? endOf(change) : undefined;
  }
}

/** Of what was typed. Counted here: VS Code would have to know the length of each line of the document. */
function endOf({ range: { start }, text }: vscode.TextDocumentContentChangeEvent): vscode.Position {
  const lines = text.slice(0, typedLength(text)).split(/\r\n?|\n/);
  const last = lines.at(-1) ?? '';
  return new vscode.Position(start.line + lines.length - 1, last.length + (lines.length === 1 ? start.character : 0));
}
