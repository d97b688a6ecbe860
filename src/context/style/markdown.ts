/** What Markdown makes of a line, as far as prose goes: where it stands in lists and quotations, where it is none. */

import { isCloser } from '../brackets';

/** A block that runs over several lines; in all but 'text' there is no prose. */
export type Block = 'text' | 'fence' | 'math' | 'comment' | 'raw';

/** > and list markers with the spaces around them: what a paragraph stands in. */
const container = /^(?:[ \t]{0,3}>[ \t]?|[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)+/;
const heading = /^ {0,3}#{1,6}[ \t]+/;

export function containerOf(line: string): string {
  return container.exec(line)?.[0] ?? '';
}

const opener = /[《〈“‘「『（(【〔[]/;
/** Ends a clause, but no number. */
const clauseEnd = /^(?:[，。；…]|[,;](?!\d))/;

/** A heading is no sentence: the rest of one for a ghost that goes on with it. What stands in brackets and quotes is a whole. */
export function restOfHeading(ghost: string): string {
  let depth = 0;
  for (let at = 0; at < ghost.length; at++) {
    const mark = ghost.charAt(at);
    if (opener.test(mark)) depth++;
    if (isCloser(mark)) depth = Math.max(0, depth - 1);
    if (depth > 0) continue;
    const rest = ghost.slice(at);
    const [asked] = /^[！？!?]+/.exec(rest) ?? [];
    if (asked !== undefined) return ghost.slice(0, at) + asked;
    if (clauseEnd.test(rest)) return ghost.slice(0, at);
  }
  return ghost;
}

export function isHeading(line: string): boolean {
  return heading.test(line);
}

/** [^1] in a text, and [^1]: where the note itself is. */
const footnote = /(?<!\\)\[\^[^\]\s]+\](?::[ \t]*)?/g;

/** The words of lists, quotations, headings and footnotes, without what marks them. */
export function withoutMarkup(text: string): string {
  return text.replace(/^.*$/gm, (line) => {
    const words = line.slice(containerOf(line).length);
    const isNoteAt = (at: number) => words.slice(0, at).trim() === '';
    return words
      .replace(footnote, (mark: string, at: number) => (isNoteAt(at) ? '' : mark.slice(mark.indexOf(']') + 1)))
      .replace(heading, '')
      .replace(/(?<=^|[^\\])(?:\*\*|__|~~)/g, '');
  });
}

/** What begins the next paragraph of a list or quotation; '' outside of them. */
export function nextContainer(line: string): string {
  return containerOf(line)
    .replace(/\d{1,9}(?=[.)][ \t])/, (number) => String(Number(number) + 1))
    .replace(/\[[xX]\]/, '[ ]');
}

/** What stands above a line, as far as it decides what the line is. */
export interface LineAbove {
  text: string;
  /** The block in which the line in question begins. */
  block: Block;
  /** A paragraph may begin here: above are no lines, an empty one, or code. */
  endsParagraph: boolean;
  /** A list item, or the like, stands above that this line may belong to. */
  isInList: boolean;
}

/** Whether prose may be written at `column` of a line. */
export function isProse(line: string, column: number, above: LineAbove): boolean {
  if (above.block !== 'text' || isDelimiter(line) || isTableRow(line, above.text)) return false;
  if (isIndented(line) && above.endsParagraph && !above.isInList) return false;
  const before = line.slice(0, column);
  const words = before.slice(containerOf(before).length);
  // The beginnings of markers: they are not finished. (Of three digits it is a year.)
  if (/^\s*(?:[-*+_=]+|\d{1,2}|\d{1,9}[.)]|#{1,6}|>|`{1,3}|~{1,3}|\||!?\[(?:[ xX]\]?|!\w*\]?)?|:{3,}.*)$/.test(words))
    return false;
  return !isInside(words);
}

/** Whether lines below that are indented by four spaces, or a tab, belong to what this one begins: an item, a note, a box. */
export function takesIndented(line: string): boolean {
  return containerOf(line) !== '' || /^ {0,3}(?:\[\^[^\]\s]+\]:|:[ \t]|(?:!{3}|\?{3}\+?|===)[ \t])/.test(line);
}

/** Code, where a paragraph could begin. */
export function isIndented(line: string): boolean {
  return /^(?: {4}| {0,3}\t)/.test(line);
}

/** The line of dashes of a table: | --- | :-: | */
const dashes = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$/;

/** | a | b |, its line of dashes, and rows without the outer lines. Below one is another until a line is empty. */
function isTableRow(line: string, above: string): boolean {
  if (above.trimStart().startsWith('|') || dashes.test(above)) return true;
  const row = line.trim();
  const bars = (row.match(/(?<!\\)\|/g) ?? []).length;
  return row.startsWith('|') || bars >= 2 || (bars === 1 && above.includes('|'));
}

/** Whether a text at the beginning of a line would be no paragraph, but a list, a heading, code. */
export function beginsBlock(text: string): boolean {
  return /^(?:\s{4}|\t|\s{0,3}(?:[#>|<]|```|~~~|\$\$|[-*_]{3}|[-*+](?:\s|$)|\d{1,9}[.)](?:\s|$)))/.test(text);
}

/** ``` and ~~~ begin or end code, in a list's item too. Behind ``` no other ` may follow: that is `code` within a line. */
const fence = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t][\s>]*)*(`{3,}(?=[^`]*$)|~{3,})/;
/** What ends it stands in no item of its own. */
const closingFence = /^[\s>]*(`{3,}|~{3,})\s*$/;

/** \[ alone on its line, \begin{align}: mathematics, as LaTeX has it. */
const latexStart = /^[\s>]*(?:\\\[\s*$|\\begin\{)/;
const latexEnd = /\\\]|\\end\{/;

function isDelimiter(line: string): boolean {
  return fence.test(line) || isMath(mathStart, line) || latexStart.test(line);
}

/** $$ at the beginning of a line, or of its item, begins a block; */
const mathStart = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?\$\$(?!\$)/;
/** behind words, at the end of the line, mathematics within the paragraph; what stands in a sentence neither. */
const mathBehind = /(?<!\$)\$\$\s*$/;

/** Whether mathematics that begins in a line goes on below it: not where $$x$$ ends it. */
function isMath(beginning: RegExp, line: string): boolean {
  return beginning.test(line) && numDollars(line) % 2 === 1;
}

/** Ends a paragraph, in a quotation too. */
const empty = /^[\s>]*$/;

/** Whether $$ behind words is mathematics: 人均 $$ is not, where the paragraph ends before another $$ comes, nor is 人均：$$ of an item. */
function isOpenBehind(line: string, next: string | undefined): boolean {
  if (!isMath(mathBehind, line)) return false;
  return next === undefined ? containerOf(line) === '' : !empty.test(next) && !fence.test(next);
}

/** Those in code and behind a \ do not count. */
function numDollars(line: string): number {
  return (withoutCode(line) ?? line).replace(/\\[\\$]/g, '').split('$$').length - 1;
}

/** What stands between these tags is no text, over however many lines; nor is the code of Hexo's and Hugo's own tags. */
const rawTag =
  /<\/?(?:pre|script|style|textarea)(?![\w-])|\{%-? *(?:end)?(?:codeblock|highlight)\b|\{\{[<%] *\/? *highlight\b/i;
const rawStart =
  /^ {0,3}(?:<(?:pre|script|style|textarea)(?![\w-])|\{%-? *(?:codeblock|highlight)\b|\{\{[<%] *highlight\b)/i;
const rawEnd = /<\/(?:pre|script|style|textarea)>|\{%-? *end(?:codeblock|highlight)\b|\{\{[<%] *\/ *highlight\b/i;

/** %% at the beginning of a line, as Obsidian has comments over several lines. */
const percentStart = /^(?: {0,3}>[ \t]?)* {0,3}%%/;

/** The > before a line; where it begins a block, those behind its items too. */
const quotation = /^[\s>]*/;
const quotationOfItems = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t][\s>]*)*/;

const numMarks = (prefix: RegExp, line: string): number => (prefix.exec(line)?.[0] ?? '').split('>').length - 1;

/** Whether a line stands in a quotation: below one, every other line may end what has begun in it. */
export function isQuoted(line: string): boolean {
  return /^\s*>/.test(line);
}

/** Whether what stands in a line can begin or end a block, so that those below depend on it. */
export function isStructural(line: string): boolean {
  if (empty.test(line) || line.includes('$$') || /<!--|-->|%%/.test(line)) return true;
  return fence.test(line) || latexStart.test(line) || latexEnd.test(line) || rawTag.test(line);
}

export interface BlockState {
  block: Block;
  /** What ends it. */
  fence: string;
  /** The > before it: it ends where a line has fewer, as its quotation does. */
  quotes: number;
}

export const textState: BlockState = { block: 'text', fence: '', quotes: 0 };
/** Ends with its paragraph at the latest, which may go on without its >. */
const mathInParagraph: BlockState = { block: 'math', fence: '$$', quotes: 0 };

/** Whether below a line a block may depend on the structural line that follows. */
export function looksAhead(line: string): boolean {
  return mathBehind.test(line);
}

/** The state in which a line begins. @param before that behind the line above */
export function stateAt(line: string, before: BlockState): BlockState {
  return before.quotes > 0 && numMarks(quotation, line) < before.quotes ? textState : before;
}

/** The state behind a line. @param next the structural line that follows, where the line looks ahead; undefined where none is known */
export function afterLine(line: string, before: BlockState, next: string | undefined): BlockState {
  const state = stateAt(line, before);
  if (empty.test(line)) return state === mathInParagraph ? textState : state;
  switch (state.block) {
    case 'fence':
      return closingFence.exec(line)?.[1]?.startsWith(state.fence) ? textState : state;
    case 'math':
      return (state.fence === '$$' ? numDollars(line) % 2 === 1 : latexEnd.test(line)) ? textState : state;
    case 'raw':
      return rawEnd.test(line) ? textState : state;
    case 'comment':
      if (state.fence === '%%') return line.includes('%%') ? textState : state;
      return afterComments(line, state);
    case 'text':
      return afterText(line, next);
  }
}

function afterText(line: string, next: string | undefined): BlockState {
  if (rawStart.test(line) && !rawEnd.test(line)) return { block: 'raw', fence: '</', quotes: 0 };
  const marks = fence.exec(line)?.[1];
  const quotes = numMarks(quotationOfItems, line);
  if (marks !== undefined) return { block: 'fence', fence: marks, quotes };
  if (isMath(mathStart, line)) return { block: 'math', fence: '$$', quotes };
  if (isOpenBehind(line, next)) return mathInParagraph;
  if (latexStart.test(line) && !latexEnd.test(line)) return { block: 'math', fence: '\\', quotes };
  if (percentStart.test(line) && line.split('%%').length % 2 === 0) return { block: 'comment', fence: '%%', quotes };
  return afterComments(line, { ...textState, quotes });
}

function afterComments(line: string, { block, quotes }: BlockState): BlockState {
  const isOpen = block === 'comment';
  let open = isOpen;
  // Within a comment ` is nothing.
  const text = isOpen ? line : (withoutCode(line) ?? line);
  for (const [found] of text.matchAll(/<!--|-->/g)) open = found === '<!--';
  return open ? { block: 'comment', fence: '-->', quotes } : textState;
}

/** Whether the end of `words` is inside code, mathematics, a comment, a tag, an address. */
function isInside(words: string): boolean {
  const rest = withoutCode(words.replace(/\\[\\`$[\]()<]/g, ''));
  if (rest === null) return true;
  const open = rest.replace(/<!--.*?-->|(?<!\d)%%.*?%%|\$\$.*?\$\$|\$\S\$|\$\S[^$]*?\S\$/g, '');
  // 5%% is none.
  if (/<!--|(?<!\d)%%|\$\$/.test(open)) return true;
  // A $ that opens mathematics stands before a letter or \; $5 is money, $5x is not.
  if (/\$(?:[A-Za-z\\{(][^$]*|[\d.]+[A-Za-z\\^_=+*][^$\p{Script=Han}]*)?$/u.test(open)) return true;
  // ](address and [name]: address; [^note, but not the note itself
  if (/\]\([^)]*$|\]\[[^\]]*$|^\s*\[[^\]^][^\]]*\]:|\[\^[^\]]*$|^\s*\[\^[^\]]*\]:?$/.test(open)) return true;
  // [[another note]], of which what stands behind a | is text
  if (/\[\[[^\]|]*\]?$/.test(open)) return true;
  if (isInsideReference(open)) return true;
  // <tag and <address; of a<b，or a<b 时 there is no more than the name.
  if (/<[A-Za-z/!][!-=?-~]*(?:\s+(?:[A-Za-z_:@/][^>]*)?)?$/.test(open)) return true;
  // What code stands between, and what a site's generator fills in: {{ title }}, {% raw %}
  if (/<(code|kbd|samp|pre|script|style|textarea)(?![\w-])[^>]*>(?:(?!<\/\1>).)*$/i.test(open)) return true;
  if (/\{\{(?:(?!\}\}).)*$|\{%(?:(?!%\}).)*$/.test(open)) return true;
  return /(?:https?:\/\/|www\.)[^\s\u3000-\u303f\p{Script=Han}，。！？；：（）]*$/u.test(open);
}

/** What a thesis refers with, in Pandoc's way or LaTeX's: a key is looked up, and no words belong into it. */
function isInsideReference(words: string): boolean {
  // [@key, [见 @key; @key, @key; an e-mail address as well
  if (/\[[^\]]*@[^\]\s,;，；]*$|@[A-Za-z][\w:./-]*$/.test(words)) return true;
  // \ref, and the key in \ref{fig:rain
  if (/\\[A-Za-z]+\*?(?:\[[^\]]*\]?)?$/.test(words)) return true;
  if (/\\(?:[A-Za-z]*(?:cite|ref)[A-Za-z]*|label|begin|end|input|include[a-z]*)\*?(?:\[[^\]]*\])*\{[^}]*$/.test(words))
    return true;
  // {#id .class key=value, behind a heading, a link or a picture
  return /(?:^|[\s)\]])\{(?:[#.:][^}]*|[\w-]+=[^}]*)?$/.test(words);
}

/** Text without `code`; null where code is open at the end. */
function withoutCode(text: string): string | null {
  let rest = '';
  let at = 0;
  for (let open = text.indexOf('`'); open >= 0; open = text.indexOf('`', at)) {
    rest += text.slice(at, open);
    const marks = /^`+/.exec(text.slice(open))?.[0] ?? '`';
    let close = open + marks.length;
    do {
      close = text.indexOf(marks, close + 1);
      if (close < 0) return null;
    } while (text[close - 1] === '`' || text[close + marks.length] === '`');
    at = close + marks.length;
  }
  return rest + text.slice(at);
}
