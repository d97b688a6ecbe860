/**
 * Which of several ghosts is shown. VS Code does not tell extensions, so Alt+] and Alt+[ go through us and are counted.
 * (Who clicks the arrows of VS Code's own toolbar is not seen.)
 */
import * as vscode from 'vscode';
import { restBehind } from '../context/typedAlong';
import { TypedText } from '../context/typedText';

interface Answer {
  document: vscode.TextDocument;
  version: number;
  ghosts: readonly string[];
  /** What was typed since where it was shown. */
  typed: TypedText;
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
    const typed = new TypedText(document.offsetAt(position));
    this.latest = { document, version, ghosts, typed, byHand, index: byHand ? wrapped(this.turns, ghosts) : 0 };
    this.turns = 0;
  }

  /** Follows an edit event: what is typed along a ghost leaves its rest on screen. */
  edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (this.latest?.document === document && !this.latest.typed.follow(contentChanges)) this.latest = null;
  }

  /** Whether one of them is still there: what was typed since goes along with it. */
  get isAlong(): boolean {
    const { latest } = this;
    return latest?.ghosts.some((ghost) => restBehind(latest.typed.text, ghost) !== null) ?? false;
  }

  /** Shows the next, or the one before. */
  async turn(by: 1 | -1): Promise<void> {
    const { latest } = this;
    if (latest?.byHand && isNow(latest)) latest.index = wrapped(latest.index + by, latest.ghosts);
    else this.turns += by;
    await vscode.commands.executeCommand(`editor.action.inlineSuggest.${by > 0 ? 'showNext' : 'showPrevious'}`);
  }

  /** What is left of the one that is shown there; '' where VS Code has not been told of any. */
  at(document: vscode.TextDocument, position: vscode.Position): string {
    const { latest } = this;
    if (latest?.document !== document || document.offsetAt(position) !== latest.typed.end) return '';
    const ghost = latest.ghosts[latest.index] ?? '';
    return restBehind(latest.typed.text, ghost) ?? '';
  }
}

function isNow({ document, version }: Answer): boolean {
  return document.version === version;
}

function wrapped(index: number, { length }: readonly unknown[]): number {
  return ((index % length) + length) % length;
}
