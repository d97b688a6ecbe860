/** Remembers what was suggested where, so that a ghost stays while the writer types it, without the model. */
import { isBoundary, normalised } from './normalised';

/** Enough to tell places apart; whole documents need not be kept. */
const tailLength = 200;

interface Entry {
  title: string;
  /** The last characters before the cursor. */
  tail: string;
  suffix: string;
  /** '' is remembered too: the model had nothing to say there. */
  completion: string;
}

export class CompletionCache {
  /** Latest last. */
  private entries: Entry[] = [];

  constructor(private readonly capacity = 50) {}

  add(title: string, prefix: string, suffix: string, completion: string): void {
    this.entries.push({ title, tail: prefix.slice(-tailLength), suffix, completion });
    if (this.entries.length > this.capacity) this.entries.shift();
  }

  /** What is left of a suggestion at this place; undefined where none is known, or where it has been typed whole. */
  find(title: string, prefix: string, suffix: string): string | undefined {
    for (let i = this.entries.length - 1; i >= 0; i--) {
      const entry = this.entries[i] as Entry;
      if (entry.title !== title || entry.suffix !== suffix) continue;
      const rest = restAfterTyping(entry, prefix);
      if (rest !== undefined) return rest;
    }
    return undefined;
  }

  clear(): void {
    this.entries = [];
  }
}

/** Compared in normalised form: a writer who types a half-width comma goes along with a full-width one. */
function restAfterTyping({ tail, completion }: Entry, prefix: string): string | undefined {
  if (completion === '') return prefix === tail || isLongTail(tail, prefix) ? '' : undefined;
  const suggested = normalised(completion);
  const before = normalised(tail).text;
  const now = normalised(prefix.slice(-tailLength - completion.length)).text;
  for (let typed = 0; typed < suggested.text.length; typed++) {
    if (!isBoundary(suggested, typed) || !now.endsWith(suggested.text.slice(0, typed))) continue;
    const rest = now.slice(0, now.length - typed);
    if (tail.length < tailLength ? rest === before : rest.endsWith(before))
      return completion.slice(suggested.offsets[typed]);
  }
  return undefined;
}

/** A tail shorter than the limit is the whole text that was before the cursor. */
function isLongTail(tail: string, prefix: string): boolean {
  return tail.length === tailLength && prefix.endsWith(tail);
}
