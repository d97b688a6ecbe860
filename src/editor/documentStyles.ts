/** The style of each document, found in the few lines around the cursor, and what its Markdown makes of the cursor's line. */
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import * as vscode from 'vscode';
import { documentStyle, styleOf } from '../context/style/documentStyle';
import { beginsBlock, containerOf, isHeading, restOfHeading } from '../context/style/markdown';
import { toModelForm } from '../context/style/modelForm';
import { PieceMemo } from '../context/style/pieceMemo';
import { paragraphStyle } from '../context/style/paragraphs';
import type { ParagraphStyle } from '../context/style/paragraphs';
import { ScriptTables, sameScript } from '../context/style/script';
import { addCounts, countStyle } from '../context/style/styleCounts';
import type { StyleCounts } from '../context/style/styleCounts';
import type { WritingPlace } from '../context/style/styleWriter';
import { lineEndOf } from './lineEnds';
import { inSlices } from './slices';

/** Lines above the cursor from which paragraphs are read. */
const paragraphLines = 60;
/** Where the style is read: so many lines above and below the cursor and at the beginning, so much of each and in all. */
const sampleLines = 40;
const sampleWidth = 400;
const sampleLength = 4000;
/** The sample is read again when the cursor has moved so many lines away, or so many characters have come and gone. */
const sampleReach = 20;
const sampleEdits = 50;
/** What is looked at anew at each key. */
const nearLength = 300;

export type CursorStyle = WritingPlace & {
  /** The document's title in the model's form. */
  modelTitle: string;
  /** A text that stands here, in the model's form. */
  toModel(text: string): string;
  /** '' for a ghost that would not go on with the paragraph, but begin a list, a heading, code. */
  asParagraph(ghost: string): string;
  /** The same for one that does not stand at the beginning of the line. */
  inLine: (ghost: string) => string;
};

/** A writer's words as they stand in a document, and as the model would write them there. */
export function bothForms(words: readonly string[], style: CursorStyle): readonly string[] {
  return words.length === 0 ? words : [...new Set(words.flatMap((word) => [word, style.toModel(word)]))];
}

export class DocumentStyles {
  private readonly samples = new WeakMap<vscode.TextDocument, { line: number; edits: number; counts: StyleCounts }>();
  private loading: Promise<void> | undefined;
  private scripts: { tables: ScriptTables; memo: PieceMemo } | undefined;

  /** @param tablesFile the dictionaries between 简体 and 繁體, read when a document needs them */
  constructor(
    private readonly tablesFile: string,
    private readonly log: vscode.LogOutputChannel,
    private readonly locale = vscode.env.language,
  ) {}

  /**
   * @param before the text before the cursor, as much as the prompt has
   * @param behind the rest of the line
   */
  at(document: vscode.TextDocument, line: number, title: string, before: string, behind: string): CursorStyle {
    const near = countStyle(`${title}\n${before.slice(-nearLength)}`);
    const style = documentStyle(addCounts(this.sample(document, line), near), this.locale);
    const { scripts } = this;
    if (style.script === 'traditional') void this.load(before);
    const isMarkdown = document.languageId === 'markdown';
    const toModel = (text: string, hasMarkup = isMarkdown) =>
      toModelForm(text, style, hasMarkup, (form) => scripts?.memo.convert(form) ?? form);
    const cursorLine = before.slice(before.lastIndexOf('\n') + 1);
    const atLineStart = cursorLine.slice(containerOf(cursorLine).length).trim() === '';
    const inHeading = isMarkdown && isHeading(cursorLine);
    const inLine = (ghost: string): string => {
      const rest = inHeading ? restOfHeading(ghost) : ghost;
      // What was to lead to the words behind it does not when it is cut.
      return rest === ghost || behind.trim() === '' ? rest : '';
    };
    return {
      style,
      script: () =>
        style.script === 'traditional' && scripts ? scripts.tables.traditional(style.variants) : sameScript(),
      before,
      modelTitle: toModel(title, false),
      toModel: (text) => toModel(text),
      modelBefore: toModel(before),
      modelBehind: toModel(behind),
      asParagraph: (ghost) => {
        if (isMarkdown && atLineStart && beginsBlock(ghost)) return '';
        return cursorLine === '' ? this.paragraphs(document, line).indent + ghost : inLine(ghost);
      },
      inLine,
    };
  }

  /** Follows an edit event. */
  edited(document: vscode.TextDocument, changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
    const sample = this.samples.get(document);
    if (sample) for (const { rangeLength, text } of changes) sample.edits += rangeLength + text.length;
  }

  /** How a text that is read by itself comes into the model's form, part by part. */
  async ofText(text: string, isMarkdown: boolean): Promise<(part: string) => Promise<string>> {
    const style = styleOf(text.slice(0, sampleLength), this.locale);
    if (style.script === 'traditional') await this.load();
    const { scripts } = this;
    return async (part) => {
      // The memo of the keys is not to forget what they need.
      const memo = scripts && new PieceMemo((piece) => scripts.tables.simplified(piece));
      // Characters that are met for the first time have their phrases read: several milliseconds for a part.
      if (memo && style.script === 'traditional') await inSlices(memo.prepare(part));
      return toModelForm(part, style, isMarkdown, (form) => memo?.convert(form) ?? form);
    };
  }

  /** What `at` needs for this document is there. */
  async ready({ style, before }: CursorStyle): Promise<boolean> {
    if (style.script === 'simplified' || this.scripts) return true;
    await this.load(before);
    return false;
  }

  /** @param line of the cursor; only what stands above and on it is read */
  paragraphs(document: vscode.TextDocument, line: number, column = sampleWidth): ParagraphStyle {
    const eol = lineEndOf(document);
    const from = Math.max(0, line - paragraphLines);
    const above = readLines(document, from, line);
    const text = [...above, document.lineAt(line).text.slice(0, Math.min(column, sampleWidth))].join('\n');
    return paragraphStyle(text, document.languageId === 'markdown', eol);
  }

  private sample(document: vscode.TextDocument, line: number): StyleCounts {
    const known = this.samples.get(document);
    if (known && known.edits < sampleEdits && Math.abs(known.line - line) <= sampleReach) return known.counts;
    const around = readLines(document, line - sampleLines, line + sampleLines);
    const beginning = line > sampleLines ? readLines(document, 0, sampleLines) : [];
    const counts = countStyle([...around, ...beginning].join('\n').slice(0, sampleLength));
    this.samples.set(document, { line, edits: 0, counts });
    return counts;
  }

  /** @param text whose first conversion is not to hold up the key that needs it */
  private load(text = ''): Promise<void> {
    return (this.loading ??= this.readTables(text).catch((error: unknown) =>
      // The text comes in 简体 then; the writer sees it, and the log says why.
      this.log.error(error instanceof Error ? error : String(error)),
    ));
  }

  private async readTables(text: string): Promise<void> {
    const data = (await promisify(brotliDecompress)(await readFile(this.tablesFile))).toString('utf16le');
    await setImmediate();
    const tables = new ScriptTables(data);
    const memo = new PieceMemo((piece) => tables.simplified(piece));
    await inSlices(memo.prepare(text));
    await inSlices(tables.prepare(memo.convert(text)));
    this.scripts = { tables, memo };
  }
}

/** At most `sampleLength` characters of the lines from `from` to `to`, without the latter. */
function readLines(document: vscode.TextDocument, from: number, to: number): string[] {
  const lines: string[] = [];
  let left = sampleLength;
  // From the last one up: what is nearest counts.
  for (let line = Math.min(to, document.lineCount) - 1; line >= Math.max(0, from) && left > 0; line--) {
    const text = document.lineAt(line).text.slice(0, Math.min(sampleWidth, left));
    lines.push(text);
    left -= text.length + 1;
  }
  return lines.reverse();
}
