/**
 * What one key accepts of a ghost: a 词, a 分句, a 句, or with Tab all of it. Pure rules of Chinese text.
 *
 * - 词: a word of `Intl.Segmenter` with the punctuation after it; opening brackets and quotes and spaces belong to the
 *   word that follows. Punctuation at the very beginning of a ghost is a unit of its own (its word is already typed). A
 *   ghost that begins inside a word begins with the rest of it: 迫不|及待 is not 及.
 * - 分句: up to ，、；：— and the like, or the end of a sentence, closers included.
 * - 句: up to 。！？… with closers, Markdown's ** too, or up to the . of an English one. A closing quote ends a sentence
 *   only if it does not go on in the same line: “真的吗？”她问。, “真的吗？” 她问。 and “真的吗？”，她问。 are one each.
 *
 * Of straight quotes in a line the first opens, the second closes, and so on.
 */
let segmenter: Intl.Segmenter | undefined;

/** The first one of a process takes 20 ms: the tables of languages are read. */
function wordsOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('zh', { granularity: 'word' });
  return segmenter.segment(text);
}

/** A mark that ends no sentence; half-width only where words end too: not in 1,000, 10:30 and https://. */
export const clauseMark =
  /[，、；]|(?<!\d)：|：(?!\d)|(?<![A-Za-z\d])[,;:](?!\d)|(?<=[A-Za-z\d])[,;:](?=["'”’)\]]*\s|[^ -~])/gu;
/** Not that of an address: a.com/?q */
const sentenceMark = String.raw`[。！？…\n]|[!?](?![A-Za-z\d])`;
/** The . of an English sentence stands before a space or the end: not in 3.14, a.b, Mr. Li, nor behind the number of a list. */
const englishPoint = String.raw`(?<=[A-Za-z]{2}|[A-Za-z\d][)\]"'”’]|[^\d\s]\s?\d+)(?<!\b(?:Mr|Mrs|Ms|Dr|vs))\.(?=["'”’)\]*_~]*(?:\s|$))`;
/** The . of a Chinese clause stands behind a character. */
const chinesePoint = String.raw`(?<![A-Za-z\d])\.(?!\d)`;
let marks: { clauseEnd: RegExp; sentenceEnd: RegExp } | undefined;

/** Made at their first use. */
function endMarks(): { clauseEnd: RegExp; sentenceEnd: RegExp } {
  return (marks ??= {
    clauseEnd: new RegExp(`(?:${clauseMark.source}|${sentenceMark}|[—～]|${chinesePoint}|${englishPoint})+`, 'gu'),
    sentenceEnd: new RegExp(`(?:${sentenceMark})+|${englishPoint}`, 'gu'),
  });
}

const closers = /[”’」』）》〉】〕)\]]+/y;
const spaces = /\s*/y;
const emphasis = /\*{1,3}|_{1,3}|~~/y;

/** Characters behind a quotation that are looked at. */
const lookAhead = 8;
const endsInQuote = /["'”’」』][*_~]*$/;

/** Whether words follow in the line, or a mark that lets them. A quotation that opens begins a sentence. */
function goesOn(text: string, end: number): boolean {
  return /^(?:[ \t\u3000]*[\p{L}\p{N}]|[，、；：,;:—])/u.test(text.slice(end, end + lookAhead));
}

/** Whether there is a straight quote that closes. @param before the text before `text` */
function isClosingQuote(text: string, at: number, before: string): boolean {
  const quote = text.charAt(at);
  if (quote !== '"' && quote !== "'") return false;
  const line = (before + text.slice(0, at)).split('\n').at(-1) ?? '';
  // Between letters it is an apostrophe.
  const quotes = quote === '"' ? /"/g : /(?<![A-Za-z])'|'(?![A-Za-z])/g;
  return (line.match(quotes)?.length ?? 0) % 2 === 1;
}

/** Where the closers behind a sentence end, quotes and brackets and Markdown's in any order. */
function behindClosers(text: string, from: number, before: string): number {
  let end = from;
  for (;;) {
    closers.lastIndex = emphasis.lastIndex = end;
    const mark = emphasis.exec(text)?.[0];
    const closer = closers.exec(text)?.[0];
    if (closer !== undefined) end += closer.length;
    else if (mark !== undefined && closes(text, end, mark)) end += mark.length;
    else if (isClosingQuote(text, end, before)) end++;
    else return end;
  }
}

/** Whether the mark was open: in this text, or before it, where nothing closes it later in the line. */
function closes(text: string, at: number, mark: string): boolean {
  const [above = ''] = text.slice(0, at).split('\n').slice(-1);
  const [behind = ''] = text.slice(at + mark.length).split('\n');
  return (above.split(mark).length - 1) % 2 === 1 || !behind.includes(mark);
}

export interface UnitEnds {
  /** UTF-16 indices, ascending, each > 0; the last is the text's length. */
  words: number[];
  clauses: number[];
  sentences: number[];
}

/** Letters at the end of a text in which a word can have begun that goes on behind it. */
function begunWord(before: string): string {
  return /[\p{L}\p{N}]{1,8}$/u.exec(before)?.[0] ?? '';
}

/** @param before the text before it in its line, which tells what its straight quotes are, and how the word began in which it begins */
export function unitEnds(text: string, before = ''): UnitEnds {
  const words: number[] = [];
  const begun = begunWord(before);
  let bound = false; // whether what was read last waits for the word that follows
  for (const { segment, index, isWordLike } of wordsOf(begun + text)) {
    const end = index - begun.length + segment.length;
    if (end <= 0) continue;
    const binds = !isWordLike && !opens(text, segment, index - begun.length, before);
    // Punctuation goes on with the unit before it.
    if (binds && !bound && words.length > 0) words[words.length - 1] = end;
    else if (isWordLike || binds) words.push(end);
    bound = !isWordLike && !binds;
  }
  if (bound) words.push(text.length);
  return {
    words,
    clauses: matchEnds(text, endMarks().clauseEnd, (from) => {
      spaces.lastIndex = behindClosers(text, from, before);
      return spaces.lastIndex + (spaces.exec(text)?.[0].length ?? 0);
    }),
    sentences: matchEnds(text, endMarks().sentenceEnd, (from) => {
      const end = behindClosers(text, from, before);
      return endsInQuote.test(text.slice(from, end)) && goesOn(text, end) ? null : end;
    }),
  };
}

/** Whether a mark or a space belongs to the word that follows. */
function opens(text: string, mark: string, at: number, before: string): boolean {
  if (mark === '"' || mark === "'") return !isClosingQuote(text, at, before);
  return /^[“‘「『（《〈【〔〖[({\s\p{Ps}\p{Pi}]+$/u.test(mark);
}

/** Where each word ends, and each mark between words. */
export function wordEnds(text: string): number[] {
  return Array.from(wordsOf(text), ({ segment, index }) => index + segment.length);
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
 * @param before the text before it in its line
 */
export function longestReach(ghost: string, rightLength: number, before = ''): Acceptance {
  if (rightLength >= ghost.length) return { length: ghost.length, keys: 1 }; // Tab
  const { words, clauses, sentences } = unitEnds(ghost, before);
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

/** @param endOf the end of a unit where a match ends; null where it goes on */
function matchEnds(text: string, pattern: RegExp, endOf: (matchEnd: number) => number | null): number[] {
  const ends: number[] = [];
  for (const match of text.matchAll(pattern)) {
    const end = endOf(match.index + match[0].length);
    if (end !== null) ends.push(end);
  }
  if (text !== '' && ends[ends.length - 1] !== text.length) ends.push(text.length);
  return ends;
}
