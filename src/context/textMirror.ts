/**
 * A copy of a stretch of a document that follows the document's edits, so that reading it costs the same in a note and in
 * a book. (VS Code keeps a document as lines: where a book is one line, to read a piece of it after an edit copies all.)
 */
import type { TextChange } from './trackedRange';

/** UTF-16 units. Nobody types so much at once: what is pasted, or comes back when it is undone, may be a book. */
export const longestInsertion = 2000;

export class TextMirror {
  /** @param start UTF-16 offset in the document where `text` stands */
  constructor(
    public start: number,
    public text: string,
  ) {}

  get end(): number {
    return this.start + this.text.length;
  }

  /**
   * Follows one edit event, whose changes are given from the back of the document forwards. What is inserted at either
   * end belongs to the stretch.
   * @returns false where a change reaches over an end of the stretch, or brings more than is worth a copy at each edit: it is
   * not to be used any more
   */
  follow(changes: readonly TextChange[]): boolean {
    return changes.every((change) => this.followOne(change));
  }

  /** What stands in the document there; '' where that is not in the stretch, or not all of it. */
  textAt({ rangeOffset, rangeLength }: Omit<TextChange, 'text'>): string {
    const from = rangeOffset - this.start;
    return from < 0 || from + rangeLength > this.text.length ? '' : this.text.slice(from, from + rangeLength);
  }

  private followOne({ rangeOffset, rangeLength, text }: TextChange): boolean {
    const from = rangeOffset - this.start;
    const to = from + rangeLength;
    if (from >= 0 && to <= this.text.length) {
      if (text.length > longestInsertion) return false;
      this.text = this.text.slice(0, from) + text + this.text.slice(to);
      return true;
    }
    if (to <= 0) {
      this.start += text.length - rangeLength;
      return true;
    }
    return from > this.text.length;
  }
}
