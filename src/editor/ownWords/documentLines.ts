/** The lines of an open document that are worth learning from: those that no prompt holds anyway, the nearest if it is long. */
import * as vscode from 'vscode';

/** Characters of one document that are learnt at most, before the cursor and behind it. */
const maxBefore = 80_000;
const maxBehind = 20_000;

/**
 * Read one by one while the writer may go on writing; what moves meanwhile is put right the next time.
 * @param cursor where the writer is in it, with the characters before it that prompts hold; null where they are not
 */
export function* documentLines(
  document: vscode.TextDocument,
  cursor: { position: vscode.Position; promptLength: number } | null,
): Generator<string, void> {
  const end = cursor?.position ?? document.lineAt(document.lineCount - 1).range.end;
  const offset = document.offsetAt(end);
  const promptStart = document.positionAt(Math.max(0, offset - (cursor?.promptLength ?? 0)));
  const first = document.positionAt(Math.max(0, offset - maxBefore));
  for (let { line } = first; line <= promptStart.line && line < document.lineCount; line++) {
    const { text } = document.lineAt(line);
    const from = line === first.line ? first.character : 0;
    yield line === promptStart.line ? text.slice(from, promptStart.character) : text.slice(from);
  }
  let behind = 0;
  for (let line = end.line + 1; line < document.lineCount && behind < maxBehind; line++) {
    const { text } = document.lineAt(line);
    behind += text.length;
    yield text.slice(0, maxBehind);
  }
}
