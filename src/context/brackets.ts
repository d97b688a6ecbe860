/**
 * Brackets and quotes in pairs, in whatever width. VS Code closes a bracket by itself, and an input method can: “()” comes
 * at one key, and the cursor is between them.
 */
import { normalForm } from './normalised';

const pairs = '“”‘’「」『』（）《》〈〉【】〔〕()[]{}<>';

/** Of a mark that opens (side 0) or closes (1): what closes it, in the form in which texts are compared; '' of others. */
function closing(mark: string, side: 0 | 1): string {
  const at = pairs.indexOf(mark);
  return mark.length === 1 && at % 2 === side ? normalForm(pairs.charAt(at | 1)) : '';
}

/** Where `text` closes what `closer`, which stands behind it, is to close; −1 where it does not. */
export function closedAt(text: string, closer: string): number {
  // Straight quotes close as well as open.
  const wanted = /^["']$/.test(closer) ? closer : closing(closer, 1);
  if (wanted === '') return -1;
  let open = 0;
  for (let i = 0; i < text.length; i++) {
    if (closing(text.charAt(i), 0) === wanted) open++;
    else if (closing(text.charAt(i), 1) === wanted && open-- === 0) return i;
  }
  return -1;
}

export function isCloser(mark: string): boolean {
  return closing(mark, 1) !== '';
}

/** Whether `closer` would close what `text` opens. */
export function isOpenIn(text: string, closer: string): boolean {
  return closedAt(text + closer, closer) < 0;
}

/** How much of what one key inserts stands before the cursor, in UTF-16 units. */
export function typedLength(text: string): number {
  const at = text.length === 2 ? pairs.indexOf(text) : -1;
  return at >= 0 && at % 2 === 0 ? 1 : text.length;
}

/** What was typed up to `end`, where nothing but what VS Code closed stands behind it; else all. */
export function withoutClosers(text: string, end: number): string {
  return Array.from(text.slice(end)).every(isCloser) ? text.slice(0, end) : text;
}
