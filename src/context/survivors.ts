/** What is left in a document of a stretch of it, whatever was edited there since. No text is kept, only where it stands. */
import type { TextChange } from './trackedRange';

interface Stretch {
  start: number;
  end: number;
}

export class Survivors {
  private stretches: Stretch[];

  /** Offsets in UTF-16 units. */
  constructor(
    start: number,
    private readonly length: number,
  ) {
    this.stretches = [{ start, end: start + length }];
  }

  /** All of it is left; something may have been written in between. */
  get isWhole(): boolean {
    return this.stretches.reduce((sum, { start, end }) => sum + end - start, 0) === this.length;
  }

  /** In the order of the document. */
  get left(): readonly Readonly<Stretch>[] {
    return this.stretches;
  }

  /** Several changes of one edit are given from the back of the document forwards. */
  follow({ rangeOffset, rangeLength, text }: TextChange): void {
    const removedEnd = rangeOffset + rangeLength;
    const shift = text.length - rangeLength;
    this.stretches = this.stretches
      .flatMap(({ start, end }) => [
        { start, end: Math.min(end, rangeOffset) },
        { start: Math.max(start, removedEnd) + shift, end: end + shift },
      ])
      .filter(({ start, end }) => start < end);
  }
}
