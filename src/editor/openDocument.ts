import * as vscode from 'vscode';

/** For the writer: VS Code may keep a text for minutes after its tab was closed, for whoever has asked for it. */
export function isOpen(document: vscode.TextDocument): boolean {
  if (document.isClosed) return false;
  if (document.uri.scheme === 'vscode-notebook-cell') return true;
  if (vscode.window.visibleTextEditors.some((editor) => editor.document === document)) return true;
  const name = document.uri.toString();
  return vscode.window.tabGroups.all.some(({ tabs }) =>
    tabs.some(({ input }) => urisOf(input).some((uri) => uri.toString() === name)),
  );
}

function urisOf(input: unknown): vscode.Uri[] {
  if (input instanceof vscode.TabInputTextDiff) return [input.original, input.modified];
  return input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? [input.uri] : [];
}
