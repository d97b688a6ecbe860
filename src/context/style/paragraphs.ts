/** How a document sets its paragraphs, and generated text in that style. */
import { containerOf, nextContainer } from './markdown';

export interface ParagraphStyle {
  /** An empty line stands between paragraphs. */
  blankLine: boolean;
  /** What a paragraph begins with: '' or an indent such as two ideographic spaces. */
  indent: string;
  /** "\n" or "\r\n". */
  eol: string;
  /** What the next paragraph begins with in a list or a quotation, as "2. " or "> "; '' outside of them. */
  container: string;
}

/**
 * Read from the paragraphs before the cursor; where there are none to learn from, Markdown's custom holds there and one
 * line to a paragraph elsewhere.
 */
export function paragraphStyle(textBefore: string, isMarkdown: boolean, eol: string): ParagraphStyle {
  const lines = textBefore.split(/\r\n?|\n/);
  const prose = lines.filter((line) => line.trim() !== '' && !/^\s*(?:[#>*+-]|\d+\.)\s/.test(line));
  const indented = prose.filter((line) => /^[\u3000 \t]/.test(line));
  const indent = indented.length * 2 > prose.length ? (/^[\u3000 \t]+/.exec(indented.at(-1) ?? '')?.[0] ?? '') : '';
  let blank = 0;
  let solid = 0;
  for (let i = 1; i < lines.length; i++) {
    if ((lines[i] ?? '').trim() === '') continue;
    if ((lines[i - 1] ?? '').trim() === '') blank++;
    else solid++;
  }
  const container = isMarkdown ? nextContainer(lines.at(-1) ?? '') : '';
  return {
    blankLine: blank + solid === 0 ? isMarkdown : isMarkdown ? blank >= solid : blank > solid,
    indent,
    eol,
    container,
  };
}

/** What stands in its line before the first character: text, nothing, or the indent or marker of the paragraph that it begins. */
export type LineBefore = 'text' | 'nothing' | 'marker';

export function lineBefore(line: string, isMarkdown: boolean): LineBefore {
  if (line === '') return 'nothing';
  const words = isMarkdown ? line.slice(containerOf(line).length) : line;
  return /^[\u3000 \t]*$/.test(words) ? 'marker' : 'text';
}

/** Generated text, piece by piece, in a document's style. The model's "\n" always ends a paragraph. */
export class ParagraphWriter {
  /** Of the paragraph that begins next. */
  private container: string;
  private atLineStart: boolean;
  /** The paragraph has been begun already. */
  private hasMarker: boolean;

  constructor(
    private readonly style: ParagraphStyle,
    before: LineBefore,
  ) {
    this.container = style.container;
    this.atLineStart = before !== 'text';
    this.hasMarker = before === 'marker';
  }

  /** @returns `piece` as it is to be inserted, often as it is. */
  write(piece: string): string {
    let text = '';
    for (const character of piece) {
      if (character === '\n') {
        // No second break in a row: a paragraph is never empty.
        if (!this.atLineStart) text += this.break();
        this.atLineStart = true;
      } else {
        if (this.atLineStart && !this.hasMarker) text += this.begin();
        this.atLineStart = this.hasMarker = false;
        text += character;
      }
    }
    return text;
  }

  private begin(): string {
    const { container } = this;
    this.container = nextContainer(container);
    return container === '' ? this.style.indent : container;
  }

  private break(): string {
    const { blankLine, eol } = this.style;
    if (this.container === '') return blankLine ? eol + eol : eol;
    const isQuotation = /^\s*>\s*$/.test(this.container);
    return isQuotation && blankLine ? eol + this.container.trimEnd() + eol : eol;
  }
}
