/** Inline completions: the writer types, the model goes on in grey. */
import * as vscode from 'vscode';
import { isChinese } from '../context/modelText';
import { SuggestionTrie } from '../context/suggestionTrie';
import type { Place } from '../context/suggestionTrie';
import { TypingPace } from '../context/typingPace';
import type { Engine } from '../engine/engine';
import { EngineError } from '../errors';
import type { Compositions } from './compositions';
import type { CursorText, DocumentText } from './documentText';
import type { GhostWitness } from './figures/ghostWitness';
import { GhostFlight } from './ghostFlight';
import { ghostSettings, ghostTextEnabled, proseLanguages } from './settings';

/** VS Code itself waits so long after a key before it asks. */
const vscodeDelayMs = 50;

/** After a request was given up, VS Code tells what was typed instead; if it was nothing, the cursor went elsewhere. */
const landingMs = 30;

export const proseDocuments: vscode.DocumentSelector = proseLanguages.map((language) => ({ language }));

/** How often what happened, since the extension started. */
export interface GhostCounts {
  /** Asked by VS Code, where there was something to look for. */
  asked: number;
  /** Answered by what was suggested before. */
  known: number;
  /** Waited for what the model was writing already. */
  joined: number;
  /** Given to the model. */
  started: number;
  /** Of these, given up before they were answered. */
  aborted: number;
}

export class GhostTextProvider implements vscode.InlineCompletionItemProvider, vscode.Disposable {
  /** How long the latest new suggestion took the model. */
  latencyMs: number | null = null;
  private readonly answered = new vscode.EventEmitter<void>();
  /** The model has made a suggestion, or had none. */
  readonly onAnswer = this.answered.event;
  readonly counts: GhostCounts = { asked: 0, known: 0, joined: 0, started: 0, aborted: 0 };
  private readonly suggestions = new SuggestionTrie();
  private readonly pace = new TypingPace();
  private readonly subscription: vscode.Disposable;
  private flight: GhostFlight | null = null;
  /** Requests that wait for `flight`. */
  private waiting = 0;
  /** How often `forget` was called: what was asked for before is not to be remembered after. */
  private forgotten = 0;

  constructor(
    private readonly engine: Engine,
    private readonly documentText: DocumentText,
    private readonly compositions: Compositions,
    /** Text is being written by us: nothing is suggested meanwhile. */
    private readonly isWriting: () => boolean,
    /** The writer wants quiet; who asks for a suggestion gets it all the same. */
    private readonly isPaused: () => boolean,
    private readonly witness: Pick<GhostWitness, 'offered'>,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscription = vscode.workspace.onDidChangeTextDocument((change) => this.edited(change));
  }

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    if (this.isWriting() || !ghostTextEnabled(document)) return [];
    const { version } = document;
    const isStale = () => token.isCancellationRequested || document.isClosed || document.version !== version;
    const automatic = context.triggerKind === vscode.InlineCompletionTriggerKind.Automatic;
    // A model that does not load would not load at the next key either; whoever asks for text tries it again.
    const { state } = this.engine;
    if (automatic && state.kind === 'failed' && state.error.code !== 'worker-died') return [];
    if (automatic && this.isPaused()) return [];
    const hold = this.compositions.at(document);
    if (hold.kind === 'composing') return [];
    if (hold.kind === 'until' && automatic) {
      await delay(hold.timeMs - performance.now());
      if (isStale()) return [];
    }
    const cursor = await this.documentText.loaded(document, position, maxCharacters(this.engine));
    if (isStale() || !cursor.inProse || !isChinese(cursor.prompt.title, cursor.before, vscode.env.language)) return [];

    this.counts.asked++;
    const place = placeOf(document, cursor);
    let ghost = this.suggestions.find(place);
    if (ghost !== undefined) this.counts.known++;
    else {
      const waitMs = automatic && !this.flight?.leadsTo(place) ? this.pace.delayMs(vscodeDelayMs) : 0;
      if (waitMs > 0) await delay(waitMs);
      if (isStale()) return [];
      ghost = await this.suggest(document, position, place, cursor, token);
    }
    if (isStale() || !ghost) return [];
    const command = this.witness.offered(document, position, [ghost]);
    return [new vscode.InlineCompletionItem(ghost, new vscode.Range(position, position), command)];
  }

  /** What is suggested at this place, as far as it is known without asking the model; '' if nothing is. */
  known(document: vscode.TextDocument, position: vscode.Position): string {
    if (this.isWriting() || !ghostTextEnabled(document) || this.compositions.at(document).kind !== 'none') return '';
    const cursor = this.documentText.at(document, position, maxCharacters(this.engine));
    return this.suggestions.find(placeOf(document, cursor)) ?? '';
  }

  /** What was remembered belongs to another model or other settings. */
  forget(): void {
    this.forgotten++;
    this.suggestions.clear();
    this.giveUp();
  }

  dispose(): void {
    this.subscription.dispose();
    this.answered.dispose();
    this.giveUp();
  }

  /** @returns undefined when it was given up or could not be had. */
  private async suggest(
    document: vscode.TextDocument,
    position: vscode.Position,
    place: Place,
    cursor: CursorText,
    token: vscode.CancellationToken,
  ): Promise<string | undefined> {
    if (this.flight?.leadsTo(place)) this.counts.joined++;
    else this.start(document, position, place, cursor);
    const flight = this.flight as GhostFlight;
    this.waiting++;
    let cancellation: vscode.Disposable | undefined;
    const cancelled = new Promise<void>((done) => (cancellation = token.onCancellationRequested(() => done())));
    try {
      await Promise.race([flight.landed, cancelled]);
      return this.suggestions.find(place);
    } catch {
      return undefined; // logged where it was started
    } finally {
      cancellation?.dispose();
      this.waiting--;
      if (token.isCancellationRequested) this.left(flight);
    }
  }

  private start(document: vscode.TextDocument, position: vscode.Position, place: Place, cursor: CursorText): void {
    this.giveUp();
    this.counts.started++;
    const { forgotten } = this;
    const startedAt = performance.now();
    const offset = document.offsetAt(position);
    const flight = new GhostFlight(this.engine, document, offset, place, cursor, ghostSettings(document));
    this.flight = flight;
    flight.landed.then(
      (suggestion) => {
        if (suggestion === undefined) this.counts.aborted++;
        if (suggestion === undefined || forgotten !== this.forgotten) return;
        this.latencyMs = performance.now() - startedAt;
        this.pace.answered(this.latencyMs);
        this.suggestions.add(place, suggestion);
        this.answered.fire();
      },
      // The status bar shows the engine's state; a message at each keystroke would help nobody.
      (error: unknown) => this.log.error(EngineError.from(error)),
    );
  }

  /** A request no longer waits for this flight. One that nobody waits for goes on while the writer types along it. */
  private left(flight: GhostFlight): void {
    const { version } = flight.document;
    setTimeout(() => {
      if (flight === this.flight && this.waiting === 0 && flight.document.version === version) this.giveUp();
    }, landingMs);
  }

  private edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0) return;
    this.pace.key(performance.now());
    if (this.flight?.document !== document) return;
    // What is composed may become what is suggested.
    if (this.compositions.at(document).kind === 'composing') return;
    if (!this.flight.survives(contentChanges)) this.giveUp();
  }

  private giveUp(): void {
    this.flight?.abort();
    this.flight = null;
  }
}

/** In the document's own form: what was suggested is compared with what is typed. */
function placeOf(document: vscode.TextDocument, { prompt, before, suffix }: CursorText): Place {
  return { document: document.uri.toString(), title: prompt.title, prefix: before, suffix };
}

/** Characters of text that fill a window of one token, generously. */
const charactersPerToken = 2;
const defaultContextLength = 512;

/** What a model's window can hold of a text at most. */
export function maxCharacters({ state }: Engine): number {
  const contextLength = state.kind === 'ready' ? state.model.contextLength : defaultContextLength;
  return contextLength * charactersPerToken;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
