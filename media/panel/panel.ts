/** The page of the 题目成文 panel: shows the state that the extension sends, and tells it what the writer does. */
import { characterCount } from '../../src/context/characterCount';
import { assertNever } from '../../src/errors';
import type { Article, PanelReply } from '../../src/pages';
import { appendText, bringTitleIntoView, showText } from './articleText';
import { fillForm, readForm, restoreForm, startForm } from './form';
import { showHistory, startHistory } from './history';
import { startKeyboard } from './keyboard';
import { dismissMessage, showMessage } from './message';
import { button, element, format, strings, vscode } from './page';
import { showFacts, statusOf } from './status';

type State = Extract<PanelReply, { type: 'state' }>;

const progress = element('progress', HTMLProgressElement);
const status = element('status', HTMLElement);
const announcer = element('announcer', HTMLElement);
const result = element('result', HTMLElement);
const ofArticle = { insert: 'insert', 'open-as-document': 'openAsDocument', copy: 'copy', retry: 'retry' } as const;

let article: Article | null = null;
let writingId: string | null = null;
/** VS Code scrolls a page that it loads again to where it was. */
let isFirstState = true;

const stop = button('stop', () => vscode.postMessage({ type: 'stop' }));
const generate = element('generate', HTMLButtonElement);
if (navigator.userAgent.includes('Mac')) generate.title = '⌘+Enter';
const articleButtons = Object.entries(ofArticle).map(([id, type]) =>
  button(id, () => {
    if (article) vscode.postMessage({ type, id: article.id });
  }),
);

function requestArticle(): void {
  // Enter in a field asks, too, when there is no button for it.
  if (writingId !== null) return;
  const request = readForm();
  if (request) vscode.postMessage({ type: 'generate', request });
  else showMessage({ kind: 'problem', text: strings.titleMissing, actions: [] });
}

function showState(state: State): void {
  const before = { id: article?.id, state: article?.state };
  article = state.article;
  writingId = state.writingId;
  document.body.classList.toggle('writing', article !== null && article.id === writingId);
  showButtons();
  showMessage(state.message);
  restoreForm(state.draft);
  showHistory(state.history, article?.id);
  element('trial', HTMLElement).hidden = !state.model.isTrial;
  showArticle(state.model.isLoading);
  if (article && article.id !== before.id && !isFirstState) bringTitleIntoView();
  isFirstState = false;
  if (before.id === article?.id && before.state !== article?.state)
    announcer.textContent = article ? statusOf(article, false).join(' · ') : '';
  else if (article?.state === 'writing' && before.id !== article.id) announcer.textContent = strings.writing;
}

/** Buttons take each other's place; a focus on one that goes is handed on, or the keyboard would be lost. */
function showButtons(): void {
  const isWriting = writingId !== null;
  const focused = document.activeElement;
  stop.hidden = !isWriting;
  generate.hidden = isWriting;
  const isEmpty = isNothing(article);
  // An older article can be used while another one is being written.
  for (const each of articleButtons) each.disabled = isEmpty || article?.id === writingId;
  element('retry', HTMLButtonElement).hidden = isWriting || isEmpty;
  if (focused === generate || focused?.id === 'retry') stop.focus();
  if (focused === stop) generate.focus();
}

function showArticle(isLoading: boolean): void {
  const text = textOf(article);
  // Nothing came of it, and the history has no such article; status and message say why, and its opening is in the form.
  result.hidden = isNothing(article) && article?.state !== 'writing';
  element('article-title', HTMLElement).textContent = article?.title ?? '';
  showText(text);
  if (article) {
    const { length, preset, seed } = article;
    const facts = [format(strings.wanted, length), strings[preset], format(strings.seedOf, seed)];
    element('settings', HTMLElement).textContent = facts.join(' · ');
  }
  showStatus(isLoading);
}

function showStatus(isLoading = false): void {
  progress.hidden = article?.state !== 'writing';
  showFacts(status, article ? statusOf(article, isLoading) : []);
  if (article?.state !== 'writing') return;
  progress.max = article.length;
  if (article.text === '') progress.removeAttribute('value');
  else progress.value = Math.min(article.length, characterCount(textOf(article)).all);
}

/** None, or one of which the model has written no word. */
function isNothing(from: Article | null): boolean {
  return (from?.text ?? '') === '';
}

function textOf(from: Article | null): string {
  return from ? from.opening + from.text : '';
}

let statusDue = false;

function grow({ id, from, text, writingMs }: Extract<PanelReply, { type: 'delta' }>): void {
  if (article?.id !== id) return;
  if (from > article.text.length) {
    // Something was missed.
    vscode.postMessage({ type: 'ready' });
    return;
  }
  const fresh = text.slice(article.text.length - from);
  article.text += fresh;
  article.writingMs = writingMs;
  appendText(fresh);
  if (statusDue) return;
  statusDue = true;
  requestAnimationFrame(() => {
    statusDue = false;
    showStatus();
  });
}

window.addEventListener('message', ({ data }: MessageEvent<PanelReply>) => {
  switch (data.type) {
    case 'state':
      showState(data);
      break;
    case 'delta':
      grow(data);
      break;
    default:
      assertNever(data);
  }
});

window.addEventListener('keydown', (event) => {
  // Enter and Esc that belong to an input method are none of ours; and its Enter is not to submit the form.
  if (event.isComposing) {
    if (event.key === 'Enter') event.preventDefault();
    return;
  }
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    requestArticle();
  } else if (event.key === 'Escape' && writingId !== null) {
    event.preventDefault();
    vscode.postMessage({ type: 'stop' });
  }
});

const form = element('form', HTMLFormElement);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  requestArticle();
});
form.addEventListener('input', dismissMessage);
button('reuse', () => {
  if (article) fillForm(article);
});
button('import-model', () => vscode.postMessage({ type: 'importModel' }));
button('show-families', () => vscode.postMessage({ type: 'showFamilies' }));
startForm();
startHistory();
startKeyboard();
vscode.postMessage({ type: 'ready' });
