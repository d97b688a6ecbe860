/** The list of what was written in this workspace. */
import type { ArticleSummary } from '../../src/pages';
import { handKeyboardTo, keyboardHolder, lendKeyboard } from './keyboard';
import { button, charactersInWords, element, format, strings, vscode } from './page';

const section = element('history', HTMLDetailsElement);
const list = element('entries', HTMLUListElement);
const day = { month: 'numeric', day: 'numeric' } as const;
const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;

let drawn = '';

export function startHistory(): void {
  button('erase-all', () => {
    lendKeyboard();
    vscode.postMessage({ type: 'eraseAll' });
  });
}

export function showHistory(history: ArticleSummary[], shownId: string | undefined): void {
  const wanted = JSON.stringify([history, shownId]);
  if (wanted === drawn) return;
  drawn = wanted;
  const holder = keyboardHolder();
  section.hidden = history.length === 0;
  if (section.hidden && section.contains(holder)) handKeyboardTo();
  // Whoever went through the list with the keyboard goes on from the same place.
  const focused = list.contains(holder) ? (holder?.id ?? '') : '';
  const position = Array.from(list.querySelectorAll('button')).findIndex(({ id }) => id === focused);
  list.replaceChildren(...history.map((entry) => listItem(entry, entry.id === shownId)));
  if (focused === '') return;
  const buttons = Array.from(list.querySelectorAll('button'));
  const next = buttons.find(({ id }) => id === focused) ?? buttons[Math.min(position, buttons.length - 1)];
  if (next) handKeyboardTo(next);
}

/** The year only where it is another one: the panel is narrow. */
function dateOf(startedAt: number): string {
  const date = new Date(startedAt);
  const year = date.getFullYear() === new Date().getFullYear() ? {} : ({ year: 'numeric' } as const);
  return new Intl.DateTimeFormat(document.documentElement.lang, { ...year, ...day, ...time }).format(date);
}

function listItem({ id, title, startedAt, state, characters }: ArticleSummary, isShown: boolean): HTMLLIElement {
  const show = document.createElement('button');
  show.type = 'button';
  show.id = `show-${id}`;
  show.className = 'entry';
  if (isShown) show.setAttribute('aria-current', 'true');
  const name = document.createElement('span');
  name.lang = 'zh';
  name.textContent = title;
  const about = document.createElement('small');
  const count = state === 'writing' ? strings.writing : charactersInWords(characters);
  about.textContent = `${count} · ${dateOf(startedAt)}`;
  show.append(name, about);
  show.addEventListener('click', () => vscode.postMessage({ type: 'show', id }));

  const erase = document.createElement('button');
  erase.type = 'button';
  erase.id = `erase-${id}`;
  erase.className = 'erase';
  erase.textContent = '×';
  erase.title = format(strings.erase, title);
  erase.setAttribute('aria-label', erase.title);
  erase.addEventListener('click', () => {
    lendKeyboard();
    vscode.postMessage({ type: 'erase', id });
  });

  const item = document.createElement('li');
  item.append(show, erase);
  return item;
}
