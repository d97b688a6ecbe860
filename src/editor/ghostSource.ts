/**
 * Where ghosts come from: what is remembered, else what the model is writing, else the model. It writes one at a time for
 * the place where the cursor is; while it rests, one for the place behind the ghost that is shown, should it be accepted.
 */
import * as vscode from 'vscode';
import { endsSentence } from '../context/stopIndex';
import { SuggestionTrie } from '../context/suggestionTrie';
import type { Place } from '../context/suggestionTrie';
import type { TextChange } from '../context/trackedRange';
import { TypingPace } from '../context/typingPace';
import type { Engine } from '../engine/engine';
import { EngineError } from '../errors';
import { GhostFlight } from './ghostFlight';
import type { GhostEngine, GhostRequest } from './ghostFlight';

/** After a request was given up, VS Code tells what was typed instead; if it was nothing, the cursor went elsewhere. */
const landingMs = 30;

/** How often what happened, since the extension started. */
export interface GhostCounts {
  /** Asked by VS Code, where there was something to look for. */
  asked: number;
  /** Of these, answered by what was suggested before. */
  known: number;
  /** Of these, waited for what the model was writing already. */
  joined: number;
  /** Given to the model for the place where the cursor was. */
  started: number;
  /** Of these, at the key itself, before VS Code asked. */
  early: number;
  /** Of those started, given up before they were answered. */
  aborted: number;
  /** Given to the model for the place behind a ghost. */
  ahead: number;
  /** Suggestions of the model's that were remembered, and places where it had none. */
  remembered: number;
}

export class GhostSource implements vscode.Disposable {
  readonly counts: GhostCounts = {
    ...{ asked: 0, known: 0, joined: 0, started: 0, early: 0, aborted: 0, ahead: 0 },
    remembered: 0,
  };
  readonly pace = new TypingPace();
  /** How long the latest new suggestion took the model. */
  latencyMs: number | null = null;
  private readonly answered = new vscode.EventEmitter<void>();
  /** The model has made a suggestion, or had none. */
  readonly onAnswer = this.answered.event;
  private readonly suggestions = new SuggestionTrie();
  /** What a writer asked for by hand, however unsure the model was: it is there only while it stands or is typed along. */
  private readonly byHand = new SuggestionTrie();
  private flight: GhostFlight | null = null;
  /** For the place behind the ghost; gives way to anything else. */
  private ahead: GhostFlight | null = null;
  private aheadTimer: NodeJS.Timeout | undefined;
  /** Requests that wait for `flight`. */
  private waiting = 0;
  private edits = 0;
  /** The document in which suggestions were looked for last. */
  private document = '';
  /** How often `forget` was called: what was asked for before is not to be remembered after. */
  private forgotten = 0;

  constructor(
    private readonly engine: GhostEngine & Pick<Engine, 'state'>,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** What was suggested for this place; '' where there was nothing to say, undefined where nothing is known. */
  find(place: Place): string | undefined {
    return this.byHand.find(place) ?? this.suggestions.find(place);
  }

  /**
   * The ghost of a writer who has come here along it: near its end with what is known to follow, so that there is no moment
   * without a ghost. A sentence that ends is not gone on with: there a writer thinks. Nor is what leads to a text behind it,
   * or was asked for by hand.
   */
  grown(place: Place, ghost: string): string {
    if (!this.isNearEnd(ghost) || endsSentence(ghost) || place.suffix !== '') return ghost;
    const next = this.suggestions.find({ ...place, prefix: place.prefix + ghost });
    if (!next || this.byHand.find(place) !== undefined) return ghost;
    // From now on it is one.
    this.suggestions.add(place, ghost + next);
    return ghost + next;
  }

  /** Whether what the model is writing leads there. */
  isWriting(place: Place): boolean {
    return Boolean(this.flight?.leadsTo(place) || this.ahead?.leadsTo(place));
  }

  /** Has the model write, unless it is at it. */
  start(request: GhostRequest): void {
    this.document = request.place.document;
    if (this.flight?.leadsTo(request.place)) return;
    const { ahead } = this;
    const isAhead = ahead?.leadsTo(request.place);
    if (isAhead) {
      this.ahead = null;
      ahead?.followFrom(request.place, request.offset);
    }
    this.giveUp();
    this.flight = isAhead ? ahead : this.launch(request);
  }

  /** Waits for what the model writes. @returns undefined when it was given up or could not be had. */
  async wait(request: GhostRequest, token: vscode.CancellationToken): Promise<string | undefined> {
    if (this.isWriting(request.place)) {
      this.counts.joined++;
      await this.land(request, token);
    }
    // What was being written may have turned out to lead elsewhere.
    if (this.find(request.place) === undefined && !token.isCancellationRequested) await this.land(request, token);
    return this.find(request.place);
  }

  /** For a writer who asks by hand: several suggestions where there are, and what is shown first. */
  async waitForSeveral(request: GhostRequest, token: vscode.CancellationToken): Promise<string[]> {
    const { place } = request;
    const known = this.byHand.findAll(place);
    if (known.length > 1) {
      this.counts.known++;
      return [...known];
    }
    // What comes in a moment is as good as shown.
    if (this.isWriting(place)) await this.wait(request, token);
    const shown = this.find(place) ?? '';
    if (!token.isCancellationRequested) {
      this.giveUp();
      await this.land({ ...request, several: { shown } }, token);
    }
    const found = this.byHand.findAll(place).filter(Boolean);
    return found.length > 0 ? found : [shown].filter(Boolean);
  }

  /** This suggestion is the one that is shown where several are known. */
  prefer(place: Place, suggestion: string): void {
    const from = this.byHand.findAll(place).includes(suggestion) ? this.byHand : this.suggestions;
    from.add(place, suggestion);
  }

  /** The writer has left what was suggested by hand: whether to suggest it unasked is for the model to say. */
  leaveByHand(): void {
    this.byHand.clear();
  }

  /**
   * A ghost is shown: once it has stood for as long as a writer takes to type on, the model writes what would follow.
   * @param isTypedAlong the writer has come here along it: near its end that is not waited for
   */
  lookBehind(request: GhostRequest, ghost: string, isTypedAlong: boolean): void {
    this.document = request.place.document;
    clearTimeout(this.aheadTimer);
    const waitMs = isTypedAlong && this.isNearEnd(ghost) ? 0 : this.pace.restMs();
    this.aheadTimer = setTimeout(() => this.writeBehind(request, ghost), waitMs);
  }

  /**
   * Follows an edit of a document.
   * @param isSettled no input method is composing: what stands there has been typed
   */
  edited(document: string, changes: readonly TextChange[], isSettled: boolean): void {
    const { flight } = this;
    if (flight?.place.document === document && !flight.follow(changes, isSettled)) this.drop(flight);
    // Others change by themselves, as an output does.
    if (document !== this.document) return;
    this.edits++;
    clearTimeout(this.aheadTimer);
  }

  /**
   * What was begun behind a ghost is kept where that is typed along, or was accepted; not where something else was typed.
   * @param place where the cursor is now, as far as that is clear
   */
  reached(document: string, place: Place | undefined): void {
    const { ahead } = this;
    if (!ahead || document !== this.document) return;
    const isOnTheWay = place && (ahead.leadsTo(place) || ahead.liesBehind(place));
    if (!isOnTheWay) this.drop(ahead);
  }

  forget(): void {
    this.forgotten++;
    this.suggestions.clear();
    this.byHand.clear();
    this.giveUp();
  }

  dispose(): void {
    this.answered.dispose();
    this.giveUp();
  }

  /**
   * Whether the model should be at what follows by now, if that is to be there in time. The keys of an input method count as
   * well, of which a character takes several: there it begins sooner.
   */
  private isNearEnd(ghost: string): boolean {
    return ghost.length <= this.pace.keysPerAnswer() + 1;
  }

  private writeBehind(request: GhostRequest, ghost: string): void {
    const isBusy = (this.flight && !this.flight.isOver) || (this.ahead && !this.ahead.isOver);
    if (isBusy || this.engine.state.kind !== 'ready') return;
    const behind = accepted(request, ghost);
    if (this.find(behind.place) !== undefined) return;
    this.counts.ahead++;
    this.ahead = this.remember(new GhostFlight(this.engine, behind), () => undefined);
  }

  /** Ends what the model is writing. */
  private giveUp(): void {
    clearTimeout(this.aheadTimer);
    for (const flight of [this.flight, this.ahead]) if (flight) this.drop(flight);
  }

  private async land(request: GhostRequest, token: vscode.CancellationToken): Promise<void> {
    this.start(request);
    const flight = this.flight as GhostFlight;
    this.waiting++;
    let cancellation: vscode.Disposable | undefined;
    const cancelled = new Promise<void>((done) => (cancellation = token.onCancellationRequested(() => done())));
    try {
      await Promise.race([flight.landed, cancelled]);
    } catch {
      // Logged where it was started.
    } finally {
      cancellation?.dispose();
      this.waiting--;
      if (token.isCancellationRequested) this.left(flight);
    }
  }

  private drop(flight: GhostFlight): void {
    flight.abort();
    if (this.flight === flight) this.flight = null;
    if (this.ahead === flight) this.ahead = null;
  }

  private launch(request: GhostRequest): GhostFlight {
    this.counts.started++;
    const startedAt = performance.now();
    return this.remember(new GhostFlight(this.engine, request), (hasLanded) => {
      if (!hasLanded) this.counts.aborted++;
      else if (!request.several) {
        this.latencyMs = performance.now() - startedAt;
        this.pace.answered(this.latencyMs);
      }
    });
  }

  private remember(flight: GhostFlight, landed: (hasLanded: boolean) => void): GhostFlight {
    const { forgotten } = this;
    flight.landed.then(
      (ghosts) => {
        landed(ghosts !== undefined);
        if (ghosts === undefined || forgotten !== this.forgotten) return;
        // Nothing is remembered as well, so that the model is not asked again; a writer may ask again.
        const remembered = ghosts.length === 0 && !flight.isByHand ? [''] : ghosts;
        // The latest comes first.
        for (const ghost of remembered.reverse())
          (flight.isByHand ? this.byHand : this.suggestions).add(flight.place, ghost);
        this.counts.remembered += remembered.length;
        this.answered.fire();
      },
      // The status bar shows the engine's state; a message at each keystroke would help nobody.
      (error: unknown) => this.log.error(EngineError.from(error)),
    );
    return flight;
  }

  /** A request no longer waits for this flight. One that nobody waits for goes on while the writer types along it. */
  private left(flight: GhostFlight): void {
    const { edits } = this;
    setTimeout(() => {
      if (flight === this.flight && this.waiting === 0 && edits === this.edits) this.giveUp();
    }, landingMs);
  }
}

/** The place behind the ghost. */
function accepted({ place, prompt, style, settings, offset }: GhostRequest, ghost: string): GhostRequest {
  const before = place.prefix + ghost;
  const modelBefore = style.toModel(before);
  return {
    place: { ...place, prefix: before },
    prompt: { ...prompt, text: modelBefore, endsWord: false },
    style: { ...style, before, modelBefore, asParagraph: style.inLine },
    ...{ settings, offset: offset + ghost.length },
  };
}
