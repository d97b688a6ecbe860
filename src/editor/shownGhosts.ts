/**
 * Which of several ghosts is shown. VS Code does not tell extensions, so Alt+] and Alt+[ go through us and are counted.
 * (Who clicks the arrows of VS Code's own toolbar is not seen.)
 */
import * as vscode from 'vscode';

interface Answer {
  document: vscode.TextDocument;
  version: number;
  position: vscode.Position;
  ghosts: readonly string[];
  /** To a request by hand: VS Code does not ask again before it turns to another. */
  byHand: boolean;
  /** Of the one that is shown. */
  index: number;
}

export class ShownGhosts {
  private latest: Answer | null = null;
  /** Turns that VS Code makes when it has the answer that it asks for first. */
  private turns = 0;

  /** VS Code was told; it shows the first. */
  answered(document: vscode.TextDocument, position: vscode.Position, ghosts: readonly string[], byHand: boolean): void {
    const { version } = document;
    this.latest = { document, version, position, ghosts, byHand, index: byHand ? wrapped(this.turns, ghosts) : 0 };
    this.turns = 0;
  }

  /** Shows the next, or the one before. */
  async turn(by: 1 | -1): Promise<void> {
    const { latest } = this;
    if (latest?.byHand && isNow(latest)) latest.index = wrapped(latest.index + by, latest.ghosts);
    else this.turns += by;
    await vscode.commands.executeCommand(`editor.action.inlineSuggest.${by > 0 ? 'showNext' : 'showPrevious'}`);
  }

  /** The one that is shown there; undefined where VS Code has not been told of any. */
  at(document: vscode.TextDocument, position: vscode.Position): string | undefined {
    const { latest } = this;
    if (!latest || latest.document !== document || !isNow(latest)) return undefined;
    return latest.position.isEqual(position) ? latest.ghosts[latest.index] : undefined;
  }
}

function isNow({ document, version }: Answer): boolean {
  return document.version === version;
}

function wrapped(index: number, { length }: readonly unknown[]): number {
  return (index + length) % length;
}
