/** Rare Han characters and emoji are two UTF-16 units: what is cut by units must not leave one of them behind. */

/** `end`, or the place before it where that would be within a character. */
export function characterEnd(text: string, end: number): number {
  return /[\udc00-\udfff]/.test(text[end] ?? '') && /[\ud800-\udbff]/.test(text[end - 1] ?? '') ? end - 1 : end;
}
