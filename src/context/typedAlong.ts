/** Whether what a writer has typed since goes along with a suggestion that is still being written. */
import { normalised } from './normalised';

/**
 * @param suggested as far as it has come
 * @param isWhole nothing more is to come
 */
export function goesAlong(typed: string, suggested: string, isWhole: boolean): boolean {
  const [mine, theirs] = [normalised(typed).text, normalised(suggested).text];
  return theirs.startsWith(mine) || (!isWhole && mine.startsWith(theirs));
}
