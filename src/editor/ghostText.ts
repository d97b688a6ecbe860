/** Inline completions: the writer types, the model goes on in grey. */
import * as vscode from 'vscode';
import { CompletionCache } from '../context/completionCache';
import { GhostBuilder, ghostOptions } from '../context/ghost';
import type { GhostSettings } from '../context/ghost';
import { hasHan } from '../context/modelText';
import type { Engine } from '../engine/engine';
import { EngineError } from '../errors';
import type { Compositions } from './compositions';
import type { CursorText, DocumentText } from './documentText';
import { ghostSettings, ghostTextEnabled } from './settings';

/** VS Code itself waits 50 ms before it asks. This much more lets a fast typist's intermediate states pass. */
const debounceMs = 15;

/** Characters of text that fill a window of one token, generously. */
const charactersPerToken = 2;
const defaultContextLength = 512;

export const proseDocuments: vscode.DocumentSelector = [{ language: 'markdown' }, { language: 'plaintext' }];

export class GhostTextProvider implements vscode.InlineCompletionItemProvider {
  private readonly cache = new CompletionCache();
  /** How often `forget` was called: what was asked for before is not to be remembered after. */
  private forgotten = 0;

  constructor(
    private readonly engine: Engine,
    private readonly documentText: DocumentText,
    private readonly compositions: Compositions,
    /** Text is being written by us: nothing is suggested meanwhile. */
    private readonly isWriting: () => boolean,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    if (this.isWriting() || !ghostTextEnabled(document)) return [];
    const { version } = document;
    const automatic = context.triggerKind === vscode.InlineCompletionTriggerKind.Automatic;
    // A model that does not load would not load at the next key either; whoever asks for text tries it again.
    const { state } = this.engine;
    if (automatic && state.kind === 'failed' && state.error.code !== 'worker-died') return [];
    const hold = this.compositions.at(document);
    if (hold.kind === 'composing') return [];
    if (hold.kind === 'until' && automatic) {
      await delay(hold.timeMs - performance.now());
      if (token.isCancellationRequested || document.version !== version) return [];
    }
    const cursor = this.documentText.at(document, position, this.maxCharacters);
    if (!cursor.inBody || !hasHan(cursor.prompt.title + cursor.prompt.text)) return [];

    const { prompt, suffix } = cursor;
    const { forgotten } = this;
    let ghost = this.cache.find(prompt.title, prompt.text, suffix);
    if (ghost === undefined) {
      if (automatic) await delay(debounceMs);
      if (token.isCancellationRequested || document.version !== version) return [];
      ghost = await this.complete(cursor, ghostSettings(document), token);
      if (ghost === undefined || forgotten !== this.forgotten) return [];
      this.cache.add(prompt.title, prompt.text, suffix, ghost);
    }
    if (token.isCancellationRequested || document.isClosed || document.version !== version || ghost === '') return [];
    return [new vscode.InlineCompletionItem(ghost, new vscode.Range(position, position))];
  }

  /** What is suggested at this place, as far as it is known without asking the model; '' if nothing is. */
  known(document: vscode.TextDocument, position: vscode.Position): string {
    if (this.isWriting() || !ghostTextEnabled(document) || this.compositions.at(document).kind !== 'none') return '';
    const { prompt, suffix } = this.documentText.at(document, position, this.maxCharacters);
    return this.cache.find(prompt.title, prompt.text, suffix) ?? '';
  }

  /** What was remembered belongs to another model or other settings. */
  forget(): void {
    this.forgotten++;
    this.cache.clear();
  }

  /** @returns undefined when it was cancelled or could not be had. */
  private async complete(
    { prompt, suffix }: CursorText,
    settings: GhostSettings,
    token: vscode.CancellationToken,
  ): Promise<string | undefined> {
    const abort = new AbortController();
    const cancellation = token.onCancellationRequested(() => abort.abort());
    try {
      const builder = new GhostBuilder(suffix, settings);
      const stream = this.engine.generate(prompt, ghostOptions(settings), abort.signal);
      try {
        for (;;) {
          const next = await stream.next();
          // Aborted by the writer, or since another model took its place.
          if (next.done ? next.value.finishReason === 'aborted' : abort.signal.aborted) return undefined;
          if (next.done || !builder.push(next.value)) return builder.result();
        }
      } finally {
        await stream.return({ text: '', finishReason: 'aborted', numTokens: 0, numPromptTokens: 0 });
      }
    } catch (error) {
      // The status bar shows the engine's state; a message at each keystroke would help nobody.
      this.log.error(EngineError.from(error));
      return undefined;
    } finally {
      cancellation.dispose();
    }
  }

  private get maxCharacters(): number {
    const { state } = this.engine;
    const contextLength = state.kind === 'ready' ? state.model.contextLength : defaultContextLength;
    return contextLength * charactersPerToken;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
