/** 字数 in the status bar: of the document, and of what is selected. */
import * as vscode from 'vscode';
import type { CharacterCount } from '../context/characterCount';
import { add, CharacterTally } from '../context/characterTally';
import { charactersInWords, inDigits } from './characterWords';
import { proseDocuments } from './ghostText';
import { Slices } from './slices';

/** A document's count, with what tells whether it still fits. */
interface Counted {
  tally: CharacterTally;
  eol: vscode.EndOfLine;
}

export class CharacterCounts implements vscode.Disposable {
  /** Beside the state of the model, on its left. */
  private readonly item = vscode.window.createStatusBarItem('moxu.characters', vscode.StatusBarAlignment.Right, 101);
  private readonly counted = new WeakMap<vscode.TextDocument, Counted>();
  private readonly slices = new Slices();
  private readonly subscriptions: vscode.Disposable[];

  constructor() {
    this.item.name = vscode.l10n.t('Character Count');
    this.subscriptions = [
      this.item,
      vscode.workspace.onDidChangeTextDocument((change) => this.edited(change)),
      vscode.window.onDidChangeActiveTextEditor(() => this.update()),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor === vscode.window.activeTextEditor) this.update();
      }),
      // Which documents have one can change with their language.
      vscode.workspace.onDidOpenTextDocument((document) => {
        if (document === vscode.window.activeTextEditor?.document) this.update();
      }),
    ];
    this.update();
  }

  dispose(): void {
    this.slices.stop();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const counted = this.counted.get(document);
    if (counted) {
      counted.tally.edit(contentChanges);
      // Other line ends change all offsets, without an edit that says so.
      if (counted.eol !== document.eol || counted.tally.length !== lengthOf(document)) this.counted.delete(document);
    }
    if (document === vscode.window.activeTextEditor?.document) this.update();
  }

  private update(): void {
    const editor = vscode.window.activeTextEditor;
    if (editor && vscode.languages.match(proseDocuments, editor.document) > 0) {
      this.slices.start(this.count(editor));
      return;
    }
    this.slices.stop();
    this.item.hide();
  }

  private *count(editor: vscode.TextEditor): Generator<void, void> {
    const { document, selections } = editor;
    const { tally } = this.of(document);
    const ranges = selections.filter(({ isEmpty }) => !isEmpty);
    while (tally.countBlock()) yield;
    const total = tally.total();
    let selected: CharacterCount = { all: 0, withoutPunctuation: 0 };
    for (const { start, end } of ranges) {
      const count = tally.between(document.offsetAt(start), document.offsetAt(end));
      if (count) selected = add(selected, count);
      yield;
    }
    if (total) this.show(total, ranges.length > 0 ? { count: selected, ranges: ranges.length } : null);
  }

  private of(document: vscode.TextDocument): Counted {
    let counted = this.counted.get(document);
    if (!counted) {
      const tally = new CharacterTally(lengthOf(document), (from, to) => read(document, from, to));
      this.counted.set(document, (counted = { tally, eol: document.eol }));
    }
    return counted;
  }

  private show(total: CharacterCount, selection: { count: CharacterCount; ranges: number } | null): void {
    const { l10n } = vscode;
    const document = l10n.t('Document: {0}, {1} without punctuation', ...bothOf(total));
    const lines = selection ? [inWords(selection.count, selection.ranges), document] : [document];
    const label = lines.join(l10n.t('; '));
    if (label !== this.item.accessibilityInformation?.label) {
      const all = charactersInWords(total.all);
      this.item.text = selection ? l10n.t('{0} of {1}', inDigits(selection.count.all), all) : all;
      this.item.accessibilityInformation = { label };
      lines.push(
        l10n.t('Each Chinese character or punctuation mark counts as one, and so does each Latin word or number.'),
      );
      this.item.tooltip = new vscode.MarkdownString(lines.join('\n\n'));
    }
    this.item.show();
  }
}

function inWords(count: CharacterCount, ranges: number): string {
  const { l10n } = vscode;
  return ranges === 1
    ? l10n.t('Selected: {0}, {1} without punctuation', ...bothOf(count))
    : l10n.t('Selected in {2} places: {0}, {1} without punctuation', ...bothOf(count), ranges);
}

const bothOf = ({ all, withoutPunctuation }: CharacterCount): [string, string] => [
  charactersInWords(all),
  inDigits(withoutPunctuation),
];

const lengthOf = (document: vscode.TextDocument): number =>
  document.offsetAt(document.lineAt(document.lineCount - 1).range.end);

const read = (document: vscode.TextDocument, from: number, to: number): string =>
  document.getText(new vscode.Range(document.positionAt(from), document.positionAt(to)));
