/** An input method's gate for each document that is edited, and what it commits. */
import * as vscode from 'vscode';
import { Commits } from '../context/commits';
import { ImeGate, WriterHabit, atCursors } from '../context/imeGate';
import type { Hold } from '../context/imeGate';

export class Compositions implements vscode.Disposable {
  private readonly habit = new WriterHabit();
  private readonly commits = new Commits();
  private readonly gates = new WeakMap<vscode.TextDocument, ImeGate>();
  private readonly subscriptions = [
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges, reason }) => {
      const [change] = contentChanges;
      if (!change) return;
      const gate = this.gateOf(document);
      const now = performance.now();
      // Undone, done again, or written by us.
      if (reason !== undefined || this.isWriting()) gate.expect(change.text);
      if (gate.isKnown(change)) this.commits.forget(document);
      else this.commits.edit(document, contentChanges, now);
      const editor = vscode.window.activeTextEditor;
      gate.edit(atCursors(contentChanges, editor?.document === document ? editor.selections.length : 1), now);
    }),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
      const { document } = textEditor;
      // The same document may have another cursor in another editor.
      if (textEditor !== vscode.window.activeTextEditor || this.at(document).kind === 'none') return;
      // Of several cursors the first is followed.
      this.gateOf(document).moved(Math.min(...selections.map(({ active }) => document.offsetAt(active))));
    }),
  ];

  /** @param isWriting text is being written by us */
  constructor(private readonly isWriting: () => boolean) {}

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Whether ghost text has to wait; times are those of `performance.now()`. */
  at(document: vscode.TextDocument): Hold {
    return this.gates.get(document)?.at(performance.now()) ?? { kind: 'none' };
  }

  /** Whether what is being written there is an input method's still, and not the writer's. */
  isOpen(document: vscode.TextDocument): boolean {
    return this.gates.get(document)?.isOpen(performance.now()) ?? false;
  }

  /** Whether it has to wait though the writer asked for it. */
  asked(document: vscode.TextDocument): Hold {
    return this.gates.get(document)?.asked(performance.now()) ?? { kind: 'none' };
  }

  /** Whether the latest edit committed a word that ends there. */
  endsWordAt(document: vscode.TextDocument, offset: number): boolean {
    return this.commits.endAt(document, offset);
  }

  /** These ghosts are shown there. */
  offer(document: vscode.TextDocument, ghosts: readonly string[]): void {
    this.gateOf(document).offer(ghosts);
  }

  /** We are about to insert this text: an input method that begins with a character looks the same. */
  expect(document: vscode.TextDocument, text: string): void {
    this.gateOf(document).expect(text);
  }

  private gateOf(document: vscode.TextDocument): ImeGate {
    let gate = this.gates.get(document);
    if (!gate) this.gates.set(document, (gate = new ImeGate(this.habit)));
    return gate;
  }
}
