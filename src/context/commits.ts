/**
 * What a writer's input method commits. Characters that come together are a word, or several: the model is told, since it
 * would else go on within the word (`../generation/committedWord.ts`). One that comes alone says so only of a writer who
 * commits words otherwise: with 五笔 some type character by character.
 *
 *     in place of what was composed   insert "h" · replace "h" by "hen'hao" · replace "hen'hao" by "很好"
 *     without a preedit in the text   insert "很" · insert "好" behind it, at the same moment
 */
import type { TextChange } from './trackedRange';

/** Longer than an input method's phrases: pasted, or written by us. */
const longestCommit = 8;
/** Nobody types two characters in so little time. */
const togetherMs = 40;
/** Of the latest commits, about this share must be of two characters or more for one of a single character to be a word. */
const leastShare = 0.2;
/** What a commit counts among the earlier ones. */
const weight = 0.1;

const han = /^[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+$/;

interface Commit {
  document: object;
  /** UTF-16. */
  offset: number;
  length: number;
  atMs: number;
  isWord: boolean;
  /** Running share before it. */
  shareBefore: number;
}

export class Commits {
  /** Running share of commits that were of several characters; to begin with, as of most writers. */
  private severalShare = 0.5;
  private latest: Commit | null = null;

  /** Follows one edit event of a document. @param document any object that stands for it @param nowMs any steady clock */
  edit(document: object, changes: readonly TextChange[], nowMs: number): void {
    const [change] = changes;
    if (!change) return;
    const before = this.latest?.document === document ? this.latest : null;
    if (before) this.latest = null;
    if (changes.length > 1 || !han.test(change.text)) return;
    const { rangeOffset: offset, rangeLength, text } = change;
    const isMore = before && offset === before.offset + before.length && nowMs - before.atMs < togetherMs;
    const isInstead = before && offset === before.offset && rangeLength === before.length;
    const length = isMore ? before.length + text.length : text.length;
    if (length > longestCommit) return;
    const shareBefore = isMore || isInstead ? before.shareBefore : this.severalShare;
    this.severalShare = shareBefore + weight * ((length > 1 ? 1 : 0) - shareBefore);
    const isWord = length > 1 || this.severalShare > leastShare;
    this.latest = { document, offset: isMore ? before.offset : offset, length, atMs: nowMs, isWord, shareBefore };
  }

  /** No input method brought the latest edit of the document. */
  forget(document: object): void {
    if (this.latest?.document === document) this.latest = null;
  }

  /** Whether the latest edit committed a word of this document that ends at this offset (UTF-16). */
  endAt(document: object, offset: number): boolean {
    const { latest } = this;
    return latest?.document === document && latest.isWord && latest.offset + latest.length === offset;
  }
}
