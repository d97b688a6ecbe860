/**
 * Generated text, piece by piece, in a document's style. What may still change – the end of a phrase in another script, a
 * space whose neighbour is not there yet – is held back; no piece is ever taken back.
 */
import type { DocumentStyle } from './documentStyle';
import { QuotePairs } from './quotePairs';
import type { ScriptStream } from './script';
import { fullMarks, halfMarks, wideOffset } from './styleCounts';

/** Where text is written. */
export interface WritingPlace {
  style: DocumentStyle;
  /** What generated text goes through to be in the document's script. */
  script: () => ScriptStream;
  /** The document before the cursor, or its end. */
  before: string;
  /** The same in the model's form. */
  modelBefore: string;
  /** The rest of the line, in the model's form. */
  modelBehind: string;
}

/** Quotes in pairs, script, marks; paragraphs stay as the model writes them, one "\n" between them. */
export class StyleStream {
  private readonly quotes: QuotePairs;
  private readonly script: ScriptStream;
  private readonly marks: MarkWriter;

  constructor({ style, script, before, modelBefore, modelBehind }: WritingPlace) {
    this.quotes = new QuotePairs(modelBefore, modelBehind);
    this.script = script();
    this.marks = new MarkWriter(style, before);
  }

  /** @returns what can be inserted. */
  push(piece: string): string {
    return this.marks.push(this.script.push(this.quotes.push(piece)));
  }

  /** @returns the rest. @param isWhole the text is complete: what it opened is closed */
  end(isWhole: boolean): string {
    const closers = isWhole ? this.quotes.end() : '';
    return this.marks.push(this.script.push(closers) + this.script.end());
  }
}

export function inStyle(text: string, place: WritingPlace): string {
  const stream = new StyleStream(place);
  return stream.push(text) + stream.end(true);
}

const latin = /[A-Za-z0-9]/;
const wideLetter = /[０-９Ａ-Ｚａ-ｚ]/;

/** A text whose quotes are in pairs already, or are its writer's own affair. Nothing but its marks and script changes. */
export function restyled(text: string, place: Pick<WritingPlace, 'style' | 'script' | 'before'>): string {
  const script = place.script();
  return new MarkWriter(place.style, place.before).push(script.push(text) + script.end());
}

/** Quotes, widths, and spaces between Chinese and Latin. A space at the very end is dropped: it would be nobody's. */
class MarkWriter {
  /** What was written last. */
  private previous: string;
  /** A space whose right neighbour is not known yet, or the one that follows a half-width mark within a line. */
  private heldSpace = '';

  constructor(
    private readonly style: DocumentStyle,
    before: string,
  ) {
    this.previous = Array.from(before.slice(-2)).at(-1) ?? '';
  }

  push(piece: string): string {
    let output = '';
    for (const character of piece) output += this.take(character);
    return output;
  }

  private take(character: string): string {
    const { spaced, digitsSpaced, halfGap } = this.style;
    if (character === ' ' && (spaced !== null || digitsSpaced !== null)) {
      this.heldSpace += ' ';
      return '';
    }
    const written = this.written(character);
    let space = this.heldSpace;
    this.heldSpace = '';
    const isSpaced = /[0-9]/.test(this.previous + character) ? digitsSpaced : spaced;
    if (isSpaced !== null && meet(this.previous, character)) space = isSpaced ? ' ' : '';
    if (character === '\n' || /[，。？！：；）”’、]/.test(character)) space = '';
    if (written !== character && halfMarks.includes(written) && written !== '(') this.heldSpace = halfGap;
    this.previous = written;
    return space + written;
  }

  private written(character: string): string {
    // The word that is being written goes on as it began: ２０｜２６.
    if (wideLetter.test(this.previous) && latin.test(character))
      return String.fromCharCode(character.charCodeAt(0) + wideOffset);
    const quote = '“”‘’'.indexOf(character);
    if (quote >= 0) {
      // An apostrophe.
      if (character === '’' && latin.test(this.previous)) return character;
      if (this.style.quotes === 'corner') return '「」『』'.charAt(quote);
      return this.style.quotes === 'straight' ? `""''`.charAt(quote) : character;
    }
    return this.style.halfWidth.includes(character) ? halfMarks.charAt(fullMarks.indexOf(character)) : character;
  }
}

const isHan = (character: string): boolean => /\p{Script=Han}/u.test(character);

function meet(left: string, right: string): boolean {
  return (isHan(left) && latin.test(right)) || (latin.test(left) && isHan(right));
}
