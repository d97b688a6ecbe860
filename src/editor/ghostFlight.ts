/** A suggestion that the model is writing. A later request for a place that the writer reached along it waits for it too. */
import * as vscode from 'vscode';
import { chooseForGap, gapOptions, gapSeeds, gapSuffix } from '../context/gapChoice';
import { GhostBuilder, ghostOptions } from '../context/ghost';
import type { GhostSettings } from '../context/ghost';
import { StyleStream, inStyle } from '../context/style/styleWriter';
import type { Place } from '../context/suggestionTrie';
import { goesAlong } from '../context/typedAlong';
import type { Engine } from '../engine/engine';
import type { CursorText } from './documentText';

export class GhostFlight {
  /** The suggestion; undefined when it was aborted. Rejects with an EngineError. */
  readonly landed: Promise<string | undefined>;
  private readonly abortController = new AbortController();
  private readonly builder: GhostBuilder;
  private hasLanded = false;
  /** What it says so far, in the document's style. */
  private suggested = '';
  private readonly stream: StyleStream;
  /** Since it was asked for. */
  private typed = '';

  constructor(
    engine: Engine,
    readonly document: vscode.TextDocument,
    /** Of the cursor, when it was asked for. */
    private readonly offset: number,
    readonly place: Place,
    { prompt, style }: CursorText,
    settings: GhostSettings,
  ) {
    const suffix = style.modelBehind;
    this.builder = new GhostBuilder(suffix, settings, prompt.text);
    this.stream = new StyleStream(style);
    const { signal } = this.abortController;
    const after = gapSuffix(suffix);
    const suggestion =
      after === ''
        ? this.follow(engine.generate(prompt, ghostOptions(settings), signal))
        : engine
            .fillGap(prompt, after, gapOptions(settings), gapSeeds, signal)
            .then((filling) => filling && chooseForGap(filling, suffix, settings, prompt.text));
    this.landed = suggestion
      .then((text) => (text == null ? undefined : style.asParagraph(inStyle(text, style))))
      .finally(() => (this.hasLanded = true));
  }

  get isOver(): boolean {
    return this.hasLanded || this.abortController.signal.aborted;
  }

  abort(): void {
    this.abortController.abort();
  }

  /** Whether this is a place that the writer reaches by typing what is being suggested. */
  leadsTo({ document, title, prefix, suffix }: Place): boolean {
    const { place } = this;
    const isSame = document === place.document && title === place.title && suffix === place.suffix;
    if (this.isOver || !isSame || !prefix.startsWith(place.prefix)) return false;
    return goesAlong(prefix.slice(place.prefix.length), this.suggested, false);
  }

  /** Whether an edit of its document leaves it of use. */
  survives(changes: readonly vscode.TextDocumentContentChangeEvent[]): boolean {
    const [change] = changes;
    if (!change || changes.length > 1 || change.rangeOffset < this.offset) return changes.length === 0;
    const end = this.document.positionAt(change.rangeOffset + change.text.length);
    this.typed = this.document.getText(new vscode.Range(this.document.positionAt(this.offset), end));
    return goesAlong(this.typed, this.suggested, false);
  }

  private async follow(stream: ReturnType<Engine['generate']>): Promise<string | undefined> {
    const { signal } = this.abortController;
    try {
      for (;;) {
        const next = await stream.next();
        // Aborted by the writer, or since another model took its place.
        if (next.done ? next.value.finishReason === 'aborted' : signal.aborted) return undefined;
        const read = this.builder.text.length;
        if (next.done || !this.builder.push(next.value)) return this.builder.result();
        this.suggested += this.stream.push(this.builder.text.slice(read));
        if (!goesAlong(this.typed, this.suggested, false)) return undefined;
      }
    } finally {
      await stream.return({ text: '', finishReason: 'aborted', numTokens: 0, numPromptTokens: 0 });
    }
  }
}
