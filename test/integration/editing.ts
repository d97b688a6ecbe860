/** What a test does in an editor, and how it waits. */
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';

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

/** In a new document. */
export async function openText(content: string, language = 'markdown'): Promise<vscode.TextEditor> {
  // A new document may be given what VS Code has kept of the last one of its name; then the next name is tried.
  let document: vscode.TextDocument;
  do document = await vscode.workspace.openTextDocument({ content, language });
  while (document.getText() !== content);
  return show(document);
}

/** In a file of its own. */
export async function openFile(text: string, cursor = text.length, name = '雨.txt'): Promise<vscode.TextEditor> {
  const file = join(mkdtempSync(join(tmpdir(), 'moxu-')), name);
  writeFileSync(file, text);
  return show(await vscode.workspace.openTextDocument(file), cursor);
}

/** What is suggested at the cursor, as VS Code asks: of itself, or because the writer did. The first is the one that is shown. */
export async function ghostsAt(
  { ghostText }: Pick<MoxuApi, 'ghostText'>,
  { document, selection }: vscode.TextEditor,
  kind: 'Automatic' | 'Invoke' = 'Automatic',
): Promise<string[]> {
  const context = { triggerKind: vscode.InlineCompletionTriggerKind[kind], selectedCompletionInfo: undefined };
  const { token } = new vscode.CancellationTokenSource();
  const items = await ghostText.provideInlineCompletionItems(document, selection.active, context, token);
  return items.map(({ insertText }) => (typeof insertText === 'string' ? insertText : ''));
}

/** The one that is shown; '' if there is none. */
export async function ghostAt(...asked: Parameters<typeof ghostsAt>): Promise<string> {
  const [ghost = ''] = await ghostsAt(...asked);
  return ghost;
}
