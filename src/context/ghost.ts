/**
 * A stream of text → the ghost text worth showing. Silence is a feature: what the model is not sure of is not shown.
 * Pure, so that the evaluation measures exactly what writers see.
 */
import { firstWord, unitEnds } from './acceptUnits';
import { closedAt } from './brackets';
import {
  atClauseEnd,
  atWordEnd,
  beforeSpecialToken,
  loopStart,
  withoutBeginningOfToken,
  withoutOpening,
} from './ghostFilters';
import { copyLimit, narrow } from './copiedText';
import { bestLength } from './ghostLength';
import { normalForm, normalised } from './normalised';
import { withQuotesInPairs } from './style/quotePairs';
import type { GenerateOptions, StopAt } from '../options';
import type { TextDelta } from '../protocol';

/** Which text is worth showing. */
export interface GhostLimits {
  /** Least probability of the first word of what is shown, and least geometric mean of all its tokens', 0 … 1. */
  confidenceFloor: number;
  maxTokens: number;
}

export interface GhostSettings extends GhostLimits {
  /** Whether the writer's own words count beside the model's. */
  ownWords: boolean;
  /** Words that are never suggested. */
  bannedWords: readonly string[];
}

/**
 * At this floor more than half of the ghosts shown have a right first word for a writer who types character by character,
 * and two in five for one whose input method commits words (`npm run eval`, held-out headline set).
 */
export const defaultGhostSettings: GhostSettings = {
  ...{ confidenceFloor: 0.25, maxTokens: 24, ownWords: true },
  bannedWords: [],
};

/** Greedy: the likeliest text is the one most often right. The slight penalty keeps tiny models out of loops. */
export function ghostOptions(settings: GhostSettings): Partial<GenerateOptions> {
  const stopAt: StopAt = 'sentence';
  const ownWords = settings.ownWords ? 1 : 0;
  return {
    ...{ temperature: 0, repetitionPenalty: 1.05, repetitionWindow: 64, maxNewTokens: settings.maxTokens },
    // At each key: what is known of the text before it is not to be computed again.
    ...{ stopAt, ownWords, bannedWords: settings.bannedWords, repeatable: false },
  };
}

/**
 * Takes deltas while they are good enough. Whether anything is shown hangs on the first word, since that is what a reader
 * looks at; how much, on the mean, and on what saves most keys (ghostLength.ts). The text is cut before the token that would
 * pull the geometric mean below the floor (there at the end of a word), at the end of the line, where it would repeat what
 * stands to the right of the cursor, where it begins to go round in circles or to copy a sentence, and before the name of a
 * token. Quotes that it opens it closes. All in the model's form.
 */
export class GhostBuilder {
  /** As far as it has come. */
  text = '';
  private logProb = 0;
  private numTokens = 0;
  /** For each delta, where it ends in the text and the logarithm of the probability of all up to there. */
  private readonly steps: { end: number; logProb: number }[] = [];
  /** Where the deltas at its end begin that are the writer's own words. */
  private ownFrom = 0;
  /** The token that was too unlikely. */
  private next = '';
  /** It is looked through at each token. */
  private readonly narrowBefore: string;

  /**
   * @param suffix the rest of the line to the right of the cursor
   * @param before the text to the left of it, or its end
   */
  constructor(
    private readonly suffix: string,
    private readonly settings: GhostLimits,
    private readonly before = '',
  ) {
    this.narrowBefore = narrow(before);
  }

  /** @returns whether more text is wanted; if not, generation should be aborted. */
  push(delta: TextDelta): boolean {
    const logProb = this.logProb + delta.logProb;
    const numTokens = this.numTokens + delta.numTokens;
    if (logProb / numTokens < this.logFloor) {
      this.next = delta.text;
      return false;
    }
    this.steps.push({ end: this.text.length + delta.text.length, logProb });
    const { length } = this.text;
    if (!delta.isOwn) this.ownFrom = length + delta.text.length;
    const newline = delta.text.indexOf('\n');
    const text = this.text + (newline < 0 ? delta.text : delta.text.slice(0, newline));
    this.text = beforeSpecialToken(text);
    this.logProb = logProb;
    this.numTokens = numTokens;
    const copied = copyLimit(this.narrowBefore, this.text, this.ownFrom, length);
    const kept = Math.min(loopStart(this.before, this.text), copied);
    const isWhole = newline < 0 && this.text === text && kept === this.text.length;
    this.text = this.text.slice(0, kept);
    return isWhole;
  }

  /** '' where nothing is worth showing. */
  result(): string {
    const ghost = this.longest();
    const line = this.before.slice(this.before.lastIndexOf('\n') + 1);
    const length = bestLength(ghost, unitEnds(ghost, line).words, (end) => Math.exp(this.logProbOf(end)));
    // A shorter text may end as the suffix begins.
    const chosen = withoutSuffix(ghost.slice(0, length), this.suffix.trim());
    const shown = withQuotesInPairs(chosen, this.before, this.suffix);
    return isWorthShowing(shown, this.settings) ? shown : '';
  }

  /** All that may be shown, however much of it is worth a look. */
  longest(): string {
    let text = withoutBeginningOfToken(this.text);
    text = this.numTokens < this.settings.maxTokens ? atWordEnd(text, this.next) : atClauseEnd(text);
    const ghost = withoutOpening(withoutSuffix(text, this.suffix.trim()).trimEnd());
    const isSure = this.logProbOf(firstWord(ghost).length) >= this.logFloor;
    return isSure ? ghost : '';
  }

  /** Of the tokens that were taken, the mean of the logarithms of their probabilities. */
  get meanLogProb(): number {
    return this.logProb / Math.max(1, this.numTokens);
  }

  private get logFloor(): number {
    return Math.log(this.settings.confidenceFloor);
  }

  /** Of the first `length` UTF-16 units; of a delta that goes beyond them, the share that its length tells. */
  private logProbOf(length: number): number {
    let before = { end: 0, logProb: 0 };
    for (const step of this.steps) {
      if (step.end >= length) {
        const share = (length - before.end) / Math.max(1, step.end - before.end);
        return before.logProb + share * (step.logProb - before.logProb);
      }
      before = step;
    }
    return before.logProb;
  }
}

/** A mark alone, —— or …… too, is typed with the key that would accept it. Who wants to see everything sees it. */
export function isWorthShowing(ghost: string, { confidenceFloor }: GhostLimits): boolean {
  if (/[\p{L}\p{N}]/u.test(ghost)) return true;
  return confidenceFloor === 0 ? /\p{P}/u.test(ghost) : /^\p{P}{2,}$/u.test(ghost) && !/^(?:——|……)$/.test(ghost);
}

/** How much of the suffix must turn up inside a ghost before it counts as the suffix repeated. */
const repeatLength = 4;

/** `text` cut where it begins to say what `suffix` says already, in whatever width or quotes. */
export function withoutSuffix(text: string, suffix: string): string {
  if (suffix === '') return text;
  const mine = normalised(text);
  const theirs = normalForm(suffix);
  const cut = (at: number) => text.slice(0, mine.offsets[at]);
  const placeOf = (words: string) =>
    words.length >= repeatLength ? mine.text.indexOf(words.slice(0, repeatLength)) : -1;
  const inside = placeOf(theirs);
  // What is left may end as the suffix begins: of 故乡，，再也 before ，再也 the first mark stays.
  if (inside >= 0) return withoutSuffix(cut(inside), suffix);
  // Nor its words without the mark before them: 说那年的水 before ，那年的水.
  const words = placeOf(theirs.replace(/^[\p{P}\s]+/u, ''));
  if (words >= 0) return cut(words).replace(/[，。！？；：、…—,.!?;:\s]+$/, '');
  const closed = closedAt(text, suffix.charAt(0));
  if (closed >= 0) return text.slice(0, closed);
  for (let overlap = Math.min(mine.text.length, theirs.length); overlap > 0; overlap--)
    if (mine.text.endsWith(theirs.slice(0, overlap))) return cut(mine.text.length - overlap);
  return text;
}
