/** An input method's gate for each document that is edited. */
import * as vscode from 'vscode';
import { ImeGate, WriterHabit } from '../context/imeGate';
import type { Hold } from '../context/imeGate';

export class Compositions implements vscode.Disposable {
  private readonly habit = new WriterHabit();
  private readonly gates = new WeakMap<vscode.TextDocument, ImeGate>();
  private readonly subscription = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    this.gateOf(document).edit(contentChanges, performance.now());
  });

  dispose(): void {
    this.subscription.dispose();
  }

  /** Whether ghost text has to wait; times are those of `performance.now()`. */
  at(document: vscode.TextDocument): Hold {
    return this.gates.get(document)?.at(performance.now()) ?? { kind: 'none' };
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
