/** Remembers what was suggested where, so that a ghost stays while the writer types it, without the model. */
import { isBoundary, normalised } from './normalised';
import type { Normalised } from './normalised';

/** Enough to tell places apart; whole documents need not be kept. */
const tailLength = 200;

interface Entry {
  title: string;
  /** The last characters before the cursor. */
  tail: string;
  /** The same in normalised form: entries are compared at each keystroke, and written once. */
  before: string;
  suffix: string;
  /** '' is remembered too: the model had nothing to say there. */
  completion: string;
  suggested: Normalised;
}

export class CompletionCache {
  /** Latest last. */
  private entries: Entry[] = [];

  constructor(private readonly capacity = 50) {}

  add(title: string, prefix: string, suffix: string, completion: string): void {
    const tail = prefix.slice(-tailLength);
    const [before, suggested] = [normalised(tail).text, normalised(completion)];
    this.entries.push({ title, tail, before, suffix, completion, suggested });
    if (this.entries.length > this.capacity) this.entries.shift();
  }

  /** What is left of a suggestion at this place; undefined where none is known, or where it has been typed whole. */
  find(title: string, prefix: string, suffix: string): string | undefined {
    const longest = Math.max(0, ...this.entries.map(({ completion }) => completion.length));
    const now = normalised(prefix.slice(-tailLength - longest)).text;
    for (let i = this.entries.length - 1; i >= 0; i--) {
      const entry = this.entries[i] as Entry;
      if (entry.title !== title || entry.suffix !== suffix) continue;
      const rest = restAfterTyping(entry, prefix, now);
      if (rest !== undefined) return rest;
    }
    return undefined;
  }

  clear(): void {
    this.entries = [];
  }
}

/**
 * Compared in normalised form: a writer who types a half-width comma goes along with a full-width one.
 * @param now the end of `prefix` in that form
 */
function restAfterTyping(
  { tail, before, completion, suggested }: Entry,
  prefix: string,
  now: string,
): string | undefined {
  if (completion === '') return prefix === tail || isLongTail(tail, prefix) ? '' : undefined;
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
