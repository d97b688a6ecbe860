/** An article as text for a document, a new file or the clipboard. */
import { modelStyle, styleOf } from '../../context/style/documentStyle';
import type { DocumentStyle } from '../../context/style/documentStyle';
import { withModelQuotes } from '../../context/style/modelForm';
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

/** As the models write, but with the quotes of its opening, whatever the model has for them. */
export function articleStyle({ opening }: Pick<Article, 'opening'>): DocumentStyle {
  return { ...modelStyle, quotes: styleOf(opening).quotes };
}

/** An article, or its beginning, with the model's quotes. */
export function forModel(article: Written): string {
  return withModelQuotes(article.opening + article.text, articleStyle(article).quotes);
}

/** Paragraphs with one "\n" between them, as the models write. */
export function bodyText({ opening, text }: Written): string {
  return (opening + text).trim();
}

export function asMarkdown(article: Written): string {
  const body = new ParagraphWriter({ blankLine: true, indent: '', eol: '\n', container: '' }, 'nothing').write(
    bodyText(article),
  );
  return `# ${article.title}\n\n${body}\n`;
}

/**
 * An article is whole paragraphs: it never joins the sentence that the cursor stands in.
 * @param restyled the article's text, which has the model's quotes, in the document's style
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
  const writer = new ParagraphWriter(style, lead !== '' || around.before === '' ? 'nothing' : 'text');
  return lead + writer.write(restyled(forModel(article).trim())) + tail;
}

function isBlank(line: string | null): boolean {
  return line === null || line.trim() === '';
}
