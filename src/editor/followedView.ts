/** A view that goes along with text that streams in, until the writer looks somewhere else. */
import * as vscode from 'vscode';

/** Where VS Code is busy it takes so long, at most, to go where it was sent, */
const sentMs = 2000;
/** and so long to tell of it behind something else. */
const toldMs = 500;

export class FollowedView implements vscode.Disposable {
  /** Where it was sent last. */
  private sent: { editor: vscode.TextEditor; end: vscode.Position; atMs: number } | null = null;
  /** Until VS Code tells that it is there: what it told before is of the view before. */
  private isAwaited = false;
  /** The first line of it, as VS Code told last. */
  private firstLine = 0;
  /** The writer has gone to this line, or scrolls on from there, which takes more than one word of VS Code's. */
  private left: { line: number; atMs: number; scrollsOn: boolean } | null = null;
  private readonly subscription = vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) =>
    this.hear(textEditor),
  );

  /** @param end of the text, now */
  constructor(private readonly end: () => vscode.Position) {}

  dispose(): void {
    this.subscription.dispose();
  }

  /** Whether the writer sees this place, or would, if VS Code had told already. */
  sees(editor: vscode.TextEditor, place: vscode.Position): boolean {
    if (this.sent?.editor !== editor) return shows(editor, place);
    return this.left === null && (this.isAwaited || shows(editor, place));
  }

  /** Unless the writer has left meanwhile. */
  send(editor: vscode.TextEditor): void {
    if (this.sent?.editor !== editor) this.left = null;
    if (this.left) return;
    const end = this.end();
    this.sent = { editor, end, atMs: performance.now() };
    this.isAwaited = !shows(editor, end);
    this.firstLine = firstLineOf(editor);
    editor.revealRange(new vscode.Range(end, end));
  }

  /** It goes down to where it was sent. Where it goes up, or beyond, it is the writer who looks somewhere else. */
  private hear(editor: vscode.TextEditor): void {
    const { sent, left, firstLine } = this;
    if (sent?.editor !== editor) return;
    this.firstLine = firstLineOf(editor);
    const atMs = performance.now();
    // It may have grown by pages since the writer left.
    const end = this.end();
    if (shows(editor, sent.end) || shows(editor, end)) {
      this.isAwaited = false;
      // What was on its way when the writer left brings the end back at one go.
      const isPulled = left && !left.scrollsOn && left.atMs - sent.atMs < sentMs && atMs - left.atMs < toldMs;
      if (isPulled) editor.revealRange(new vscode.Range(left.line, 0, left.line, 0), vscode.TextEditorRevealType.AtTop);
      else this.left = null;
    } else if (this.firstLine < firstLine || this.firstLine > end.line) {
      this.isAwaited = false;
      this.left = { line: this.firstLine, atMs, scrollsOn: false };
    } else if (left) left.scrollsOn = true;
  }
}

const firstLineOf = ({ visibleRanges }: vscode.TextEditor): number => visibleRanges[0]?.start.line ?? 0;

const shows = ({ visibleRanges }: vscode.TextEditor, place: vscode.Position): boolean =>
  visibleRanges.some((range) => range.contains(place));
