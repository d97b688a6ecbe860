/** Edits of a document that no editor shows: VS Code lets them into a read-only one, too. */
import * as vscode from 'vscode';

export function editHidden({ uri }: vscode.TextDocument, place: vscode.Range, text: string): Thenable<boolean> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, place, text);
  return vscode.workspace.applyEdit(edit).then(
    (applied) => applied,
    () => false, // the document was closed meanwhile
  );
}

/**
 * Whether nobody could save what an edit has just changed. Asked while VS Code tells of it: a moment later the document may
 * have been saved. (The cells of a notebook are never told to be changed; their notebook is.)
 */
export function isReadOnlyBy({ document }: vscode.TextDocumentChangeEvent): boolean {
  return !document.isDirty && document.uri.scheme !== 'vscode-notebook-cell';
}
