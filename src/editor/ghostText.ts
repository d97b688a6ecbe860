/** Inline completions: the writer types, the model goes on in grey. */
import * as vscode from 'vscode';
import { isChinese } from '../context/modelText';
import { promptCharacters } from '../context/promptLength';
import { saysAgain } from '../context/takenBack';
import type { TypingPace } from '../context/typingPace';
import type { Engine } from '../engine/engine';
import type { Compositions } from './compositions';
import { bothForms } from './documentStyles';
import type { CursorText, DocumentText } from './documentText';
import type { GhostWitness } from './figures/ghostWitness';
import type { GhostRequest } from './ghostFlight';
import { GhostSource } from './ghostSource';
import type { GhostCounts } from './ghostSource';
import { HeadStarts } from './headStarts';
import { GhostTextSettingsByDocument, proseLanguages } from './settings';
import { ShownGhosts } from './shownGhosts';

/** VS Code itself waits so long after a key before it asks. */
const vscodeDelayMs = 50;

export const proseDocuments: vscode.DocumentSelector = proseLanguages.map((language) => ({ language }));

export class GhostTextProvider implements vscode.InlineCompletionItemProvider, vscode.Disposable {
  private readonly source: GhostSource;
  private readonly headStarts = new HeadStarts();
  readonly shown = new ShownGhosts();
  private readonly settings = new GhostTextSettingsByDocument();
  private readonly subscription: vscode.Disposable;
  private nextTurn: NodeJS.Immediate | undefined;

  /** Both `documentText` and `compositions` must have been made before: they hear of an edit first. */
  constructor(
    private readonly engine: Engine,
    private readonly documentText: DocumentText,
    private readonly compositions: Compositions,
    /** Text is being written by us: nothing is suggested meanwhile. */
    private readonly isWriting: () => boolean,
    /** The writer wants quiet; who asks for a suggestion gets it all the same. */
    private readonly isPaused: () => boolean,
    private readonly witness: Pick<GhostWitness, 'offered'>,
    log: vscode.LogOutputChannel,
  ) {
    this.source = new GhostSource(engine, log);
    this.subscription = vscode.workspace.onDidChangeTextDocument((change) => this.edited(change));
  }

  get counts(): GhostCounts {
    return this.source.counts;
  }

  /** For tests: how the writer types, and how the model keeps up. */
  get pace(): TypingPace {
    return this.source.pace;
  }

  /** How long the latest new suggestion took the model. */
  get latencyMs(): number | null {
    return this.source.latencyMs;
  }

  /** The model has made a suggestion, or had none. */
  get onAnswer(): vscode.Event<void> {
    return this.source.onAnswer;
  }

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    const { version } = document;
    const isStale = () => token.isCancellationRequested || document.isClosed || document.version !== version;
    const automatic = context.triggerKind === vscode.InlineCompletionTriggerKind.Automatic;
    if (automatic) this.headStarts.asked(document);
    // A model that does not load would not load at the next key either; whoever asks for text tries it again.
    const { state } = this.engine;
    if (automatic && state.kind === 'failed' && state.error.code !== 'worker-died') return [];
    if (automatic && this.isPaused()) return [];
    const hold = automatic ? this.compositions.at(document) : this.compositions.asked(document);
    if (hold.kind === 'composing') return [];
    if (hold.kind === 'until') {
      await delay(hold.timeMs - performance.now());
      if (isStale()) return [];
    }
    if (!this.settings.of(document).enabled || this.isWriting()) return [];
    const cursor = await this.documentText.loaded(document, position, maxCharacters(this.engine));
    const request = isStale() ? undefined : this.requestAt(document, position, cursor);
    if (!request) return [];

    this.counts.asked++;
    // What is on screen: the writer has come here along it, or VS Code asks once more.
    const left = this.shown.at(document, position);
    let ghosts: string[];
    if (automatic) {
      let ghost = this.source.find(request.place);
      if (ghost !== undefined) this.counts.known++;
      else {
        const waitMs = this.source.isWriting(request.place) ? 0 : this.source.pace.delayMs(vscodeDelayMs);
        if (waitMs > 0) await delay(waitMs);
        if (isStale()) return [];
        ghost = await this.source.wait(request, token);
      }
      if (ghost && left.startsWith(ghost)) ghost = this.source.grown(request.place, ghost);
      ghosts = ghost && !saysAgain(ghost, cursor.deleted) ? [ghost] : [];
    } else {
      ghosts = await this.source.waitForSeveral(request, token);
    }
    const [first] = ghosts;
    // It may have been switched off or paused meanwhile.
    if (isStale() || first === undefined || !this.isOnIn(document) || (automatic && this.isPaused())) return [];
    this.shown.answered(document, position, ghosts, !automatic);
    this.compositions.offer(document, ghosts);
    const isAlong = automatic && left !== '' && first.startsWith(left);
    if (!this.isPaused()) this.source.lookBehind(request, first, isAlong);
    const range = new vscode.Range(position, position);
    const command = this.witness.offered(document, position, ghosts);
    return ghosts.map((ghost) => new vscode.InlineCompletionItem(ghost, range, command));
  }

  /** The ghost that is shown at this place, as far as VS Code lets us know; '' if none is ours. */
  shownAt(document: vscode.TextDocument, position: vscode.Position): string {
    if (this.compositions.at(document).kind !== 'none') return '';
    const request = this.request(document, position);
    const ghost = this.shown.at(document, position);
    if (!request || ghost === '') return '';
    // What is left of it stays the first when a part has been accepted.
    this.source.prefer(request.place, ghost);
    return ghost;
  }

  /** Whether the writer has it switched on there. */
  isOnIn(document: vscode.TextDocument): boolean {
    return this.settings.of(document).enabled;
  }

  /** What was remembered belongs to another model or other settings. */
  forget(): void {
    clearImmediate(this.nextTurn);
    this.settings.forget();
    this.source.forget();
  }

  dispose(): void {
    clearImmediate(this.nextTurn);
    this.subscription.dispose();
    this.source.dispose();
  }

  private request(document: vscode.TextDocument, position: vscode.Position): GhostRequest | undefined {
    if (!this.settings.of(document).enabled || this.isWriting()) return undefined;
    const cursor = this.documentText.at(document, position, maxCharacters(this.engine));
    return this.requestAt(document, position, cursor);
  }

  /** @returns undefined where nothing is to be suggested. */
  private requestAt(
    document: vscode.TextDocument,
    position: vscode.Position,
    { prompt, before, suffix, inProse, style }: CursorText,
  ): GhostRequest | undefined {
    if (!inProse || !isChinese(prompt.title, before, vscode.env.language)) return undefined;
    const place = { document: document.uri.toString(), title: prompt.title, prefix: before, suffix };
    const offset = document.offsetAt(position);
    const endsWord = this.compositions.endsWordAt(document, offset);
    const { ghost } = this.settings.of(document);
    const settings = { ...ghost, bannedWords: bothForms(ghost.bannedWords, style) };
    return { place, prompt: { ...prompt, endsWord }, style, settings, offset };
  }

  private edited(change: vscode.TextDocumentChangeEvent): void {
    const { document, contentChanges } = change;
    if (contentChanges.length === 0) return;
    clearImmediate(this.nextTurn);
    this.shown.edited(change);
    const { source, headStarts } = this;
    const isTyped = document === vscode.window.activeTextEditor?.document && !this.isWriting();
    if (isTyped) source.pace.key(performance.now());
    const isSettled = !this.compositions.isOpen(document);
    source.edited(document.uri.toString(), contentChanges, isSettled);
    if (isSettled && !this.shown.isAlong) source.leaveByHand();
    const hold = this.compositions.at(document).kind;
    const cursor = hold === 'none' && this.engine.state.kind === 'ready' ? headStarts.cursorAfter(change) : undefined;
    // The key itself has taken its time: what it sets going waits until everybody else has had a turn.
    this.nextTurn = setImmediate(() => this.reached(document, isSettled, cursor));
  }

  /** @param cursor where it is now, as far as that is clear */
  private reached(document: vscode.TextDocument, isSettled: boolean, cursor: vscode.Position | undefined): void {
    const { source } = this;
    const request = cursor && !document.isClosed ? this.request(document, cursor) : undefined;
    if (isSettled) source.reached(document.uri.toString(), request?.place);
    // A request that the next key would cut off is better not begun.
    if (request && source.pace.delayMs(0) === 0) this.startAhead(request);
  }

  /** Does not wait for VS Code to ask. */
  private startAhead(request: GhostRequest): void {
    const { source } = this;
    if (this.isPaused() || this.isWriting()) return;
    if (source.find(request.place) !== undefined || source.isWriting(request.place)) return;
    this.headStarts.taken();
    source.counts.early++;
    source.start(request);
  }
}

const defaultContextLength = 512;

/** What a model's window can hold of a text at most. */
export function maxCharacters({ state }: Engine): number {
  const contextLength = state.kind === 'ready' ? state.model.contextLength : defaultContextLength;
  return promptCharacters(contextLength);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
