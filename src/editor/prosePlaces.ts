/** Where in a Markdown document prose may be written. Its blocks are found once, a slice at a time, and follow each edit. */
import * as vscode from 'vscode';
import { BlockIndex } from '../context/style/blockIndex';
import { isIndented, isProse, takesIndented } from '../context/style/markdown';
import type { Block, LineAbove } from '../context/style/markdown';

/** Lines that are read at once; a slice of them takes well under a millisecond. */
const sliceLines = 500;
/** How much of a line is looked at. */
const lineWidth = 2000;
/** How far up is looked for the list or the paragraph to which a line belongs. */
const reach = 30;

interface Blocks {
  index: BlockIndex;
  /** Lines that were read. */
  readTo: number;
  /** The next slice. */
  next?: NodeJS.Immediate;
}

export class ProsePlaces implements vscode.Disposable {
  private readonly blocks = new WeakMap<vscode.TextDocument, Blocks>();
  private readonly subscription = vscode.workspace.onDidChangeTextDocument((change) => this.follow(change));

  dispose(): void {
    this.subscription.dispose();
  }

  /**
   * False where the cursor is in code, in a table, an address or the like, and while a long document is being read.
   * @param before some text before the cursor, @param behind and some of the line behind it: a very long line is not read
   */
  isProse(
    document: vscode.TextDocument,
    { line, character }: vscode.Position,
    before: string,
    behind: string,
  ): boolean {
    if (document.languageId !== 'markdown') return true;
    const block = this.blockAt(document, line);
    if (block === null) return false;
    const { text } = document.lineAt(line);
    const around = { block, ...above(document, line) };
    if (text.length <= 2 * lineWidth) return isProse(text, character, around);
    const near = before.slice(before.lastIndexOf('\n') + 1);
    return isProse(near + behind, near.length, around);
  }

  /** Whether the document has been read up to there. */
  hasRead(document: vscode.TextDocument, line: number): boolean {
    return document.languageId !== 'markdown' || this.blockAt(document, line) !== null;
  }

  private blockAt(document: vscode.TextDocument, line: number): Block | null {
    let blocks = this.blocks.get(document);
    if (!blocks) {
      this.blocks.set(document, (blocks = { index: new BlockIndex(), readTo: 0 }));
      this.read(document, blocks);
    }
    return line < blocks.readTo ? blocks.index.at(line) : null;
  }

  private read(document: vscode.TextDocument, blocks: Blocks): void {
    // An edit may have to begin anew what goes on.
    clearImmediate(blocks.next);
    if (document.isClosed) return;
    const to = Math.min(document.lineCount, blocks.readTo + sliceLines);
    blocks.index.read(blocks.readTo, linesOf(document, blocks.readTo, to));
    blocks.readTo = to;
    if (to < document.lineCount) blocks.next = setImmediate(() => this.read(document, blocks));
  }

  private follow({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const blocks = this.blocks.get(document);
    if (!blocks) return;
    const wasWhole = blocks.readTo;
    // From the back of the document forwards, each in the coordinates of the document before the event.
    for (const { range, text } of contentChanges) {
      const [first, last] = [range.start.line, range.end.line];
      if (first >= blocks.readTo) continue;
      const count = newlines(text) + 1;
      // What a line is shows at its beginning.
      if (first === last && count === 1 && range.start.character >= lineWidth) continue;
      if (last < blocks.readTo && count <= sliceLines && contentChanges.length === 1) {
        blocks.index.replace(first, last, linesOf(document, first, first + count));
        blocks.readTo += count - (last - first + 1);
      } else {
        blocks.index.cutAt(first);
        blocks.readTo = first;
      }
    }
    if (blocks.readTo < Math.min(wasWhole, document.lineCount)) this.read(document, blocks);
  }
}

function linesOf(document: vscode.TextDocument, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => document.lineAt(from + i).text.slice(0, lineWidth));
}

function above(document: vscode.TextDocument, line: number): Omit<LineAbove, 'block'> {
  const lineAt = (at: number) => (at < 0 ? '' : document.lineAt(at).text.slice(0, lineWidth));
  let at = line - 1;
  // Lines of code above belong to it as far as they go.
  while (at >= 0 && line - at < reach && isIndented(lineAt(at))) at--;
  const endsParagraph = lineAt(at).trim() === '';
  while (at >= 0 && line - at < reach && (lineAt(at).trim() === '' || isIndented(lineAt(at)))) at--;
  return { text: lineAt(line - 1), endsParagraph, isInList: takesIndented(lineAt(at)) };
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}
