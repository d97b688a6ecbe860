/** The panel's side of the page: what it says, and whom it tells. */
import type { PanelRequest } from '../../src/pages';
import type { PanelStrings } from '../../src/editor/article/panelStrings';
import { connect, format, wordsOfPage } from '../page';

export { button, element, format } from '../page';

export const vscode = connect<PanelRequest>();

export const strings = wordsOfPage() as PanelStrings;

export function charactersInWords(count: number): string {
  return count === 1 ? strings.oneCharacter : format(strings.characters, count);
}
