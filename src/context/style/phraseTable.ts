/**
 * Replaces phrases by others, always the longest that fits, as OpenCC does with its dictionaries. Nothing is built until a
 * character is met: of a dictionary of fifty thousand phrases a text needs a few hundred, and building OpenCC's own tries
 * of all of them would keep the extension host from anything else for a tenth of a second.
 */

export interface PhraseMatch {
  /** UTF-16 index behind the phrase. */
  end: number;
  replacement: string;
}

/** Of the phrases that begin with one character. */
interface Phrases {
  replacements: Map<string, string>;
  /** What may go on to be a longer phrase. */
  beginnings: Set<string>;
}

const none: Phrases = { replacements: new Map(), beginnings: new Set() };

export class PhraseTable {
  private readonly byFirst = new Map<string, Phrases>();

  /** @param entries lines "phrase replacement", in the order of UTF-16 */
  constructor(private readonly entries: string) {}

  /** The longest phrase at `index`; null for none; 'open' where the text ends before that can be said. */
  match(text: string, index: number): PhraseMatch | 'open' | null {
    const first = characterAt(text, index);
    const { replacements, beginnings } = this.phrases(first);
    let found: PhraseMatch | null = null;
    for (let phrase = first, end = index + first.length; ;) {
      const replacement = replacements.get(phrase);
      if (replacement !== undefined) found = { end, replacement };
      if (!beginnings.has(phrase)) return found;
      const next = characterAt(text, end);
      if (next === '') return 'open';
      phrase += next;
      end += next.length;
    }
  }

  /** All of `text`. */
  convert(text: string): string {
    const stream = new PhraseStream(this);
    return stream.push(text) + stream.end();
  }

  private phrases(first: string): Phrases {
    let phrases = this.byFirst.get(first);
    if (!phrases) this.byFirst.set(first, (phrases = this.read(first)));
    return phrases;
  }

  private read(first: string): Phrases {
    const from = this.lineFrom(first);
    if (!this.entries.startsWith(first, from)) return none;
    const phrases: Phrases = { replacements: new Map(), beginnings: new Set() };
    for (let at = from; this.entries.startsWith(first, at);) {
      const newline = this.entries.indexOf('\n', at);
      const end = newline < 0 ? this.entries.length : newline;
      const [phrase = '', replacement = ''] = this.entries.slice(at, end).split(' ');
      phrases.replacements.set(phrase, replacement);
      let beginning = '';
      for (const character of phrase) {
        if (beginning !== '') phrases.beginnings.add(beginning);
        beginning += character;
      }
      at = end + 1;
    }
    return phrases;
  }

  /** Where the first line begins that is not before `first`: halves the text until it is found. */
  private lineFrom(first: string): number {
    let [low, high] = [0, this.entries.length];
    while (low < high) {
      const middle = this.entries.lastIndexOf('\n', ((low + high) >> 1) - 1) + 1;
      const start = Math.max(low, middle);
      if (this.entries.slice(start, start + first.length) >= first) high = start;
      else {
        const newline = this.entries.indexOf('\n', start);
        low = newline < 0 ? this.entries.length : newline + 1;
      }
    }
    return low;
  }
}

/** The same piece by piece: what a phrase may still go on with is held back. */
export class PhraseStream {
  private held = '';

  constructor(private readonly table: PhraseTable) {}

  /** @returns what is settled. */
  push(piece: string): string {
    return this.take(this.held + piece, false);
  }

  /** @returns the rest. */
  end(): string {
    return this.take(this.held, true);
  }

  private take(text: string, isWhole: boolean): string {
    let output = '';
    let at = 0;
    while (at < text.length) {
      let match = this.table.match(text, at);
      if (match === 'open') {
        if (!isWhole) break;
        // No character U+FFFF is in any phrase, so that it says: here it ends.
        match = this.table.match(`${text}\uffff`, at);
      }
      const found = match === 'open' ? null : match;
      const end = found?.end ?? at + characterAt(text, at).length;
      output += found?.replacement ?? text.slice(at, end);
      at = end;
    }
    this.held = text.slice(at);
    return output;
  }
}

function characterAt(text: string, index: number): string {
  const codePoint = text.codePointAt(index);
  return codePoint === undefined ? '' : String.fromCodePoint(codePoint);
}
