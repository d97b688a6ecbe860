/** What Enter leaves in a text whose paragraphs begin with 　　: the new one has it too, and an empty one above has not. */

/** Ideographic spaces, as paragraphs begin; other indents are VS Code's own. */
const indent = /^\u3000+/;

function indentOf(line: string): string {
  return indent.exec(line)?.[0] ?? '';
}

export interface IndentRepair {
  /** What the new line lacks at its beginning. */
  insert: string;
  /** Which of the lines above hold nothing but an indent, which is to be taken away; 0 is the nearest. */
  emptied: number[];
}

/**
 * VS Code carries the indent by a rule of ours, but not always: a second Enter may come before it has read what the first
 * one left. Whatever came of it, this is what is still to be done.
 * @param line the new one
 * @param above the lines above it, the nearest first
 */
export function repairAfterEnter(line: string, above: readonly string[]): IndentRepair {
  const paragraph = above.findIndex((text) => text.trim() !== '');
  const empty = paragraph < 0 ? above : above.slice(0, paragraph);
  // Where there is no paragraph yet, an indent that stands alone tells how they begin.
  const carried = indentOf(above[paragraph] ?? '') || (empty.map(indentOf).find((text) => text !== '') ?? '');
  const emptied = empty.flatMap((text, i) => (text !== '' && indentOf(text) === text ? [i] : []));
  return { insert: indentOf(line) === '' ? carried : '', emptied };
}
