/**
 * What one key accepts of a ghost: a 词, a 分句, a 句, or with Tab all of it. Pure rules of Chinese text.
 *
 * - 词: a word of `Intl.Segmenter` with the punctuation after it; opening brackets and quotes and spaces belong to the
 *   word that follows. Punctuation at the very beginning of a ghost is a unit of its own (its word is already typed).
 * - 分句: up to ，、；：— and the like, or the end of a sentence, closers included.
 * - 句: up to 。！？… with closers. A closing quote ends a sentence only if no words follow: “真的吗？”她问。 is one.
 */
let segmenter: Intl.Segmenter | undefined;

/** The first one of a process takes 20 ms: the tables of languages are read. */
function wordsOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('zh', { granularity: 'word' });
  return segmenter.segment(text);
}

const clauseEnd = /(?:[，、；：。！？!?…—～\n]|[,;:.](?!\d))+["'”’」』）》〉】〕)\]\s]*/gu;
const sentenceEnd = /[。！？!?…\n]+["'”’」』）》〉】〕)\]]*/gu;

export interface UnitEnds {
  /** UTF-16 indices, ascending, each > 0; the last is the text's length. */
  words: number[];
  clauses: number[];
  sentences: number[];
}

export function unitEnds(text: string): UnitEnds {
  const words: number[] = [];
  let bound = false; // whether what was read last waits for the word that follows
  for (const { segment, index, isWordLike } of wordsOf(text)) {
    const end = index + segment.length;
    const binds = !isWordLike && !/^[“‘「『（《〈【〔〖[({\s\p{Ps}\p{Pi}]+$/u.test(segment);
    // Punctuation goes on with the unit before it.
    if (binds && !bound && words.length > 0) words[words.length - 1] = end;
    else if (isWordLike || binds) words.push(end);
    bound = !isWordLike && !binds;
  }
  if (bound) words.push(text.length);
  return {
    words,
    clauses: matchEnds(text, clauseEnd, () => true),
    sentences: matchEnds(
      text,
      sentenceEnd,
      (match, end) => !/["'”’」』]$/.test(match) || !/^[\p{L}\p{N}]/u.test(text.slice(end)),
    ),
  };
}

/** The first word with what stands before it; all of `text` where there is no word in it. */
export function firstWord(text: string): string {
  for (const { segment, index, isWordLike } of wordsOf(text))
    if (isWordLike) return text.slice(0, index + segment.length);
  return text;
}

export interface Acceptance {
  /** UTF-16 units of the ghost that are taken. */
  length: number;
  keys: number;
}

/**
 * The longest right prefix of `ghost` that keys can reach, and the least number of them.
 * @param rightLength how many UTF-16 units of the ghost are what the writer wants
 */
export function longestReach(ghost: string, rightLength: number): Acceptance {
  if (rightLength >= ghost.length) return { length: ghost.length, keys: 1 }; // Tab
  const { words, clauses, sentences } = unitEnds(ghost);
  const target = Math.max(0, ...[...words, ...clauses, ...sentences].filter((end) => end <= rightLength));
  let at = 0;
  let keys = 0;
  while (at < target) {
    // Each key goes to the next end of its kind; the farthest jump that does not overshoot is never a loss.
    const ends = [words, clauses, sentences].map((list) => list.find((end) => end > at) ?? Infinity);
    at = Math.max(...ends.filter((end) => end <= target));
    keys++;
  }
  return { length: target, keys };
}

function matchEnds(text: string, pattern: RegExp, counts: (match: string, end: number) => boolean): number[] {
  const ends: number[] = [];
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (counts(match[0], end)) ends.push(end);
  }
  if (text !== '' && ends[ends.length - 1] !== text.length) ends.push(text.length);
  return ends;
}
