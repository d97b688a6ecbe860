/**
 * What a model writes now and then that no reader should see: its own tokens' names, loops, halves of words. Loops are
 * looked for in characters, not in tokens: a reader sees what is repeated however it was cut into tokens.
 */
import { clauseMark, unitEnds, wordEnds } from './acceptUnits';
import { normalForm, normalised } from './normalised';

/** Names of tokens, the marks that stand for spaces and newlines in vocabularies, and half characters. */
const specialToken =
  /<\/?(?:s|unk|pad|sep|mask|cls|eod|eop|eos|bos)>|<\|[^|<>\n]*\|>|\[(?:UNK|PAD|CLS|SEP|MASK)\]|[▁▂▃\ufffd]/i;
/** Perhaps the beginning of one, at the end of what has come. */
const beginningOfOne = /(?:<\/?[a-z|]{0,4}|<\|[^|<>\n]*\|?|\[[A-Z]{1,4})$/i;

/** @returns the text before the first special token; the same string where there is none. */
export function beforeSpecialToken(text: string): string {
  const at = text.search(specialToken);
  return at < 0 ? text : text.slice(0, at);
}

export function withoutBeginningOfToken(text: string): string {
  return text.replace(beginningOfOne, '');
}

/** How often a pattern may follow itself: 哈哈哈哈 is a laugh, a sentence twice is a loop. */
function mostRepeats(pattern: string): number {
  // ……, —— and 100000 are what they are; ………… too, of twelve dots, but not a line of quotes.
  if (!/\p{L}/u.test(pattern)) return /^\p{P}+$/u.test(pattern) ? 12 : Infinity;
  if (pattern.length === 1) return 4;
  return pattern.length < 6 ? 2 : 1;
}

/** Longer patterns are found where their first line is: a ghost is a sentence. */
const longestPeriod = 60;

/**
 * The length to which `ghost` must be cut so that its end does not go round in circles; `ghost.length` where it does not.
 * @param before the text that it follows, which may have begun the loop
 */
export function loopStart(before: string, ghost: string): number {
  const mine = normalised(ghost);
  const text = normalForm(before.slice(-2 * longestPeriod)) + mine.text;
  const last = text.length - 1;
  for (let period = 1; period <= Math.min(longestPeriod, text.length / 2); period++) {
    let same = 0; // characters at the end that equal those one period earlier
    // By codes: text[i] would be a string of its own, thousands of them at each token.
    while (same + period < text.length && text.charCodeAt(last - same) === text.charCodeAt(last - same - period))
      same++;
    const repeats = Math.floor(same / period);
    if (repeats === 0 || repeats < mostRepeats(text.slice(text.length - period))) continue;
    const meant = meantRest(same - mine.text.length, period);
    if (mine.text.length <= meant) continue;
    const cut = mine.text.length - repeats * period;
    return mine.offsets[Math.max(meant, cut)] ?? 0;
  }
  return ghost.length;
}

/**
 * A writer who is half-way through a line for the second time, or has begun it for the third, means to repeat it, as in a
 * song: the rest of it is no loop.
 * @param typed how much of the repetition stands before the ghost
 * @returns how much more the writer means
 */
function meantRest(typed: number, period: number): number {
  const begun = typed > 0 ? typed % period : 0;
  return begun > 0 && (typed > period || 2 * begun >= period) ? period - begun : 0;
}

const sentenceEnd = /[。！？!?…][”’」』）》]*$/;
/** Nothing ends with these. */
const opening = /[\s“‘「『（《〈【〔([{]+$/u;

/**
 * A ghost that ends because the model was not sure of what follows ends with a word, not with half of one, unless half a
 * word is all there is.
 * @param next what would have followed
 */
export function atWordEnd(ghost: string, next: string): string {
  if (next === '' || !/[\p{L}\p{N}]$/u.test(ghost)) return ghost;
  const ends = unitEnds(ghost + next).words.filter((end) => end <= ghost.length);
  return ghost.slice(0, ends.at(-1));
}

/** What may stand alone at the end of half a sentence; another character may be half of a word. */
const particle = /^[的地得了着过吗呢吧啊]$/;

/**
 * One that ends because it is long enough ends with a clause, where that leaves half of it; else not with a single character
 * that what would have followed may have made a word.
 */
export function atClauseEnd(ghost: string): string {
  if (sentenceEnd.test(ghost)) return ghost;
  const marks = Array.from(ghost.matchAll(clauseMark), ({ index }) => index).filter((at) => at * 2 >= ghost.length);
  const last = marks.at(-1);
  if (last !== undefined) return ghost.slice(0, last + 1);
  const [start, end] = [0, ...wordEnds(ghost)].slice(-2);
  const word = ghost.slice(start, end);
  return start && /^\p{Script=Han}$/u.test(word) && !particle.test(word) ? ghost.slice(0, start) : ghost;
}

export function withoutOpening(ghost: string): string {
  return ghost.replace(opening, '');
}
