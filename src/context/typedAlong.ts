/** Whether what a writer has typed since goes along with a suggestion, in whatever width or quotes. */
import { isBoundary, normalForm, normalised } from './normalised';

/**
 * @param suggested as far as it has come
 * @param isWhole nothing more is to come
 */
export function goesAlong(typed: string, suggested: string, isWhole: boolean): boolean {
  const [mine, theirs] = [normalForm(typed), normalForm(suggested)];
  return theirs.startsWith(mine) || (!isWhole && mine.startsWith(theirs));
}

/** What is left of a suggestion behind what was typed along it; null where something else was typed, or part of a code point. */
export function restBehind(typed: string, suggested: string): string | null {
  if (suggested.startsWith(typed)) return suggested.slice(typed.length);
  const theirs = normalised(suggested);
  // A book that is pasted is not read: two units make one at most.
  if (typed.length > 2 * theirs.text.length) return null;
  const mine = normalForm(typed);
  if (!theirs.text.startsWith(mine) || !isBoundary(theirs, mine.length)) return null;
  return suggested.slice(theirs.offsets[mine.length]);
}

/**
 * What `text` says beyond `beginning`, where it begins with that in whatever width or quotes; null elsewhere. Of two long texts
 * only what comes behind their first difference is looked at.
 */
export function restBeyond(beginning: string, text: string): string | null {
  if (text.startsWith(beginning)) return text.slice(beginning.length);
  let same = 0;
  while (same < beginning.length && beginning[same] === text[same]) same++;
  return restBehind(beginning.slice(same), text.slice(same));
}
