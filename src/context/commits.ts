/**
 * What a writer's input method commits. Characters that come together are a word, or several: the model is told, since it
 * would else go on within the word (`../generation/committedWord.ts`). One that comes alone says so only of a writer who
 * commits words otherwise: with 五笔 some type character by character.
 */
import type { TextChange } from './trackedRange';

/** Longer than an input method's phrases: pasted, or written by us. */
const longestCommit = 8;
/** Of the latest commits, about this share must be of two characters or more for one of a single character to be a word. */
const leastShare = 0.2;
/** What a commit counts among the earlier ones. */
const weight = 0.1;

const han = /^[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+$/;

export class Commits {
  /** Running share of commits that were of several characters; to begin with, as of most writers. */
  private severalShare = 0.5;
  private readonly ends = new WeakMap<object, number>();

  /** Follows one edit event of a document. @param document any object that stands for it */
  edit(document: object, changes: readonly TextChange[]): void {
    const [change] = changes;
    if (!change) return;
    this.ends.delete(document);
    const { text, rangeOffset } = change;
    if (changes.length > 1 || text.length > longestCommit || !han.test(text)) return;
    const isSeveral = Array.from(text).length > 1;
    this.severalShare += weight * ((isSeveral ? 1 : 0) - this.severalShare);
    if (isSeveral || this.severalShare > leastShare) this.ends.set(document, rangeOffset + text.length);
  }

  /** Whether the latest edit of the document committed a word that ends at this offset (UTF-16). */
  endAt(document: object, offset: number): boolean {
    return this.ends.get(document) === offset;
  }
}
