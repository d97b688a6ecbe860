/** Reads from a document what a prompt needs, no more: the keystroke path must not touch the whole text. */
import * as vscode from 'vscode';
import { titleAndBody } from '../context/title';
import type { Prompt } from '../protocol';
import type { CursorStyle, DocumentStyles } from './documentStyles';
import type { ProsePlaces } from './prosePlaces';

/** Lines in which front matter and heading are looked for, and how much of each. */
const headLength = 40;
const headWidth = 300;

/** Enough to see what stands to the right; a document can be one line. */
const suffixLength = 200;

export interface CursorText {
  /** In the model's form. */
  prompt: Prompt;
  /** The prompt's text as the document has it. */
  before: string;
  /** The rest of the cursor's line, or its beginning. */
  suffix: string;
  /** Not in the front matter, nor in the heading that gives the title, nor in code, a table or the like. */
  inProse: boolean;
  /** How the document writes there. */
  style: CursorStyle;
}

/**
 * Where the prompt's text starts in each document. It stays put while the writer types on, so that consecutive prompts
 * share their beginning and the model computes only what is new.
 */
export class DocumentText {
  constructor(
    private readonly styles: DocumentStyles,
    private readonly prosePlaces: ProsePlaces,
  ) {}

  private readonly anchors = new WeakMap<vscode.TextDocument, vscode.Position>();

  /** @param maxCharacters more text than the model's window can hold is of no use */
  at(document: vscode.TextDocument, position: vscode.Position, maxCharacters: number): CursorText {
    const head = Array.from({ length: Math.min(headLength, document.lineCount) }, (_, line) =>
      document.lineAt(line).text.slice(0, headWidth),
    );
    const fileName = document.isUntitled ? '' : (document.uri.path.split('/').pop() ?? '');
    const { title, headLines } = titleAndBody(head, fileName, document.languageId === 'markdown');
    const body = new vscode.Position(headLines, 0);
    const start = this.anchor(document, body, position, maxCharacters);
    const text = position.isAfter(start) ? document.getText(new vscode.Range(start, position)) : '';
    const suffix = document.lineAt(position.line).text.slice(position.character, position.character + suffixLength);
    const style = this.styles.at(document, position.line, title, text, suffix);
    return {
      prompt: { title: style.modelTitle, text: style.modelBefore, fromStart: start.isEqual(body) },
      before: text,
      suffix,
      inProse: position.line >= headLines && this.prosePlaces.isProse(document, position),
      style,
    };
  }

  /** The same once the dictionaries are there that the document's script needs. */
  async loaded(document: vscode.TextDocument, position: vscode.Position, maxCharacters: number): Promise<CursorText> {
    const cursor = this.at(document, position, maxCharacters);
    return (await this.styles.ready(cursor.style)) ? cursor : this.at(document, position, maxCharacters);
  }

  private anchor(
    document: vscode.TextDocument,
    body: vscode.Position,
    cursor: vscode.Position,
    maxCharacters: number,
  ): vscode.Position {
    const old = this.anchors.get(document);
    if (old?.isAfterOrEqual(body) && old.isBeforeOrEqual(cursor)) {
      const length = document.offsetAt(cursor) - document.offsetAt(old);
      const enough = old.isEqual(body) || length >= maxCharacters / 2;
      if (enough && length <= maxCharacters) return old;
    }
    const end = document.offsetAt(cursor);
    const first = document.offsetAt(body);
    // Three quarters of the room: the writer can type the last quarter before the anchor has to move.
    const wanted = end - first <= maxCharacters ? first : end - Math.floor(maxCharacters * 0.75);
    const anchor = document.positionAt(Math.max(first, wanted));
    this.anchors.set(document, anchor);
    return anchor;
  }
}
