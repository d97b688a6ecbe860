/** The fields of the panel, kept so that a reload of the window costs nobody what they have typed. */
import type { ArticleDraft } from '../../pages';
import type { Memory } from './articleHistory';
import { isDraft } from './panelRequest';

const key = 'moxu.articleDraft';

export function keptDraft(memory: Memory): ArticleDraft | null {
  const stored = memory.get(key);
  return isDraft(stored) ? stored : null;
}

export async function keepDraft(memory: Memory, draft: ArticleDraft): Promise<void> {
  await memory.update(key, draft);
}
