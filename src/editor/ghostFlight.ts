/**
 * Suggestions that the model is writing for a place: one, or several for a writer who asked by hand. A later request for a
 * place that the writer reached along what one streams waits for it too.
 */
import { isCloser, isOpenIn } from '../context/brackets';
import {
  candidateOptions,
  candidateSeeds,
  candidateSettings,
  offered,
  rankCandidates,
} from '../context/candidateChoice';
import { gapOptions, gapSeeds, gapSuffix, rankForGap } from '../context/gapChoice';
import { GhostBuilder, ghostOptions } from '../context/ghost';
import type { GhostSettings } from '../context/ghost';
import { StyleStream, inStyle } from '../context/style/styleWriter';
import type { Place } from '../context/suggestionTrie';
import type { TextChange } from '../context/trackedRange';
import { goesAlong, restBeyond } from '../context/typedAlong';
import { TypedText } from '../context/typedText';
import type { Engine } from '../engine/engine';
import type { Prompt } from '../protocol';
import { abortQuietly } from './abortQuietly';
import type { CursorStyle } from './documentStyles';

/** Where a suggestion is wanted. */
export interface GhostRequest {
  /** In the document's own form: what was suggested is compared with what is typed. */
  place: Place;
  prompt: Prompt;
  style: CursorStyle;
  settings: GhostSettings;
  /** UTF-16 offset of the cursor in the document. */
  offset: number;
  /** Several suggestions are wanted, and what is shown already ('' if nothing is) stays the first. */
  several?: { shown: string };
}

/** As much of an engine as suggestions take. */
export type GhostEngine = Pick<Engine, 'generate' | 'generateCandidates' | 'fillGap'>;

export class GhostFlight {
  /** The suggestions, the best first; undefined when they were aborted. Rejects with an EngineError. */
  readonly landed: Promise<string[] | undefined>;
  readonly place: Place;
  /** Several suggestions, for a writer who asked. */
  readonly isByHand: boolean;
  private readonly abortController = new AbortController();
  /** Where several texts are weighed against each other nothing is known of the best before all are there. */
  private readonly isStreamed: boolean;
  private readonly builder: GhostBuilder;
  /** What it says so far, in the document's style. */
  private suggested = '';
  private readonly stream: StyleStream;
  private hasLanded = false;
  /** What has come to stand in the document since, where the cursor was. */
  private since: TypedText;
  /** What the writer had typed of it before it was followed from there. */
  private typedBefore = '';
  /** All that was typed of it, without what an input method has not committed. */
  private typed = '';

  constructor(
    private readonly engine: GhostEngine,
    request: GhostRequest,
  ) {
    this.place = request.place;
    this.isByHand = request.several !== undefined;
    this.isStreamed = !request.several && gapSuffix(request.style.modelBehind) === '';
    this.since = new TypedText(request.offset);
    this.builder = new GhostBuilder(request.style.modelBehind, request.settings, request.prompt.text);
    this.stream = new StyleStream(request.style);
    this.landed = this.write(request).finally(() => (this.hasLanded = true));
  }

  get isOver(): boolean {
    return this.hasLanded || this.abortController.signal.aborted;
  }

  abort(): void {
    abortQuietly(this.abortController);
  }

  /** Whether this is a place that the writer reaches by typing what is being suggested. */
  leadsTo({ document, title, prefix, suffix }: Place): boolean {
    const { place } = this;
    if (this.isOver || document !== place.document || title !== place.title) return false;
    const typed = restBeyond(place.prefix, prefix);
    if (typed === null) return false;
    const closer = suffix.slice(0, Math.max(0, suffix.length - place.suffix.length));
    const isClosed = isCloser(closer) && isOpenIn(typed, closer);
    return suffix === (isClosed ? closer : '') + place.suffix && this.isAlong(typed);
  }

  /** Whether a writer comes from there to where it begins, by typing on. */
  liesBehind({ document, title, prefix, suffix }: Place): boolean {
    const { place } = this;
    const isSame = document === place.document && title === place.title && suffix === place.suffix;
    return isSame && restBeyond(prefix, place.prefix) !== null;
  }

  /** The writer has come along it, and is followed from there on. @param offset of the cursor, as in the request */
  followFrom(place: Place, offset: number): void {
    this.typedBefore = restBeyond(this.place.prefix, place.prefix) ?? '';
    this.typed = this.typedBefore;
    this.since = new TypedText(offset);
  }

  /**
   * Follows an edit of its document. @param isSettled no input method is composing
   * @returns whether it is still of use
   */
  follow(changes: readonly TextChange[], isSettled: boolean): boolean {
    const [change] = changes;
    if (!change || changes.length > 1) return changes.length === 0;
    const { since } = this;
    if (!since.touches(change) || !since.follow(changes)) return false;
    // What is composed may become what is suggested.
    if (!isSettled) return true;
    this.typed = this.typedBefore + since.text;
    return this.isAlong(this.typed);
  }

  private isAlong(typed: string): boolean {
    return typed === '' || (this.isStreamed && goesAlong(typed, this.suggested, false));
  }

  private async write(request: GhostRequest): Promise<string[] | undefined> {
    const { style, several } = request;
    const ghosts = await this.generate(request);
    const written = ghosts?.map((ghost) => style.asParagraph(inStyle(ghost, style))).filter((ghost) => ghost !== '');
    return several && written ? offered([several.shown, ...written].filter(Boolean)) : written;
  }

  /** In the model's form, the best first. */
  private async generate({ prompt, settings, style, several }: GhostRequest): Promise<string[] | undefined> {
    const { engine } = this;
    const { signal } = this.abortController;
    const suffix = style.modelBehind;
    if (this.isStreamed) return this.read(engine.generate(prompt, ghostOptions(settings), signal));
    const wanted = several ? candidateSettings(settings) : settings;
    let ranked: string[];
    if (gapSuffix(suffix) === '') {
      const candidates = await engine.generateCandidates(prompt, candidateOptions(wanted), candidateSeeds, signal);
      ranked = rankCandidates(candidates, suffix, wanted, prompt.text);
    } else {
      const filling = await engine.fillGap(prompt, suffix, gapOptions(wanted), gapSeeds, signal);
      ranked = filling ? rankForGap(filling, wanted) : [];
    }
    if (signal.aborted) return undefined;
    return several ? ranked : ranked.slice(0, 1);
  }

  private async read(stream: ReturnType<Engine['generate']>): Promise<string[] | undefined> {
    const { signal } = this.abortController;
    try {
      for (;;) {
        const next = await stream.next();
        // Aborted by the writer, or since another model took its place.
        if (next.done ? next.value.finishReason === 'aborted' : signal.aborted) return undefined;
        const read = this.builder.text.length;
        if (next.done || !this.builder.push(next.value)) return [this.builder.result()];
        this.suggested += this.stream.push(this.builder.text.slice(read));
        if (!goesAlong(this.typed, this.suggested, false)) return undefined;
      }
    } finally {
      await stream.return({ text: '', finishReason: 'aborted', numTokens: 0, numPromptTokens: 0 });
    }
  }
}
