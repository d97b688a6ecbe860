/** What a document is about, in its own words: front matter, first heading, or the file's name. */
import { beginsBlock } from './style/markdown';

export interface TitledBody {
  title: string;
  /** Lines at the beginning that are no body text: front matter, the heading that gave the title. */
  headLines: number;
}

/** Names that say nothing about the text, such as Windows gives a new one: 新建文本文档 (2). */
const emptyNames =
  /^(?:untitled|readme|index|new|draft|无标题|未命名|新建|新(?=文)|草稿)?[-_ ]?(?:(?:空白|文本|text|markdown)?[-_ ]?(?:文档|文件|document|file))?[-_ ]?(?:\d+|[(（]\d+[)）])?$|^[\d\s._年月日-]+$/i;

/** How front matter is written. */
interface FrontMatter {
  fence: RegExp;
  closing: RegExp;
  /** title: , or the beginning of such a key. */
  key: RegExp;
  title: RegExp;
  /** Belongs to the key above: a list, a comment, what is indented. */
  belonging: RegExp;
}

const yaml: FrontMatter = {
  fence: /^---\s*$/,
  closing: /^(?:---|\.\.\.)\s*$/,
  key: /^["']?[\w\u4e00-\u9fff][\w\u4e00-\u9fff .-]{0,30}["']?[ \t]*:(?:\s|$)|^[\w-]+$/,
  title: /^title\s*:\s*/,
  belonging: /^(?:-(?:\s|$)|#|[ \t]+\S)/,
};

/** Hugo's. */
const toml: FrontMatter = {
  fence: /^\+\+\+\s*$/,
  closing: /^\+\+\+\s*$/,
  key: /^["']?[\w\u4e00-\u9fff][\w\u4e00-\u9fff .-]{0,30}["']?[ \t]*=|^\w[\w-]*$/,
  title: /^title\s*=\s*/,
  belonging: /^(?:\[|\]|#|[ \t]+\S)/,
};

const formatOf = ([first = '']: readonly string[]): FrontMatter => (toml.fence.test(first) ? toml : yaml);

/**
 * Whether the end of the front matter has yet to be looked for.
 * @param lines the first ones of a Markdown document
 */
export function frontMatterGoesOn(lines: readonly string[]): boolean {
  if (!begins(lines) || closingLine(lines) >= 0) return false;
  return lines.slice(1).every((line) => isOfFrontMatter(line, formatOf(lines)) || line.trim() === '');
}

/**
 * @param lines the document's first lines, some dozens are enough; more where `frontMatterGoesOn`
 * @param fileName with extension, without folders
 */
export function titleAndBody(lines: readonly string[], fileName: string, isMarkdown: boolean): TitledBody {
  const frontMatter = isMarkdown ? readFrontMatter(lines) : { title: '', end: 0 };
  const first = isMarkdown ? firstWords(lines, frontMatter.end) : -1;
  const [line, below] = isMarkdown ? [lines[first] ?? '', lines[first + 1] ?? ''] : ['', ''];
  const heading = /^ {0,3}#\s+(.+?)(?:\s+#+)?\s*$/.exec(line)?.[1];
  const other = frontMatter.title || titleFromName(fileName);
  if (heading !== undefined) return { title: wordsOf(heading) || other, headLines: first + 1 };
  if (isUnderlined(line, below)) return { title: wordsOf(line) || other, headLines: first + 2 };
  return { title: other, headLines: frontMatter.end };
}

/** A picture, and one with a link around it; their addresses in brackets, or by name. */
const picture = /!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])|\[!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])\](?:\([^)]*\)|\[[^\]]*\])/g;

/** Pictures, badges with the link around them, tags, a mark where the contents are to stand: above the heading, no text. */
function hasNoWords(line: string): boolean {
  const bare = line
    .replace(picture, '')
    .replace(/<\/?[A-Za-z][^>]*>/g, '')
    .trim();
  // A line that is cut off ends within one.
  return bare === '' || (bare !== line.trim() && /^\[?!\[/.test(bare)) || /^(?:\[toc\]|\[\[toc\]\])$/i.test(bare);
}

/** Of the first line that has words; −1 where there is none. */
function firstWords(lines: readonly string[], from: number): number {
  let isComment = false;
  for (let i = from; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const open = isComment ? 0 : line.search(/^\s*<!--/);
    if (open >= 0) {
      isComment = !line.includes('-->');
      if (isComment || /-->\s*$/.test(line)) continue;
    }
    if (!hasNoWords(line)) return i;
  }
  return -1;
}

/** A heading's words without what makes them bold, a link, code, or gives them a name: **雨** {#rain} */
function wordsOf(heading: string): string {
  return heading
    .replace(picture, '')
    .replace(/\[\^[^\]\s]+\]/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*{1,3}|__|~~|`+)(?=\S)(.*?\S)\1/g, '$2')
    .replace(/\s*\{[#.:][^}]*\}\s*$/, '')
    .trim();
}

/** The other way to write a first-level heading: === below it. */
function isUnderlined(line: string, below: string): boolean {
  return /^ {0,3}=+\s*$/.test(below) && line !== '' && !beginsBlock(line);
}

function readFrontMatter(lines: readonly string[]): { title: string; end: number } {
  const format = formatOf(lines);
  if (!format.fence.test(lines[0] ?? '')) return { title: '', end: 0 };
  const closed = closingLine(lines);
  const end = closed < 0 ? unclosedEnd(lines) : closed + 1;
  const at = lines.findIndex((line, i) => i > 0 && i < end && format.title.test(line));
  const entry = lines[at]?.replace(format.title, '') ?? '';
  // YAML's > and | tell that the text stands below.
  const title = /^[>|][-+\d]*\s*$/.test(entry) ? (/^\s.*/.exec(lines[at + 1] ?? '')?.[0] ?? '') : entry;
  return { title: title.replace(/^(["'])(.*)\1\s*$/, '$2').trim(), end };
}

/** A line of dashes above prose is a line of dashes: a key in ASCII has to follow. */
function begins(lines: readonly string[]): boolean {
  const [first = '', second = ''] = lines;
  const { fence, key } = formatOf(lines);
  return fence.test(first) && /^["']?\w/.test(second) && key.test(second);
}

function closingLine(lines: readonly string[]): number {
  const { closing } = formatOf(lines);
  return lines.findIndex((line, i) => i > 0 && closing.test(line));
}

function isOfFrontMatter(line: string, { key, belonging }: FrontMatter): boolean {
  return key.test(line) || belonging.test(line);
}

/** It is still being written: up to an empty line or to prose, and no prose stands in the empty lines behind it. */
function unclosedEnd(lines: readonly string[]): number {
  if (!begins(lines)) return 0;
  const format = formatOf(lines);
  let end = 1;
  while (end < lines.length && isOfFrontMatter(lines[end] ?? '', format)) end++;
  while (end < lines.length && lines[end]?.trim() === '') end++;
  return end;
}

function titleFromName(fileName: string): string {
  const name = fileName.replace(/\.[^.]*$/, '').trim();
  return emptyNames.test(name) ? '' : name;
}
