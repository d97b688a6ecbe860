/** An article as text for a document, a new file or the clipboard. */
import { ParagraphWriter } from '../../context/style/paragraphs';
import type { ParagraphStyle } from '../../context/style/paragraphs';
import type { Article } from '../../pages';

type Written = Pick<Article, 'title' | 'opening' | 'text'>;

/** What surrounds the place of insertion; null where the document begins or ends. */
export interface Surroundings {
  lineAbove: string | null;
  /** The cursor's line, left and right of it. */
  before: string;
  after: string;
  lineBelow: string | null;
}

/** Paragraphs with one "\n" between them, as the models write. */
export function bodyText({ opening, text }: Written): string {
  return (opening + text).trim();
}

export function asMarkdown(article: Written): string {
  const body = new ParagraphWriter({ blankLine: true, indent: '', eol: '\n', container: '' }, true).write(
    bodyText(article),
  );
  return `# ${article.title}\n\n${body}\n`;
}

/**
 * An article is whole paragraphs: it never joins the sentence that the cursor stands in.
 * @param restyled the article's text in the document's style
 */
export function insertion(
  article: Written,
  around: Surroundings,
  style: ParagraphStyle,
  restyled: (text: string) => string = (text) => text,
): string {
  const { blankLine, indent, eol } = style;
  const paragraphBreak = blankLine ? eol + eol : eol;
  let lead = '';
  if (!isBlank(around.before)) lead = paragraphBreak;
  else if (blankLine && !isBlank(around.lineAbove)) lead = eol;
  let tail = '';
  // The rest of a line that is cut becomes a paragraph of its own.
  if (!isBlank(around.after)) tail = paragraphBreak + (around.before === '' ? '' : indent);
  else if (blankLine && !isBlank(around.lineBelow)) tail = eol;
  const writer = new ParagraphWriter(style, lead !== '' || around.before === '');
  return lead + writer.write(restyled(bodyText(article))) + tail;
}

function isBlank(line: string | null): boolean {
  return line === null || line.trim() === '';
}
