/**
 * Makes the first key as quick as the next ones: our own code is rehearsed once there is a model, and the model reads the
 * text before the cursor when the cursor has come to rest somewhere else: in another document, or at another place.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as vscode from 'vscode';
import { rehearsal } from '../context/rehearsal';
import type { Engine } from '../engine/engine';
import { abortQuietly } from './abortQuietly';
import type { Compositions } from './compositions';
import type { DocumentText } from './documentText';
import { rehearseGhosts } from './ghostRehearsal';
import { maxCharacters, proseDocuments } from './ghostText';
import type { GhostTextProvider } from './ghostText';
import { inPausingSlices } from './slices';

/** Who only passes by, with arrow keys or from tab to tab, does not rest. */
const restMs = 300;

export class WarmUp implements vscode.Disposable {
  private timer: NodeJS.Timeout | undefined;
  private running: AbortController | undefined;
  private rehearsed: Promise<void> | undefined;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly engine: Engine,
    private readonly documentText: DocumentText,
    private readonly compositions: Compositions,
    private readonly ghostText: Pick<GhostTextProvider, 'isOnIn'>,
    /** Nothing will be suggested: text is being written by us, or the writer wants quiet. */
    private readonly isQuiet: () => boolean,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = [
      vscode.window.onDidChangeActiveTextEditor(() => this.wait()),
      vscode.window.onDidChangeTextEditorSelection(({ kind }) => {
        // Typing moves the cursor too, without a kind that says so; its requests keep the model warm by themselves.
        if (kind !== undefined) this.wait();
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const isTyped = document === vscode.window.activeTextEditor?.document;
        if (isTyped && contentChanges.length > 0) this.stop();
      }),
      { dispose: engine.onStateChange((state) => state.kind === 'ready' && this.wait()) },
    ];
    this.wait();
  }

  dispose(): void {
    this.stop();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private wait(): void {
    this.stop();
    this.timer = setTimeout(() => void this.warm(), restMs);
  }

  private stop(): void {
    clearTimeout(this.timer);
    if (this.running) abortQuietly(this.running);
    this.running = undefined;
  }

  private async warm(): Promise<void> {
    if (this.engine.state.kind !== 'ready' || this.isQuiet()) return;
    const { signal } = (this.running = new AbortController());
    const isOver = (): boolean => signal.aborted;
    const editor = vscode.window.activeTextEditor;
    if (!editor || vscode.languages.match(proseDocuments, editor.document) === 0) return;
    const { document, selection } = editor;
    // What is being composed will not stand there; what is committed asks for its ghost, which warms as well.
    if (!this.ghostText.isOnIn(document) || this.compositions.at(document).kind !== 'none') return;
    await (this.rehearsed ??= this.rehearse());
    // To look at the settings and to read the document are two milliseconds each, the first time.
    await nextTurn();
    if (isOver()) return;
    const { prompt, inProse } = await this.documentText.loaded(document, selection.active, maxCharacters(this.engine));
    if (isOver() || !inProse || prompt.text === '') return;
    // The status bar shows an engine that fails.
    await this.engine.warm(prompt, signal).catch(() => undefined);
  }

  private async rehearse(): Promise<void> {
    await inPausingSlices(rehearsal());
    await rehearseGhosts(this.engine, this.log);
  }
}
