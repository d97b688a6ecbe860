/** Reads from a document what a prompt needs, no more: the keystroke path must not touch the whole text. */
import * as vscode from 'vscode';
import { TakenBack } from '../context/takenBack';
import { TextMirror } from '../context/textMirror';
import { frontMatterGoesOn, titleAndBody } from '../context/title';
import type { TitledBody } from '../context/title';
import type { TextChange } from '../context/trackedRange';
import type { Prompt } from '../protocol';
import type { CursorStyle, DocumentStyles } from './documentStyles';
import type { ProsePlaces } from './prosePlaces';

/** Lines in which front matter and heading are looked for, and how much of each. */
const headLength = 40;
/** Front matter that is longer is read so far. */
const longestHead = 10 * headLength;
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
  /** What the writer has just deleted there. */
  deleted: string;
}

/**
 * The text around the cursor. It starts where the prompt's text does, which stays put while the writer types on, so that
 * consecutive prompts share their beginning and the model computes only what is new.
 */
interface Surroundings {
  mirror: TextMirror;
  /** Of the document, up to which the mirror has followed. */
  version: number;
  /** Other line ends change all offsets, without an edit that says so. */
  eol: vscode.EndOfLine;
  /** The mirror ends where the document does. */
  toEnd: boolean;
}

/** A document's head as it was read. */
interface Head extends TitledBody {
  languageId: string;
  /** Lines that it depends on, none in plain text; else at least `headLength` of them, be they there or not. */
  linesRead: number;
}

export class DocumentText implements vscode.Disposable {
  private readonly surroundings = new WeakMap<vscode.TextDocument, Surroundings>();
  private readonly heads = new WeakMap<vscode.TextDocument, Head>();
  private readonly takenBack = new WeakMap<vscode.TextDocument, TakenBack>();
  private readonly subscription = vscode.workspace.onDidChangeTextDocument((change) => this.follow(change));

  constructor(
    private readonly styles: DocumentStyles,
    private readonly prosePlaces: ProsePlaces,
  ) {}

  dispose(): void {
    this.subscription.dispose();
  }

  /** @param maxCharacters more text than the model's window can hold is of no use */
  at(document: vscode.TextDocument, position: vscode.Position, maxCharacters: number): CursorText {
    const { title, headLines } = this.head(document);
    const inBody = position.line >= headLines;
    const { before, suffix, fromStart } = inBody
      ? this.read(document, position, headLines, maxCharacters)
      : { before: '', suffix: '', fromStart: true };
    const style = this.styles.at(document, position.line, title, before, suffix);
    return {
      prompt: { title: style.modelTitle, text: style.modelBefore, fromStart },
      ...{ before, suffix, style },
      inProse: inBody && this.prosePlaces.isProse(document, position, before, suffix),
      deleted: this.takenBack.get(document)?.at(document.offsetAt(position)) ?? '',
    };
  }

  /** The same once the dictionaries are there that the document's script needs. */
  async loaded(document: vscode.TextDocument, position: vscode.Position, maxCharacters: number): Promise<CursorText> {
    const cursor = this.at(document, position, maxCharacters);
    if (await this.styles.ready(cursor.style)) return cursor;
    // The document may have become shorter.
    return this.at(document, document.validatePosition(position), maxCharacters);
  }

  /**
   * Whether prose would do harm there: in code, a table, front matter. Ghost text keeps quiet in more places: in the heading
   * that gives the title, behind which a writer who asks wants the text, and where a long document has not been read yet.
   */
  isNoPlaceForProse(document: vscode.TextDocument, position: vscode.Position): boolean {
    const { text } = document.lineAt(position.line);
    if (position.line < this.head(document).headLines) return text.trim() !== '' && !isHeading(text);
    if (!this.prosePlaces.hasRead(document, position.line)) return false;
    const column = position.character;
    return !this.prosePlaces.isProse(document, position, text.slice(0, column), text.slice(column));
  }

  private read(document: vscode.TextDocument, position: vscode.Position, headLines: number, maxCharacters: number) {
    const cursor = document.offsetAt(position);
    const body = headLines === 0 ? 0 : document.offsetAt(new vscode.Position(headLines, 0));
    const { mirror } = this.around(document, body, cursor, maxCharacters);
    const at = cursor - mirror.start;
    const right = mirror.text.slice(at, at + suffixLength);
    const fromStart = mirror.start === body;
    return { before: mirror.text.slice(0, at), suffix: right.slice(0, lineLength(right)), fromStart };
  }

  private head(document: vscode.TextDocument): TitledBody {
    const { languageId } = document;
    const known = this.heads.get(document);
    if (known?.languageId === languageId) return known;
    const isMarkdown = languageId === 'markdown';
    const lines = isMarkdown ? firstLines(document, 0, headLength) : [];
    while (isMarkdown && lines.length < Math.min(document.lineCount, longestHead) && frontMatterGoesOn(lines))
      lines.push(...firstLines(document, lines.length, headLength));
    const fileName = document.isUntitled ? '' : (document.uri.path.split('/').pop() ?? '');
    const linesRead = isMarkdown ? Math.max(headLength, lines.length) : 0;
    const head = { ...titleAndBody(lines, fileName, isMarkdown), languageId, linesRead };
    this.heads.set(document, head);
    return head;
  }

  private around(document: vscode.TextDocument, body: number, cursor: number, maxCharacters: number): Surroundings {
    const known = this.surroundings.get(document);
    const isCurrent = known?.version === document.version && known.eol === document.eol;
    if (isCurrent && isWideEnough(known, cursor) && canStart(known.mirror.start, body, cursor, maxCharacters))
      return known;
    // Three quarters of the room: the writer can type the last quarter before the start has to move.
    const furthest = cursor - body <= maxCharacters ? body : cursor - Math.floor(maxCharacters * 0.75);
    const keeps = isCurrent && canStart(known.mirror.start, body, cursor, maxCharacters);
    // An offset may lie within a CRLF; positions do not.
    const start = document.positionAt(keeps ? known.mirror.start : furthest);
    // Twice the suffix: the writer can delete some of it before it has to be read again.
    const end = document.positionAt(cursor + 2 * suffixLength);
    const mirror = new TextMirror(document.offsetAt(start), document.getText(new vscode.Range(start, end)));
    const { version, eol, lineCount } = document;
    const toEnd = end.line === lineCount - 1 && end.character === document.lineAt(end.line).text.length;
    const read = { mirror, version, eol, toEnd };
    this.surroundings.set(document, read);
    return read;
  }

  private follow({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0) return;
    this.styles.edited(document, contentChanges);
    const { linesRead } = this.heads.get(document) ?? { linesRead: 0 };
    if (contentChanges.some((change) => changesHead(change, linesRead))) this.heads.delete(document);
    const known = this.surroundings.get(document);
    if (!known || known.version === document.version) return;
    this.takeBack(document, known.mirror, reason === undefined ? contentChanges : []);
    // Where a line break is two characters an edit may count it as one.
    const isCounted = document.eol === vscode.EndOfLine.LF || contentChanges.every(({ text }) => !text.includes('\n'));
    if (isCounted && known.mirror.follow(contentChanges)) known.version = document.version;
    else this.surroundings.delete(document);
  }

  /** @param changes of the writer's hand: what is undone was no decision against a ghost */
  private takeBack(document: vscode.TextDocument, before: TextMirror, changes: readonly TextChange[]): void {
    let taken = this.takenBack.get(document);
    if (!taken) this.takenBack.set(document, (taken = new TakenBack()));
    taken.follow(changes, (change) => before.textAt(change));
  }
}

function isHeading(line: string): boolean {
  return /^ {0,3}#{1,6}\s/.test(line);
}

/** Lines from `from` on, `count` if there are as many, and how much of each is looked at. */
function firstLines(document: vscode.TextDocument, from: number, count: number): string[] {
  return Array.from({ length: Math.min(count, document.lineCount - from) }, (_, i) =>
    document.getText(new vscode.Range(from + i, 0, from + i, headWidth)),
  );
}

function changesHead({ range, text }: vscode.TextDocumentContentChangeEvent, linesRead: number): boolean {
  if (range.start.line >= linesRead) return false;
  return range.start.character < headWidth || !range.isSingleLine || lineLength(text) < text.length;
}

function isWideEnough({ mirror, toEnd }: Surroundings, cursor: number): boolean {
  const at = cursor - mirror.start;
  if (at < 0 || at > mirror.text.length) return false;
  if (toEnd || mirror.text.length - at >= suffixLength) return true;
  const right = mirror.text.slice(at);
  return lineLength(right) < right.length;
}

/** Whether a prompt may go on to start there: it gives the model enough, and not too much. */
function canStart(start: number, body: number, cursor: number, maxCharacters: number): boolean {
  const length = cursor - start;
  if (start < body || length < 0 || length > maxCharacters) return false;
  return start === body || length >= maxCharacters / 2;
}

/** Of the first line of `text`, without what breaks it. */
function lineLength(text: string): number {
  const end = text.search(/[\r\n]/);
  return end < 0 ? text.length : end;
}
