/**
 * What the writer has just deleted, in one go or with one Backspace after the other. A ghost that says it again would be
 * there at each of them, and argue with a writer who has decided.
 */
import { normalForm } from './normalised';
import type { TextChange } from './trackedRange';

/** Longer than a ghost. */
const keptLength = 200;

export class TakenBack {
  private latest: { offset: number; text: string } | null = null;

  /**
   * Follows one edit event of the writer's. Anything but a deletion ends it: what is wanted then is told by what is typed.
   * @param removedAt the text before the edit, as far as it is known
   */
  follow(changes: readonly TextChange[], removedAt: (change: TextChange) => string): void {
    const [change] = changes;
    const { latest } = this;
    this.latest = null;
    if (!change || changes.length > 1 || change.text !== '') return;
    const { rangeOffset: offset, rangeLength } = change;
    const removed = removedAt(change);
    if (removed === '') return;
    let text = removed;
    if (offset + rangeLength === latest?.offset) text = removed + latest.text;
    else if (offset === latest?.offset) text = latest.text + removed;
    this.latest = { offset, text: text.slice(0, keptLength) };
  }

  /** '' where nothing was deleted just now. */
  at(offset: number): string {
    return this.latest?.offset === offset ? this.latest.text : '';
  }
}

/** Whether a ghost says what was deleted, or its beginning, or more than it. */
export function saysAgain(ghost: string, deleted: string): boolean {
  if (deleted === '') return false;
  const [mine, theirs] = [normalForm(ghost), normalForm(deleted)];
  return mine.startsWith(theirs) || theirs.startsWith(mine);
}
