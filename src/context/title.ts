/** What a document is about, in its own words: front matter, first heading, or the file's name. */

export interface TitledBody {
  title: string;
  /** Lines at the beginning that are no body text: front matter, the heading that gave the title. */
  headLines: number;
}

/** Names that say nothing about the text. */
const emptyNames =
  /^(?:untitled|readme|index|new|draft|document|无标题|未命名|新建|草稿)[-_ ]?\d*$|^[\d\s._年月日-]+$/i;

/** What begins and ends front matter. */
const fence = /^---\s*$/;
const closing = /^(?:---|\.\.\.)\s*$/;
/** title: , or the beginning of such a key. */
const key = /^["']?[\w\u4e00-\u9fff][\w\u4e00-\u9fff .-]{0,30}["']?[ \t]*:(?:\s|$)|^[\w-]+$/;
/** Belongs to the key above: a list, a comment, what is indented. */
const belonging = /^(?:-(?:\s|$)|#|[ \t]+\S)/;

/**
 * Whether the end of the front matter has yet to be looked for.
 * @param lines the first ones of a Markdown document
 */
export function frontMatterGoesOn(lines: readonly string[]): boolean {
  if (!begins(lines) || closingLine(lines) >= 0) return false;
  return lines.slice(1).every((line) => isOfFrontMatter(line) || line.trim() === '');
}

/**
 * @param lines the document's first lines, some dozens are enough; more where `frontMatterGoesOn`
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
  if (!fence.test(lines[0] ?? '')) return { title: '', end: 0 };
  const closed = closingLine(lines);
  const end = closed < 0 ? unclosedEnd(lines) : closed + 1;
  const entry = lines.slice(1, end).find((line) => /^title\s*:/.test(line));
  const title = entry?.replace(/^title\s*:\s*/, '').replace(/^(["'])(.*)\1\s*$/, '$2') ?? '';
  return { title: title.trim(), end };
}

/** A line of dashes above prose is a line of dashes: a key in ASCII has to follow. */
function begins([first = '', second = '']: readonly string[]): boolean {
  return fence.test(first) && /^["']?\w/.test(second) && key.test(second);
}

function closingLine(lines: readonly string[]): number {
  return lines.findIndex((line, i) => i > 0 && closing.test(line));
}

function isOfFrontMatter(line: string): boolean {
  return key.test(line) || belonging.test(line);
}

/** It is still being written: up to an empty line or to prose, and no prose stands in the empty lines behind it. */
function unclosedEnd(lines: readonly string[]): number {
  if (!begins(lines)) return 0;
  let end = 1;
  while (end < lines.length && isOfFrontMatter(lines[end] ?? '')) end++;
  while (end < lines.length && lines[end]?.trim() === '') end++;
  return end;
}

function titleFromName(fileName: string): string {
  const name = fileName.replace(/\.[^.]*$/, '').trim();
  return emptyNames.test(name) ? '' : name;
}
