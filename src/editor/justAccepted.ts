/**
 * For a moment after a part of the ghost was accepted, its keys stay ours: who presses one again when the ghost has run out
 * would meet what VS Code does with it, which is to move the editor into a new split, or to select columns. package.json
 * binds them to nothing meanwhile.
 */
import * as vscode from 'vscode';

const contextKey = 'moxu.justAccepted';
/** Longer than anybody takes to see that nothing is left, shorter than it takes to want something else of the key. */
const holdMs = 2000;

export class JustAccepted implements vscode.Disposable {
  private timer: NodeJS.Timeout | undefined;

  constructor() {
    // An extension host that died meanwhile has left it in the window, and the keys bound to nothing for ever.
    this.end();
  }

  /** To be called before the text changes: the ghost may be gone at once. */
  begin(): void {
    clearTimeout(this.timer);
    void vscode.commands.executeCommand('setContext', contextKey, true);
    this.timer = setTimeout(() => this.end(), holdMs);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private end(): void {
    void vscode.commands.executeCommand('setContext', contextKey, false);
  }
}
