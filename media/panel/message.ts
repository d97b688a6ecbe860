/** One line below the buttons: what went wrong and what to do, or what was done. */
import type { PanelMessage } from '../../src/pages';
import { element, strings, vscode } from './page';

const box = element('message', HTMLElement);

let shown = '';

export function showMessage(message: PanelMessage | null): void {
  const wanted = JSON.stringify(message);
  // Said once, not again with every state.
  if (wanted === shown) return;
  shown = wanted;
  box.hidden = message === null;
  box.className = message?.kind ?? '';
  box.replaceChildren(message?.text ?? '', ' ', ...(message?.actions ?? []).map(actionButton));
}

function actionButton(type: PanelMessage['actions'][number]): HTMLElement {
  const action = document.createElement('button');
  action.type = 'button';
  action.className = 'link';
  action.textContent = strings[type];
  action.addEventListener('click', () => vscode.postMessage({ type }));
  return action;
}
