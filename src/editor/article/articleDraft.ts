/** What the panel shows: fields and article, kept so that a reload of the window costs nobody what they were at. */
import type { ArticleDraft } from '../../pages';
import type { Memory } from './articleHistory';
import { isDraft } from './panelRequest';

const key = 'moxu.articleDraft';
const shownKey = 'moxu.shownArticle';

export function keptDraft(memory: Memory): ArticleDraft | null {
  const stored = memory.get(key);
  return isDraft(stored) ? stored : null;
}

export async function keepDraft(memory: Memory, draft: ArticleDraft): Promise<void> {
  await memory.update(key, draft);
}

/** @returns the id of an article that may be gone meanwhile */
export function keptShown(memory: Memory): string | null {
  const stored = memory.get(shownKey);
  return typeof stored === 'string' ? stored : null;
}

export async function keepShown(memory: Memory, id: string): Promise<void> {
  await memory.update(shownKey, id);
}
