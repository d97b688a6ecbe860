/** What may come first in a line, and in a text: rules of writing that a small model breaks now and then. */
import type { Tokenizer } from '../tokenizer/tokenizer';

/**
 * These close something or go on with it; CPM's vocabulary has the ASCII marks in place of the full-width ones. Empty lines
 * and indents are the document's style, which is taken from what the model reads and given to what it writes.
 */
const cannotBeginLine = /^[\n，。、；：！？”’」』）》〉】〕\u3000]|^[,.;:!?)]$/u;
const cannotBeginText = /^\s/u;

export class LineStart {
  private tokenIds: { line: readonly number[]; text: readonly number[] } | null = null;

  constructor(private readonly tokenizer: Tokenizer) {}

  /** Whether what follows these tokens of a text begins a line. */
  isAt(textIds: readonly number[]): boolean {
    const last = textIds.at(-1);
    return last === undefined || this.tokenizer.tokenBytes(last).at(-1) === 0x0a;
  }

  /** `logits` [vocabSize] with −∞ for every token that cannot come first, where `textIds` end. */
  only(logits: Float32Array, textIds: readonly number[]): Float32Array {
    const { line, text } = (this.tokenIds ??= this.find());
    const allowed = logits.slice();
    for (const id of line) allowed[id] = -Infinity;
    if (textIds.length === 0) for (const id of text) allowed[id] = -Infinity;
    return allowed;
  }

  private find() {
    const line: number[] = [];
    const text: number[] = [];
    for (let id = 0; id < this.tokenizer.vocabSize; id++) {
      const piece = Buffer.from(this.tokenizer.tokenBytes(id)).toString();
      if (cannotBeginLine.test(piece)) line.push(id);
      else if (cannotBeginText.test(piece)) text.push(id);
    }
    return { line, text };
  }
}
