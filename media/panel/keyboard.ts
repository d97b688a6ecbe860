/** Where keys go in this page: when it is given the keyboard it hands it to a field, or what is typed would go nowhere. */
import { element } from './page';

const title = element('title', HTMLInputElement);

/** Behind a dialog VS Code may give the keyboard to the page, take it once more and give it again. */
const settlesMs = 1000;

/** What had the keyboard before a dialog of VS Code's took it from the page, which then remembers nothing of it. */
let beforeDialog: Element | null = null;
/** Runs from when the page has the keyboard again. */
let settling: number | undefined;

export function startKeyboard(): void {
  window.addEventListener('focus', takeKeyboard);
  if (document.hasFocus()) takeKeyboard();
}

/** To be called by whatever leads to a dialog. */
export function lendKeyboard(): void {
  clearTimeout(settling);
  beforeDialog = document.activeElement;
}

/** What has the keyboard, or will have it when the dialog is answered. */
export function keyboardHolder(): Element | null {
  return document.hasFocus() ? document.activeElement : (beforeDialog ?? document.activeElement);
}

/** For what takes the place of something that had the keyboard and is gone. */
export function handKeyboardTo(next: HTMLElement = title): void {
  if (beforeDialog) beforeDialog = next;
  if (!beforeDialog || document.hasFocus()) next.focus();
}

function takeKeyboard(): void {
  clearTimeout(settling);
  settling = setTimeout(() => (beforeDialog = null), settlesMs);
  if (document.activeElement !== document.body) return;
  const next = beforeDialog instanceof HTMLElement && beforeDialog.isConnected ? beforeDialog : title;
  // The mouse may have brought it: what is under it must stay there until the button is let go.
  next.focus({ preventScroll: true });
}
