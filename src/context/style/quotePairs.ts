/**
 * Quotes in pairs: what is opened in generated text is closed, what was never opened is not closed. All in the model's
 * form, “outer ‘inner’”; ’ between letters is an apostrophe.
 */
const closerOf: Record<string, string> = { '“': '”', '‘': '’' };
const openerOf: Record<string, string> = { '”': '“', '’': '‘' };
const sentenceEnd = /[。！？!?…]$/;

/** A common Han character: nothing opens or closes with it. A whole paragraph of them is read at a key. */
const isPlain = (character: string): boolean => character >= '\u4e00' && character <= '\u9fff';

/** What is open at some point of a paragraph. */
export class OpenQuotes {
  /** Openers, the innermost last. */
  private open: string[] = [];
  private previous = '';

  constructor(before = '') {
    for (const character of before) this.read(character);
  }

  /** What would close all of them. */
  get closers(): string {
    return this.open
      .map((opener) => closerOf[opener] ?? '')
      .reverse()
      .join('');
  }

  /** @returns what has to stand before `character`, itself included: nothing where it closes what is not open. */
  read(character: string): string {
    if (isPlain(character)) return (this.previous = character);
    const text = this.paired(character, this.previous);
    if (text !== '') this.previous = character;
    return text;
  }

  private paired(character: string, previous: string): string {
    if (character === '\n') {
      const { closers } = this;
      this.open = [];
      return closers + character;
    }
    if (character in closerOf) return this.opened(character, previous);
    const opener = openerOf[character];
    if (opener === undefined || (character === '’' && /[A-Za-z0-9]/.test(previous) && !this.open.includes('‘')))
      return character;
    const at = this.open.lastIndexOf(opener);
    if (at < 0) return '';
    // The inner one that was forgotten is closed first.
    const forgotten = this.open.splice(at).slice(1);
    return (
      forgotten
        .map((inner) => closerOf[inner] ?? '')
        .reverse()
        .join('') + character
    );
  }

  private opened(opener: string, previous: string): string {
    // A quotation inside another has other quotes: the one before was forgotten.
    const forgotten = this.open.at(-1) === opener && /[，。！？!?…]/.test(previous);
    if (!forgotten) this.open.push(opener);
    return forgotten ? (closerOf[opener] ?? '') + opener : opener;
  }
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
