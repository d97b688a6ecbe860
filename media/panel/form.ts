/** The fields. What is in them survives hiding and reload; the article is asked for in numbers that the extension accepts. */
import type { ArticleDraft, ArticleRequest } from '../../src/pages';
import { sayWhereCut } from './cut';
import { element, vscode } from './page';

const title = element('title', HTMLInputElement);
const opening = element('opening', HTMLTextAreaElement);
const length = element('length', HTMLInputElement);
const preset = element('preset', HTMLSelectElement);
const seed = element('seed', HTMLInputElement);
const more = element('more', HTMLDetailsElement);
const fields = { title, opening, length, preset, seed };

const sendDelayMs = 300;

type FieldName = keyof typeof fields;

export type RequestedArticle = Omit<ArticleRequest, 'seed'> & { seed: number | null };

/** @returns null without a title; the cursor is then in its field. */
export function readForm(): RequestedArticle | null {
  if (title.value.trim() === '') {
    title.setAttribute('aria-invalid', 'true');
    title.focus();
    return null;
  }
  return {
    title: title.value,
    opening: opening.value,
    length: tidy(length) ?? Number(length.defaultValue),
    preset: preset.value as ArticleRequest['preset'],
    seed: tidy(seed),
  };
}

/** Puts the settings of an article into the form, its seed included, so that it can be written once more or varied. */
export function fillForm(request: ArticleRequest): void {
  title.value = request.title;
  title.removeAttribute('aria-invalid');
  opening.value = request.opening;
  length.value = String(request.length);
  preset.value = request.preset;
  seed.value = String(request.seed);
  more.open = true;
  keep();
  title.focus();
}

/** Moves a number into its field's range, for the writer to see. @returns null where there is none. */
function tidy(field: HTMLInputElement): number | null {
  if (!Number.isFinite(field.valueAsNumber)) {
    field.value = field.defaultValue;
    return null;
  }
  const value = Math.min(Number(field.max), Math.max(Number(field.min), Math.round(field.valueAsNumber)));
  field.value = String(value);
  return value;
}

let editedAt = 0;
let isMoreKept = false;
let sending: number | undefined;

/** VS Code keeps the page's state while the panel is hidden, but may lose it with the window; the extension keeps both. */
function keep(): void {
  editedAt = Date.now();
  isMoreKept = more.open;
  vscode.setState(draft());
  clearTimeout(sending);
  sending = setTimeout(() => vscode.postMessage({ type: 'draft', draft: draft() }), sendDelayMs);
}

function draft(): ArticleDraft {
  const values = Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));
  return { ...(values as Record<FieldName, string>), isMoreOpen: more.open, editedAt };
}

/** Fills the form unless what is in it is newer. */
export function restoreForm(kept: ArticleDraft | null): void {
  if (kept === null || !(kept.editedAt > editedAt)) return;
  for (const [name, field] of Object.entries(fields)) field.value = kept[name as FieldName];
  isMoreKept = more.open = kept.isMoreOpen;
  editedAt = kept.editedAt;
}

export function startForm(): void {
  // This page's own, as `draft` made it.
  restoreForm((vscode.getState() as ArticleDraft | undefined) ?? null);
  for (const field of Object.values(fields)) field.addEventListener('input', keep);
  for (const field of [length, seed])
    field.addEventListener('change', () => {
      tidy(field);
      keep();
    });
  for (const field of [title, opening]) sayWhereCut(field);
  title.addEventListener('input', () => title.removeAttribute('aria-invalid'));
  more.addEventListener('toggle', () => {
    // Opened by the writer, not by restoring.
    if (more.open !== isMoreKept) keep();
  });
}
