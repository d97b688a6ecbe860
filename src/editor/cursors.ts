/** Where the cursors of a document are, for who asks because of an edit. */
import * as vscode from 'vscode';

/** The cursor is told of after the edit; and where saving makes an edit, VS Code moves it there and back. */
export const cursorSettlesMs = 30;

/**
 * A selection that ends where text comes to stand would grow with it, and the next key replace both. Its cursor goes on
 * with the text instead. Later selections are the writer's own doing, in sight of the text.
 */
export function leaveSelections(document: vscode.TextDocument, place: vscode.Range): void {
  const grows = (selection: vscode.Selection) => !selection.isEmpty && place.contains(selection.end);
  for (const editor of vscode.window.visibleTextEditors) {
    if (editor.document !== document || !editor.selections.some(grows)) continue;
    editor.selections = editor.selections.map((selection) =>
      grows(selection) ? new vscode.Selection(place.end, place.end) : selection,
    );
  }
}

export function cursorsIn(document: vscode.TextDocument): vscode.Position[] {
  const editors = vscode.window.visibleTextEditors.filter((editor) => editor.document === document);
  return editors.flatMap(({ selections }) => selections.map(({ active }) => active));
}
