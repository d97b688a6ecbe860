/**
 * Quotes in pairs: what is opened in generated text is closed, what was never opened is not closed; nor are brackets. All
 * in the model's form, “outer ‘inner’”, which a model may write as 「outer『inner』」; ’ between letters is an apostrophe.
 */
const closerOf: Record<string, string> = { '“': '”', '‘': '’' };
const openerOf: Record<string, string> = { '”': '“', '’': '‘' };
const otherOf: Record<string, string> = { '“': '‘', '‘': '“' };
const curlyOf: Record<string, string> = { '「': '“', '」': '”', '『': '‘', '』': '’' };
/** Of closing brackets the opening ones; （ may be written (. */
const bracketOf: Record<string, string> = { '）': '（(', ')': '（(', '》': '《', '〉': '〈', '】': '【', '〕': '〔' };
const openBrackets = Object.values(bracketOf).join('');
/** 1）、a）、一）: nothing was opened, and all is well. */
const numeral = /[0-9A-Za-z一二三四五六七八九十]/;
const sentenceEnd = /[。！？!?…]$/;

/** A common Han character: nothing opens or closes with it. */
const isPlain = (code: number): boolean => code >= 0x4e00 && code <= 0x9fff;

interface Opened {
  /** As the model has it, */
  opener: string;
  /** and as it is written: a quotation inside another has the other quotes. */
  written: string;
}

/** What is open at some point of a paragraph. */
export class OpenQuotes {
  /** The innermost last. */
  private open: Opened[] = [];
  private brackets: string[] = [];
  private previous = '';
  /** What a writer has written stays. */
  private readonly isGenerated: boolean;

  constructor(before = '') {
    this.isGenerated = false;
    // A whole paragraph of them at a key: those that open and close nothing are stepped over, not made strings of.
    for (let at = 0; at <= before.length; at++) {
      if (isPlain(before.charCodeAt(at))) continue;
      if (at > 0 && isPlain(before.charCodeAt(at - 1))) this.previous = before.charAt(at - 1);
      const character = String.fromCodePoint(before.codePointAt(at) ?? 0);
      if (at < before.length) this.read(character);
      at += character.length - 1;
    }
    this.isGenerated = true;
  }

  /** What would close all of them. */
  get closers(): string {
    return closersOf(this.open);
  }

  /** @returns what has to stand before `character`, itself included: nothing where it closes what is not open. */
  read(character: string): string {
    if (isPlain(character.charCodeAt(0))) return (this.previous = character);
    const text = this.paired(character, this.previous);
    if (text !== '') this.previous = character;
    return text;
  }

  private paired(given: string, previous: string): string {
    const character = curlyOf[given] ?? given;
    if (character === '\n') {
      const { closers } = this;
      this.open = [];
      this.brackets = [];
      return closers + character;
    }
    if (openBrackets.includes(character)) this.brackets.push(character);
    if (character in bracketOf) return this.closesBracket(character, previous) ? character : '';
    if (character in closerOf) return this.opened(character, previous);
    const opener = openerOf[character];
    const isIts = (quote: Opened) => quote.opener === opener || quote.written === opener;
    if (opener === undefined || (character === '’' && /[A-Za-z0-9]/.test(previous) && !this.open.some(isIts)))
      return character;
    const at = this.open.map(isIts).lastIndexOf(true);
    // The inner one that was forgotten is closed first.
    return at < 0 ? '' : closersOf(this.open.splice(at));
  }

  /** @returns false for a full-width one that closes nothing; a half-width one may be a face, or of some other script. */
  private closesBracket(closer: string, previous: string): boolean {
    const at = this.brackets.map((bracket) => bracketOf[closer]?.includes(bracket)).lastIndexOf(true);
    if (at < 0) return closer === ')' || (closer === '）' && numeral.test(previous));
    this.brackets.length = at;
    return true;
  }

  private opened(opener: string, previous: string): string {
    const around = this.open.at(-1)?.written;
    // Behind the end of a sentence the one before was forgotten.
    if (around === opener && /[，。！？!?…]/.test(previous)) return (closerOf[opener] ?? '') + opener;
    const written = around === opener && this.isGenerated ? (otherOf[opener] ?? opener) : opener;
    this.open.push({ opener, written });
    return written;
  }
}

function closersOf(open: readonly Opened[]): string {
  return open
    .map(({ written }) => closerOf[written] ?? '')
    .reverse()
    .join('');
}

/** What stands behind the cursor closes quotations itself: so many of its first closers belong to what is before. */
function closedBehind(behind: string): number {
  let depth = 0;
  let closed = 0;
  for (const character of behind) {
    if (character in closerOf) depth++;
    else if (character in openerOf && --depth < 0) closed++;
  }
  return closed;
}

/** Generated text whose quotes pair up, piece by piece. */
export class QuotePairs {
  private readonly quotes: OpenQuotes;
  private readonly openBefore: number;
  private readonly closedBehind: number;
  private tail = '';

  /**
   * @param before the paragraph before the cursor
   * @param behind the rest of the line
   */
  constructor(before: string, behind: string) {
    this.quotes = new OpenQuotes(before.slice(before.lastIndexOf('\n') + 1));
    this.openBefore = this.quotes.closers.length;
    this.closedBehind = closedBehind(behind);
  }

  push(piece: string): string {
    let text = '';
    for (const character of piece) text += this.quotes.read(character);
    if (text !== '') this.tail = text;
    return text;
  }

  /** What closes at the end that which is open: the writer's own quotation only where a sentence ends. */
  end(): string {
    const { closers } = this.quotes;
    const still = sentenceEnd.test(this.tail)
      ? closers
      : closers.slice(0, Math.max(0, closers.length - this.openBefore));
    return still.slice(0, Math.max(0, still.length - this.closedBehind));
  }
}

/** A ghost ends before a quote that would close nothing, and with those that close what is open. */
export function withQuotesInPairs(ghost: string, before: string, behind: string): string {
  const pairs = new QuotePairs(before, behind);
  let text = '';
  for (const character of ghost) {
    const read = pairs.push(character);
    if (read === '') break;
    text += read;
  }
  return text + pairs.end();
}
