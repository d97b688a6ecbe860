/** Where the cursors of a document are, for who asks because of an edit. */
import * as vscode from 'vscode';

/** The cursor is told of after the edit; and where saving makes an edit, VS Code moves it there and back. */
export const cursorSettlesMs = 30;

export function cursorsIn(document: vscode.TextDocument): vscode.Position[] {
  const editors = vscode.window.visibleTextEditors.filter((editor) => editor.document === document);
  return editors.flatMap(({ selections }) => selections.map(({ active }) => active));
}
