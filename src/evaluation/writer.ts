/**
 * A simulated writer: how many keys a text costs with ghost text, and without.
 *
 *     savings = 1 − (keys typed + keys that accept) / (keys of the same text without ghosts)
 *
 * Costs are real keys. A character that is typed costs what keys.ts says: one for every character in the figure “characters”;
 * in the figure “pinyin” a Han character costs its pinyin's letters and one to choose it; in the figure “typed by words” the
 * writer's input method commits words, each for its letters and one key to choose it, so that they stand behind words only,
 * as most writers do. Accepting costs one key for the whole ghost (Tab) or one for each 词, 分句 or 句 (acceptUnits.ts). At
 * each position the writer looks at the ghost and takes the longest right prefix that these keys reach, with the fewest keys,
 * if that is fewer than typing it; else they type one character, or one word. A ghost stays while what is typed agrees with
 * it (the product's cache), and no second one is asked for meanwhile. Nothing is charged for reading, and nothing is gained
 * by thinking: a writer who knows the text.
 *
 * A ghost's first word is right where the text goes on with its characters, though it may belong to a longer word there.
 */
import { hasHan } from '../context/modelText';
import { SuggestionTrie } from '../context/suggestionTrie';
import type { Place } from '../context/suggestionTrie';
import { firstWord, longestReach } from '../context/acceptUnits';
import type { EvaluationDocument } from './documents';
import type { GhostRule } from './ghostRule';
import { promptAt } from './predictor';
import type { RecordedStreams } from './recordedStreams';
import type { Stretch } from './sample';

/** Sums over a stretch or a document. */
export interface Tally {
  /** Code points written, and how many of them were accepted. */
  characters: number;
  acceptedCharacters: number;
  /** Keys of the same text without ghosts, and with them. */
  plainKeys: number;
  keys: number;
  /** Places where the writer stood, and those of them with a ghost. */
  positions: number;
  positionsWithGhost: number;
  /** Ghosts, each counted once however long it stays, and those whose first word is right. */
  ghosts: number;
  rightGhosts: number;
  acceptances: number;
}

export function emptyTally(): Tally {
  return {
    ...{ characters: 0, acceptedCharacters: 0, plainKeys: 0, keys: 0, positions: 0, positionsWithGhost: 0 },
    ...{ ghosts: 0, rightGhosts: 0, acceptances: 0 },
  };
}

export function addTally(sum: Tally, more: Tally): void {
  for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += more[key];
}

/** The ghost at an offset of one document, as the product's provider finds it. */
export class GhostAtCursor {
  /** One entry does: what a writer who never goes back has left behind cannot come back, and the rest costs time. */
  private readonly suggestions = new SuggestionTrie(1);

  constructor(
    private readonly document: EvaluationDocument,
    private readonly rule: GhostRule,
    private readonly streams: RecordedStreams,
  ) {}

  /** @param endsWord the writer has just typed a word @returns `fresh` if it was not there already at the position before */
  async at(offset: number, endsWord = false): Promise<{ ghost: string; fresh: boolean }> {
    const { title, text } = this.document;
    const prompt = promptAt(title, text, offset, this.streams.maxCharacters);
    if (!hasHan(prompt.title + prompt.text)) return { ghost: '', fresh: false };
    // Not the prompt's text, which begins elsewhere now and then: a ghost that is typed through stays.
    const place: Place = { document: '', title, prefix: text.slice(0, offset), suffix: '' };
    const known = this.suggestions.find(place);
    if (known !== undefined) return { ghost: known, fresh: false };
    const deltas = await this.streams.at(this.document, offset, this.rule.options, endsWord);
    const ghost = this.rule.ghost(deltas, prompt.text);
    this.suggestions.add(place, ghost);
    return { ghost, fresh: ghost !== '' };
  }
}

/**
 * Types `text` from `start` to `end`; an acceptance that reaches over the end counts as far as it goes.
 * @param wordEnd where what is typed at once from an offset on ends; else it is a character
 */
export async function write(
  text: string,
  { start, end }: Pick<Stretch, 'start' | 'end'>,
  ghosts: Pick<GhostAtCursor, 'at'>,
  keysAt: (offset: number) => number,
  wordEnd?: (offset: number) => number,
): Promise<Tally> {
  const tally = emptyTally();
  // Who commits words stands behind one at first, too.
  const first = wordEnd && start > 0 ? wordEnd(start - 1) : start;
  let endsWord = wordEnd !== undefined && first > 0 && hasHan(text.charAt(first - 1));
  for (let offset = first; offset < end;) {
    const { ghost, fresh } = await ghosts.at(offset, endsWord);
    endsWord = false;
    tally.positions++;
    if (ghost !== '') tally.positionsWithGhost++;
    if (fresh) {
      tally.ghosts++;
      if (text.startsWith(firstWord(ghost), offset)) tally.rightGhosts++;
    }
    const { length, keys } = longestReach(ghost, agreement(text, offset, ghost), lineBefore(text, offset));
    let typing = 0;
    let taken = 0;
    for (let at = offset; at < offset + length; at += characterLength(text, at)) {
      typing += keysAt(at);
      taken++;
    }
    if (keys < typing) {
      tally.acceptances++;
      tally.acceptedCharacters += taken;
      tally.characters += taken;
      tally.plainKeys += typing;
      tally.keys += keys;
      offset += length;
    } else {
      const typedEnd = Math.min(end, wordEnd?.(offset) ?? 0);
      do {
        tally.characters++;
        tally.plainKeys += keysAt(offset);
        tally.keys += keysAt(offset);
        offset += characterLength(text, offset);
      } while (offset < typedEnd);
      endsWord = wordEnd !== undefined && hasHan(text.charAt(offset - 1));
    }
  }
  return tally;
}

function lineBefore(text: string, offset: number): string {
  return text.slice(offset > 0 ? text.lastIndexOf('\n', offset - 1) + 1 : 0, offset);
}

function characterLength(text: string, offset: number): number {
  return (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
}

/** UTF-16 units for which the ghost says what the text says. */
function agreement(text: string, offset: number, ghost: string): number {
  let same = 0;
  while (same < ghost.length && text[offset + same] === ghost[same]) same++;
  // Half a character is no agreement.
  return /[\ud800-\udbff]/.test(ghost[same - 1] ?? '') && same < ghost.length ? same - 1 : same;
}
