/** What Markdown makes of a line, as far as prose goes: where it stands in lists and quotations, where it is none. */

/** A block that runs over several lines; in all but 'text' there is no prose. */
export type Block = 'text' | 'fence' | 'math' | 'comment' | 'raw';

/** > and list markers with the spaces around them: what a paragraph stands in. */
const container = /^(?:[ \t]{0,3}>[ \t]?|[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)+/;
const heading = /^ {0,3}#{1,6}[ \t]+/;

export function containerOf(line: string): string {
  return container.exec(line)?.[0] ?? '';
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
  /** A list item stands above that this line may belong to. */
  isInList: boolean;
}

/** Whether prose may be written at `column` of a line. */
export function isProse(line: string, column: number, above: LineAbove): boolean {
  if (above.block !== 'text' || isDelimiter(line) || isTableRow(line, above.text)) return false;
  if (isIndented(line) && above.endsParagraph && !above.isInList) return false;
  const before = line.slice(0, column);
  const words = before.slice(containerOf(before).length);
  // The beginnings of markers: they are not finished. (Of three digits it is a year.)
  if (/^\s*(?:[-*+_=]+|\d{1,2}|\d{1,9}[.)]|#{1,6}|>|`{1,3}|~{1,3}|\||!?\[(?:[ xX]\]?)?|:{3,}.*)$/.test(words))
    return false;
  return !isInside(words);
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

/** ``` and ~~~ begin or end code, $$ mathematics. Behind ``` no other ` may follow: that is `code` within a line. */
const fence = /^\s{0,3}(?:>\s?)*\s*(`{3,}(?=[^`]*$)|~{3,})/;
const mathFence = /^\s*(?:>\s?)*\$\$/;

export function isDelimiter(line: string): boolean {
  return fence.test(line) || mathFence.test(line);
}

/** What stands between these tags is no text, over however many lines. */
const rawTag = /<\/?(?:pre|script|style|textarea)(?![\w-])/i;
const rawStart = /^ {0,3}<(?:pre|script|style|textarea)(?![\w-])/i;
const rawEnd = /<\/(?:pre|script|style|textarea)>/i;

/** Whether a line can begin or end a block, so that those below depend on it. */
export function isStructural(line: string): boolean {
  return isDelimiter(line) || line.includes('<!--') || line.includes('-->') || rawTag.test(line);
}

export interface BlockState {
  block: Block;
  /** What ends it. */
  fence: string;
}

export const textState: BlockState = { block: 'text', fence: '' };

/** The state behind a line. */
export function afterLine(line: string, state: BlockState): BlockState {
  const marks = fence.exec(line)?.[1];
  switch (state.block) {
    case 'fence':
      return marks?.startsWith(state.fence) && line.trimEnd().endsWith(marks) ? textState : state;
    case 'math':
      return /\$\$\s*$/.test(line) ? textState : state;
    case 'raw':
      return rawEnd.test(line) ? textState : state;
    case 'comment':
      return afterComments(line, true);
    case 'text':
      if (rawStart.test(line) && !rawEnd.test(line)) return { block: 'raw', fence: '</' };
      if (marks !== undefined) return { block: 'fence', fence: marks };
      if (mathFence.test(line))
        return /^\s*(?:>\s?)*\$\$.*\$\$\s*$/.test(line) ? textState : { block: 'math', fence: '$$' };
      return afterComments(line, false);
  }
}

function afterComments(line: string, isOpen: boolean): BlockState {
  let open = isOpen;
  // Within a comment ` is nothing.
  const text = isOpen ? line : (withoutCode(line) ?? line);
  for (const [found] of text.matchAll(/<!--|-->/g)) open = found === '<!--';
  return open ? { block: 'comment', fence: '-->' } : textState;
}

/** Whether the end of `words` is inside code, mathematics, a comment, a tag, an address. */
function isInside(words: string): boolean {
  const rest = withoutCode(words.replace(/\\[\\`$[\]()<]/g, ''));
  if (rest === null) return true;
  const open = rest.replace(/<!--.*?-->|\$\$.*?\$\$|\$\S\$|\$\S[^$]*?\S\$/g, '');
  if (/<!--|\$\$/.test(open)) return true;
  // A $ that opens mathematics stands before a letter or \; $5 is money, $5x is not.
  if (/\$(?:[A-Za-z\\{(][^$]*|[\d.]+[A-Za-z\\^_=+*][^$\p{Script=Han}]*)?$/u.test(open)) return true;
  // ](address and [name]: address; [^note, but not the note itself
  if (/\]\([^)]*$|\]\[[^\]]*$|^\s*\[[^\]^][^\]]*\]:|\[\^[^\]]*$|^\s*\[\^[^\]]*\]:?$/.test(open)) return true;
  // <tag and <address; of a<b，or a<b 时 there is no more than the name.
  if (/<[A-Za-z/!][!-=?-~]*(?:\s+(?:[A-Za-z_:@/][^>]*)?)?$/.test(open)) return true;
  // What code stands between, and what a site's generator fills in: {{ title }}, {% raw %}
  if (/<(code|kbd|samp|pre|script|style|textarea)(?![\w-])[^>]*>(?:(?!<\/\1>).)*$/i.test(open)) return true;
  if (/\{\{(?:(?!\}\}).)*$|\{%(?:(?!%\}).)*$/.test(open)) return true;
  return /(?:https?:\/\/|www\.)[^\s\u3000-\u303f\p{Script=Han}，。！？；：（）]*$/u.test(open);
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
