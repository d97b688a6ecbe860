/** Below the buttons, which are always in sight: what went wrong and what to do, or what was done. */
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
  const said = document.createElement('div');
  said.append(message?.text ?? '', ' ', ...(message?.actions ?? []).map(actionButton));
  box.replaceChildren(said, closeButton());
}

/** It has been read, or is past: the next state would bring it back. */
export function dismissMessage(): void {
  if (box.hidden) return;
  showMessage(null);
  vscode.postMessage({ type: 'dismiss' });
}

function closeButton(): HTMLElement {
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'close';
  close.textContent = '×';
  close.title = strings.close;
  close.setAttribute('aria-label', strings.close);
  close.addEventListener('click', () => {
    dismissMessage();
    // It had the keyboard, perhaps; these buttons are in sight wherever one reads.
    document.querySelector<HTMLElement>('#bar .buttons > :not([hidden])')?.focus();
  });
  return close;
}

function actionButton(type: PanelMessage['actions'][number]): HTMLElement {
  const action = document.createElement('button');
  action.type = 'button';
  action.className = 'link';
  action.textContent = strings[type];
  action.addEventListener('click', () => vscode.postMessage({ type }));
  return action;
}
