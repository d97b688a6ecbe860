/**
 * 字数 of a document that is being edited. The text is cut into blocks whose counts are kept, so that an edit counts one
 * block anew, however long the document or its lines:
 *
 *     │ 故乡的雨总是下得很慢…… │ 我在写 VS Co ┊ de 里的文章。 │ ……
 *                                              └ a seam: what counting the two sides apart counts too often
 *
 * A word that a cut falls into is counted on both sides; the seam, a small count of its own, takes it back.
 *
 * The text around the block that was counted last is kept, and follows the edits: who types on has nothing read again.
 */
import { characterCount } from './characterCount';
import type { CharacterCount } from './characterCount';
import { TextMirror } from './textMirror';
import type { TextChange } from './trackedRange';

interface Block {
  /** UTF-16 units. */
  length: number;
  /** null: not counted yet, or edited since. */
  count: CharacterCount | null;
  /** Belongs to the sum where a block stands before this one. */
  seam: CharacterCount;
}

/** UTF-16 units of a block, if it can be chosen; a block that edits made longer than twice that is cut. */
const blockLength = 1000;
/** What a seam depends on of either side: an inner mark and a letter with its accents. No block is shorter. */
const seamLength = 16;

const nothing: CharacterCount = { all: 0, withoutPunctuation: 0 };

export class CharacterTally {
  private units: number;
  private blocks: Block[];
  private latest: TextMirror | null = null;

  /**
   * @param length of the text, in UTF-16 units
   * @param read a stretch of the text as it is now
   */
  constructor(
    length: number,
    private readonly read: (from: number, to: number) => string,
  ) {
    this.units = length;
    this.blocks = [{ length, count: null, seam: nothing }];
  }

  /** In UTF-16 units; what it is not equal to, this tally has not followed. */
  get length(): number {
    return this.units;
  }

  /** Follows one edit, which may be several changes, given from the back of the text forwards. Counts nothing. */
  edit(changes: readonly TextChange[]): void {
    // Each is looked for from the one before: to replace a word everywhere in a book is thousands of changes.
    let near = { index: 0, start: 0 };
    for (const change of changes) near = this.change(change, near);
    if (!this.latest?.follow(changes)) this.latest = null;
  }

  /** Counts a block that needs it. @returns false when there was none: the counts are those of the text. */
  countBlock(): boolean {
    let from = 0;
    for (let index = 0; index < this.blocks.length; index++) {
      const { length, count } = this.blocks[index] as Block;
      if (count === null) {
        this.countAt(index, from);
        return true;
      }
      from += length;
    }
    return false;
  }

  /** Of the whole text; null while there is something to count. */
  total(): CharacterCount | null {
    // The first seam has nothing before it. (Not −0, with which each of a thousand sums would be an object of its own; nor
    // would what an iterator gives be less.)
    let all = 0 - (this.blocks[0]?.seam.all ?? 0);
    let withoutPunctuation = 0 - (this.blocks[0]?.seam.withoutPunctuation ?? 0);
    for (let index = 0; index < this.blocks.length; index++) {
      const { count, seam } = this.blocks[index] as Block;
      if (!count) return null;
      all += count.all + seam.all;
      withoutPunctuation += count.withoutPunctuation + seam.withoutPunctuation;
    }
    return { all, withoutPunctuation };
  }

  /** Of a stretch of the text, counted by itself; null while there is something to count in it. */
  between(from: number, to: number): CharacterCount | null {
    let end = 0;
    let sum: CharacterCount | null = null;
    for (const { length, count, seam } of this.blocks) {
      const start = end;
      end += length;
      if (end <= from || start >= to) continue;
      if (start >= from && end <= to) {
        // A block whole; before it a part of a block, a block, or nothing.
        if (!count) return null;
        if (!sum) sum = count;
        else sum = add(add(sum, count), start - from < seamLength ? this.seamAt(start, from, to) : seam);
      } else {
        const [partStart, partEnd] = [Math.max(start, from), Math.min(end, to)];
        if (partEnd - partStart > 4 * blockLength) return null;
        const part = characterCount(this.read(partStart, partEnd));
        sum = sum ? add(add(sum, part), this.seamAt(partStart, from, to)) : part;
      }
    }
    return sum ?? nothing;
  }

  /** @param near a block and where it begins; @returns the block that was changed */
  private change(
    { rangeOffset, rangeLength, text }: TextChange,
    near: { index: number; start: number },
  ): { index: number; start: number } {
    const { blocks } = this;
    this.units += text.length - rangeLength;
    // The first block that the change touches, and the one behind the last.
    let { index: first, start } = near;
    while (first > 0 && start >= rangeOffset) start -= (blocks[--first] as Block).length;
    while (first < blocks.length - 1 && start + (blocks[first] as Block).length < rangeOffset)
      start += (blocks[first++] as Block).length;
    let behind = first;
    let end = start;
    while (behind < blocks.length && (behind === first || end < rangeOffset + rangeLength))
      end += (blocks[behind++] as Block).length;
    let length = end - start - rangeLength + text.length;
    while (length < seamLength && behind < blocks.length) length += (blocks[behind++] as Block).length;
    while (length < seamLength && first > 0) {
      const { length: before } = blocks[--first] as Block;
      length += before;
      start -= before;
    }
    blocks.splice(first, behind - first, { length, count: null, seam: nothing });
    return { index: first, start };
  }

  /** Counts the block, or as much of it as makes a block of its own. */
  private countAt(index: number, from: number): void {
    const block = this.blocks[index] as Block;
    const rest = block.length > 2 * blockLength ? block.length - blockLength : 0;
    const length = block.length - rest;
    if (rest > 0) this.blocks.splice(index + 1, 0, { length: rest, count: null, seam: nothing });
    const before = Math.min(from, seamLength);
    const text = this.around(from - before, from + length + seamLength);
    const count = characterCount(text.slice(before, before + length));
    const seam = seamIn(text, before);
    this.blocks[index] = { length, count, seam };
    const next = this.blocks[index + 1];
    if (next) next.seam = seamIn(text, before + length);
  }

  private around(from: number, to: number): string {
    const { latest } = this;
    const isThere = latest && from >= latest.start && (to <= latest.end || latest.end === this.units);
    // It grows with what is typed.
    if (!isThere || latest.text.length > 4 * blockLength) this.latest = new TextMirror(from, this.read(from, to));
    const { start, text } = this.latest as TextMirror;
    return text.slice(from - start, to - start);
  }

  /** The seam at `at` in the stretch `from` … `to`. */
  private seamAt(at: number, from: number, to: number): CharacterCount {
    const start = Math.max(from, at - seamLength);
    return seamIn(this.read(start, Math.min(to, at + seamLength)), at - start);
  }
}

/** What the two sides of `at` count too often, as a count below zero. */
function seamIn(text: string, at: number): CharacterCount {
  const left = text.slice(Math.max(0, at - seamLength), at);
  const right = text.slice(at, at + seamLength);
  const apart = add(characterCount(left), characterCount(right));
  const whole = characterCount(left + right);
  return { all: whole.all - apart.all, withoutPunctuation: whole.withoutPunctuation - apart.withoutPunctuation };
}

export function add(a: CharacterCount, b: CharacterCount): CharacterCount {
  return { all: a.all + b.all, withoutPunctuation: a.withoutPunctuation + b.withoutPunctuation };
}
