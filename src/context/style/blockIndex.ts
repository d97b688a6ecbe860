/**
 * Which of a document's lines lie in code, mathematics or comments. Only lines that may begin or end such a block are kept, so
 * that an edit costs the lines that it changes; and what is behind the first of these is remembered, so that a question
 * costs those between the latest such edit and the line in question, once. The lines of quotations are kept, too: where one
 * is missing, the quotation has ended, and what has begun in it.
 */
import { afterLine, isQuoted, isStructural, looksAhead, stateAt, textState } from './markdown';
import type { Block, BlockState } from './markdown';

interface Delimiter {
  line: number;
  text: string;
  /** Not just a line of a quotation. */
  isStructural: boolean;
}

/** Of a document most lines are none: nothing is made for those. */
function delimitersOf(from: number, lines: readonly string[]): Delimiter[] {
  const found: Delimiter[] = [];
  lines.forEach((text, i) => {
    const structural = isStructural(text);
    if (structural || isQuoted(text)) found.push({ line: from + i, text, isStructural: structural });
  });
  return found;
}

export class BlockIndex {
  /** In order of lines. */
  private delimiters: Delimiter[] = [];
  /** Behind each of the first ones. One may depend on the delimiter that follows. */
  private states: BlockState[] = [];

  /** Lines that follow those that were read. @param from index of the first */
  read(from: number, lines: readonly string[]): void {
    this.forgetFrom(this.delimiters.length);
    for (const one of delimitersOf(from, lines)) this.delimiters.push(one);
    this.at(Infinity);
  }

  /** Lines `first` … `last`, both included, became `lines`. */
  replace(first: number, last: number, lines: readonly string[]): void {
    const from = this.firstAt(first);
    const behind = this.firstAt(last + 1);
    const shift = lines.length - (last - first + 1);
    const inserted = delimitersOf(first, lines);
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

  /** In which block the line begins. It has been read itself. */
  at(line: number): Block {
    const { delimiters, states } = this;
    const count = this.firstAt(line);
    for (let i = states.length; i < count; i++) {
      const { text } = delimiters[i] as Delimiter;
      states.push(afterLine(text, this.before(i), looksAhead(text) ? this.structuralBehind(i) : undefined));
    }
    const own = delimiters[count];
    return (own?.line === line ? stateAt(own.text, this.before(count)) : this.behind(count - 1, line)).block;
  }

  /** The state behind the line that comes before the delimiter of this index. */
  private before(index: number): BlockState {
    return this.behind(index - 1, (this.delimiters[index] as Delimiter).line - 1);
  }

  /** The state behind `line`. @param index of the latest delimiter until there */
  private behind(index: number, line: number): BlockState {
    const state = this.states[index] ?? textState;
    return state.quotes > 0 && (this.delimiters[index]?.line ?? line) < line ? textState : state;
  }

  private structuralBehind(index: number): string | undefined {
    let next = index + 1;
    while (this.delimiters[next]?.isStructural === false) next++;
    return this.delimiters[next]?.text;
  }

  /** Delimiters from `index` on have changed. */
  private forgetFrom(index: number): void {
    let above = index - 1;
    while (this.delimiters[above]?.isStructural === false) above--;
    const known = looksAhead(this.delimiters[above]?.text ?? '') ? above : index;
    this.states.length = Math.min(this.states.length, known);
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
