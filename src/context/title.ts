/** What a document is about, in its own words: front matter, first heading, or the file's name. */

export interface TitledBody {
  title: string;
  /** Lines at the beginning that are no body text: front matter, the heading that gave the title. */
  headLines: number;
}

/** Names that say nothing about the text. */
const emptyNames =
  /^(?:untitled|readme|index|new|draft|document|无标题|未命名|新建|草稿)[-_ ]?\d*$|^[\d\s._年月日-]+$/i;

/**
 * @param lines the document's first lines, some dozens are enough
 * @param fileName with extension, without folders
 */
export function titleAndBody(lines: readonly string[], fileName: string, isMarkdown: boolean): TitledBody {
  const frontMatter = isMarkdown ? readFrontMatter(lines) : { title: '', end: 0 };
  const first = lines.findIndex((line, i) => i >= frontMatter.end && line.trim() !== '');
  const heading = isMarkdown ? /^#\s+(.+?)(?:\s+#+)?\s*$/.exec(lines[first] ?? '')?.[1] : undefined;
  return {
    title: heading ?? (frontMatter.title || titleFromName(fileName)),
    headLines: heading === undefined ? frontMatter.end : first + 1,
  };
}

function readFrontMatter(lines: readonly string[]): { title: string; end: number } {
  if (lines[0]?.trim() !== '---') return { title: '', end: 0 };
  const end = lines.findIndex((line, i) => i > 0 && /^(?:---|\.\.\.)\s*$/.test(line));
  if (end < 0) return { title: '', end: 0 };
  const entry = lines.slice(1, end).find((line) => /^title\s*:/.test(line));
  const title = entry?.replace(/^title\s*:\s*/, '').replace(/^(["'])(.*)\1\s*$/, '$2') ?? '';
  return { title: title.trim(), end: end + 1 };
}

function titleFromName(fileName: string): string {
  const name = fileName.replace(/\.[^.]*$/, '').trim();
  return emptyNames.test(name) ? '' : name;
}
