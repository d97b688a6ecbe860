/** Enter begins the next paragraph as the one above begins, with 　　, which VS Code does not take for an indent. */
import * as vscode from 'vscode';
import { repairAfterEnter } from '../context/style/enterIndent';
import type { Compositions } from './compositions';
import { cursorSettlesMs, cursorsIn } from './cursors';
import { carryIndentEnabled, proseLanguages, settingKeys } from './settings';

/** Ideographic spaces for which there are rules. */
const indents = [1, 2, 3, 4].map((length) => '\u3000'.repeat(length));

/** How far up the paragraph is looked for. */
const reach = 10;

/** Edits are refused while others come in; one that is refused for ever is not the writer's concern. */
const maxAttempts = 5;

/** Only in lines that begin with ideographic spaces: lists and quotations stay VS Code's own. */
const onEnterRules: vscode.OnEnterRule[] = indents.map((indent) => ({
  beforeText: new RegExp(`^${indent}(?!\u3000)`),
  action: { indentAction: vscode.IndentAction.None, appendText: indent },
}));

export class CarryIndent implements vscode.Disposable {
  private rules: vscode.Disposable[] = [];
  private readonly subscriptions: vscode.Disposable[];
  private cursorTimer: NodeJS.Timeout | undefined;
  /** The line that Enter made last, until it is as it should be. It was Enter if the cursor stands in it. */
  private pending: { document: vscode.TextDocument; line: number } | null = null;
  private repairing = false;

  constructor(
    private readonly compositions: Compositions,
    private readonly isWriting: () => boolean,
  ) {
    this.subscriptions = [
      vscode.workspace.onDidChangeTextDocument((change) => this.follow(change)),
      // A line break that saving adds to the end of the document is not the writer's.
      vscode.workspace.onDidSaveTextDocument((document) => this.giveUp(document)),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(settingKeys.carryIndent)) this.switch();
      }),
    ];
    this.switch();
  }

  dispose(): void {
    clearTimeout(this.cursorTimer);
    for (const disposable of [...this.rules, ...this.subscriptions]) disposable.dispose();
  }

  private switch(): void {
    for (const rule of this.rules) rule.dispose();
    this.rules = carryIndentEnabled()
      ? proseLanguages.map((language) => vscode.languages.setLanguageConfiguration(language, { onEnterRules }))
      : [];
  }

  private follow({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    const [change] = contentChanges;
    if (!change || this.rules.length === 0 || vscode.languages.match([...proseLanguages], document) === 0) return;
    const isBreak = contentChanges.length === 1 && /^\r?\n\s*$/.test(change.text);
    if (isBreak && reason === undefined && !this.isWriting()) {
      this.pending = { document, line: change.range.start.line + change.text.split('\n').length - 1 };
      clearTimeout(this.cursorTimer);
      this.cursorTimer = setTimeout(() => void this.repair(), cursorSettlesMs);
      return;
    }
    // The line has moved, or Enter was taken back: what is to be done there is not known any more.
    if (!this.repairing && this.pending && movesLines(change, this.pending.line)) this.giveUp(document);
    if (this.pending?.document === document) void this.repair();
  }

  private giveUp(document: vscode.TextDocument): void {
    if (this.pending?.document === document) this.pending = null;
  }

  private async repair(attempt = 0): Promise<void> {
    const { pending } = this;
    if (!pending || this.repairing) return;
    const { document, line } = pending;
    // An edit would end the composition: the next change tells when it is over.
    if (this.compositions.isOpen(document)) return;
    const editor = vscode.window.visibleTextEditors.find((one) => one.document === document);
    if (!editor || !cursorsIn(document).some((cursor) => cursor.line === line)) return;
    const lines = Array.from({ length: Math.min(reach, line) }, (_, i) => document.lineAt(line - 1 - i).text);
    const { insert, emptied } = repairAfterEnter(document.lineAt(line).text, lines);
    if (attempt === maxAttempts || (insert === '' && emptied.length === 0)) {
      this.pending = null;
      return;
    }
    this.repairing = true;
    const applied = await editor
      .edit(
        (builder) => {
          if (insert !== '') builder.insert(new vscode.Position(line, 0), insert);
          for (const above of emptied) builder.delete(document.lineAt(line - 1 - above).range);
        },
        // One step with the Enter.
        { undoStopBefore: false, undoStopAfter: false },
      )
      .then(
        (done) => done,
        () => false, // the editor was closed meanwhile
      );
    this.repairing = false;
    if (applied && this.pending === pending) this.pending = null;
    // Refused, since something was typed meanwhile: from what stands there now.
    else await this.repair(attempt + 1);
  }
}

function movesLines({ range, text }: vscode.TextDocumentContentChangeEvent, line: number): boolean {
  return range.start.line < line && (!range.isSingleLine || text.includes('\n'));
}
