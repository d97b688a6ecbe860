/**
 * Which of a document's lines lie in code, mathematics or comments. Only lines that may begin or end such a block are kept, so
 * that an edit costs the lines that it changes; and what is behind the first of these is remembered, so that a question
 * costs those between the latest such edit and the line in question, once.
 */
import { afterLine, isStructural, textState } from './markdown';
import type { Block, BlockState } from './markdown';

interface Delimiter {
  line: number;
  text: string;
}

export class BlockIndex {
  /** In order of lines. */
  private delimiters: Delimiter[] = [];
  /** Behind each of the first ones. One may depend on the delimiter that follows. */
  private states: BlockState[] = [];

  /** Lines that follow those that were read. @param from index of the first */
  read(from: number, lines: readonly string[]): void {
    this.forgetFrom(this.delimiters.length);
    lines.forEach((text, i) => {
      if (isStructural(text)) this.delimiters.push({ line: from + i, text });
    });
    this.at(Infinity);
  }

  /** Lines `first` … `last`, both included, became `lines`. */
  replace(first: number, last: number, lines: readonly string[]): void {
    const from = this.firstAt(first);
    const behind = this.firstAt(last + 1);
    const shift = lines.length - (last - first + 1);
    const inserted = lines.map((text, i) => ({ line: first + i, text })).filter(({ text }) => isStructural(text));
    if (shift !== 0)
      for (let i = behind; i < this.delimiters.length; i++) (this.delimiters[i] as Delimiter).line += shift;
    if (behind === from && inserted.length === 0) return;
    this.delimiters.splice(from, behind - from, ...inserted);
    this.forgetFrom(from);
  }

  /** Line `line` and those below are not known any more. */
  cutAt(line: number): void {
    this.delimiters.length = this.firstAt(line);
    this.forgetFrom(this.delimiters.length);
  }

  /** In which block the line begins. */
  at(line: number): Block {
    const { delimiters, states } = this;
    const count = this.firstAt(line);
    for (let i = states.length; i < count; i++)
      states.push(afterLine((delimiters[i] as Delimiter).text, states[i - 1] ?? textState, delimiters[i + 1]?.text));
    return (states[count - 1] ?? textState).block;
  }

  /** Delimiters from `index` on have changed. */
  private forgetFrom(index: number): void {
    this.states.length = Math.min(this.states.length, Math.max(0, index - 1));
  }

  private firstAt(line: number): number {
    let [low, high] = [0, this.delimiters.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.delimiters[middle]?.line ?? 0) < line) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
