/** What every page needs: its elements, its words, and a way to say something to the extension. */

interface VsCodeApi<Request> {
  postMessage(request: Request): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi<unknown>;

/** Once in a page. */
export const connect = <Request>(): VsCodeApi<Request> => acquireVsCodeApi();

/** As webviewPage.ts put them into the page. */
export const wordsOfPage = (): unknown => JSON.parse(document.body.dataset['strings'] ?? '{}');

/** @throws Error when the page and its script disagree */
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
