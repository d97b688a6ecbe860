/** An input method's gate for each document that is edited. */
import * as vscode from 'vscode';
import { ImeGate } from '../context/imeGate';
import type { Hold } from '../context/imeGate';

export class Compositions implements vscode.Disposable {
  private readonly gates = new WeakMap<vscode.TextDocument, ImeGate>();
  private readonly subscription = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    let gate = this.gates.get(document);
    if (!gate) this.gates.set(document, (gate = new ImeGate()));
    gate.edit(contentChanges, performance.now());
  });

  dispose(): void {
    this.subscription.dispose();
  }

  /** Whether ghost text has to wait; times are those of `performance.now()`. */
  at(document: vscode.TextDocument): Hold {
    return this.gates.get(document)?.at(performance.now()) ?? { kind: 'none' };
  }
}
