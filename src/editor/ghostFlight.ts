/** A suggestion that the model is writing. A later request for a place that the writer reached along it waits for it too. */
import * as vscode from 'vscode';
import { chooseForGap, gapOptions, gapSeeds, gapSuffix } from '../context/gapChoice';
import { GhostBuilder, ghostOptions } from '../context/ghost';
import type { GhostSettings } from '../context/ghost';
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
  /** Since it was asked for. */
  private typed = '';

  constructor(
    engine: Engine,
    readonly document: vscode.TextDocument,
    /** Of the cursor, when it was asked for. */
    private readonly offset: number,
    readonly place: Place,
    { prompt, suffix }: CursorText,
    settings: GhostSettings,
  ) {
    this.builder = new GhostBuilder(suffix, settings);
    const { signal } = this.abortController;
    const after = gapSuffix(suffix);
    const suggestion =
      after === ''
        ? this.follow(engine.generate(prompt, ghostOptions(settings), signal))
        : engine
            .fillGap(prompt, after, gapOptions(settings), gapSeeds, signal)
            .then((filling) => filling && chooseForGap(filling, suffix, settings));
    this.landed = suggestion.then((text) => text ?? undefined).finally(() => (this.hasLanded = true));
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
    return goesAlong(prefix.slice(place.prefix.length), this.builder.text, false);
  }

  /** Whether an edit of its document leaves it of use. */
  survives(changes: readonly vscode.TextDocumentContentChangeEvent[]): boolean {
    const [change] = changes;
    if (!change || changes.length > 1 || change.rangeOffset < this.offset) return changes.length === 0;
    const end = this.document.positionAt(change.rangeOffset + change.text.length);
    this.typed = this.document.getText(new vscode.Range(this.document.positionAt(this.offset), end));
    return goesAlong(this.typed, this.builder.text, false);
  }

  private async follow(stream: ReturnType<Engine['generate']>): Promise<string | undefined> {
    const { signal } = this.abortController;
    try {
      for (;;) {
        const next = await stream.next();
        // Aborted by the writer, or since another model took its place.
        if (next.done ? next.value.finishReason === 'aborted' : signal.aborted) return undefined;
        if (next.done || !this.builder.push(next.value)) return this.builder.result();
        if (!goesAlong(this.typed, this.builder.text, false)) return undefined;
      }
    } finally {
      await stream.return({ text: '', finishReason: 'aborted', numTokens: 0, numPromptTokens: 0 });
    }
  }
}
