/** What a test does in an editor, and how it waits. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';

/** Waits until a condition holds; what it was is in the message when it never does. */
export async function until(what: string, holds: () => boolean | Thenable<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `never happened: ${what}`);
    await sleep(20);
  }
}

/** Shows a document with the cursor at `offset`, at its end if none is given. */
export async function show(
  document: vscode.TextDocument,
  offset = document.getText().length,
): Promise<vscode.TextEditor> {
  const editor = await vscode.window.showTextDocument(document);
  // On a busy machine commands would still find the editor before.
  await until('the editor is the active one', () => vscode.window.activeTextEditor?.document === document);
  const position = document.positionAt(offset);
  editor.selection = new vscode.Selection(position, position);
  return editor;
}

export async function openText(content: string, language = 'markdown'): Promise<vscode.TextEditor> {
  return show(await vscode.workspace.openTextDocument({ content, language }));
}
