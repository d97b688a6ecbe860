/** What every part of the page needs: its elements, its words, and a way to say something to the extension. */
import type { PanelRequest } from '../../src/protocol';
import type { PanelStrings } from '../../src/editor/article/panelStrings';

interface VsCodeApi {
  postMessage(request: PanelRequest): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export const vscode = acquireVsCodeApi();

export const strings = JSON.parse(document.body.dataset['strings'] ?? '{}') as PanelStrings;

/** @throws Error when panelPage.ts and this page disagree */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`#${id} is no ${kind.name}`);
}

export function button(id: string, onClick: () => void): HTMLButtonElement {
  const found = element(id, HTMLButtonElement);
  found.addEventListener('click', onClick);
  return found;
}

/** Fills {0}, {1} … in a translated sentence. */
export function format(sentence: string, ...values: (string | number)[]): string {
  return sentence.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));
}
