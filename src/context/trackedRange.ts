/** A stretch of a document that other edits move, grow or cut while text is written at its end. Offsets in UTF-16. */

export interface TextChange {
  rangeOffset: number;
  rangeLength: number;
  text: string;
}

/** What an edit by somebody else means for the text that is being written. */
export type Touch =
  /** It lies before or behind. */
  | 'outside'
  /** It puts a line break where writing goes on, which goes on before it. Enter does so, and saving at the end of a text. */
  | 'break'
  /** It changes text that is written already. */
  | 'inside'
  /** It takes nothing but blanks of ours from the end, or what stands right behind: saving does so, and Backspace. */
  | 'trim'
  /** It changes the place where writing goes on, or what the first text is to replace: the writer takes over. */
  | 'atEnd';

export type LineEnd = '\n' | '\r\n';

export function withLineEnds(text: string, eol: LineEnd): string {
  return text.replace(/\r?\n/g, eol);
}

export class TrackedRange {
  private first: number;
  private last: number;
  /** Of ours, at the end: line breaks, indents. */
  private blanks = '';
  private taken = '';

  /** @param ahead how much behind the offset is to be replaced by the first text that is written */
  constructor(
    offset: number,
    private ahead = 0,
  ) {
    this.first = offset;
    this.last = offset;
  }

  get start(): number {
    return this.first;
  }

  /** Where writing goes on. */
  get end(): number {
    return this.last;
  }

  /** What trims and `takeBack` took of ours since text was last written: what is written next has to begin with it. */
  get trimmed(): string {
    return this.taken;
  }

  /** Text was written at the end. */
  grow(text: string): void {
    this.ahead = 0;
    this.last += text.length;
    this.blanks = /\s*$/.exec(this.blanks + text)?.[0] ?? '';
    this.taken = '';
  }

  /** The last of what was written, `text`, did not stay there. */
  takeBack(text: string): void {
    this.taken = text + this.taken;
    this.last -= text.length;
    this.blanks = this.blanks.slice(0, Math.max(0, this.blanks.length - text.length));
  }

  /** All line ends have become others, and nothing else has changed. @param whole the text since then */
  changeLineEnds(whole: string, eol: LineEnd): void {
    const { first, last, ahead } = this;
    const before = withLineEnds(whole, eol === '\n' ? '\r\n' : '\n');
    const moved = (offset: number) => withLineEnds(before.slice(0, offset), eol).length;
    this.first = moved(first);
    this.last = moved(last);
    this.ahead = moved(last + ahead) - this.last;
    this.blanks = withLineEnds(this.blanks, eol);
    this.taken = withLineEnds(this.taken, eol);
  }

  /** Follows an edit by somebody else. Several changes of one event are given from the back of the document forwards. */
  follow({ rangeOffset, rangeLength, text }: TextChange): Touch {
    const rangeEnd = rangeOffset + rangeLength;
    const shift = text.length - rangeLength;
    const { first, last } = this;
    if (rangeOffset === last && rangeLength === 0 && this.ahead === 0 && /^\r?\n$/.test(text)) return 'break';
    if (rangeOffset > last) return rangeOffset < last + this.ahead ? 'atEnd' : 'outside';
    // An insertion at the very beginning belongs to what stands before, unless there is nothing of ours yet.
    if (rangeEnd <= first && (rangeOffset < first || first < last)) {
      this.first += shift;
      this.last += shift;
      return 'outside';
    }
    const kept = this.blanks.length - (last - rangeOffset);
    if (text === '' && this.ahead === 0 && kept >= 0 && rangeEnd >= last) {
      this.taken = this.blanks.slice(kept) + this.taken;
      this.blanks = this.blanks.slice(0, kept);
      this.last = rangeOffset;
      return 'trim';
    }
    this.blanks = '';
    // What is left of ours is what the change did not take; its new text is ours only when it came to stand inside.
    if (rangeOffset < first) this.first = rangeOffset + text.length;
    this.last = Math.max(this.first, rangeEnd < last ? last + shift : rangeOffset);
    return rangeEnd < last ? 'inside' : 'atEnd';
  }
}
