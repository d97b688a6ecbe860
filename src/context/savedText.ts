/** A text that was saved while something was being written in it. */

/**
 * How much of what stands in `text` from `start` to `end` is in `saved`, which may lack the last of it and have other blanks
 * at its end. @returns null where `saved` is another text
 */
export function lengthSaved(saved: string, text: string, start: number, end: number): number | null {
  if (saved.trim() === '') return null;
  const behind = text.slice(end).trimEnd();
  let at = 0;
  while (at < end && saved[at] === text[at]) at++;
  // What stands behind may begin as that which is missing.
  for (; at >= start; at--) if (saved.slice(at).trimEnd() === behind) return at - start;
  return null;
}
