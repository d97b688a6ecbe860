/**
 * What a build has written so far, so that one that was killed goes on where it stopped. Nothing is believed: a tensor
 * counts as written when the bytes on the disk have the digest that was noted for them.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';

/** In the unfinished folder; a finished one has none. */
export const journalFile = 'journal';

/** Where a tensor stands in the data file. */
export interface Place {
  name: string;
  offset: number;
  length: number;
}

interface Entry extends Place {
  sha256: string;
}

export class Journal {
  private readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, journalFile);
  }

  /**
   * How many of `places`, from the first on, the data file holds already. What follows in it is to be written again.
   * @param data the open data file
   */
  async resume(data: number, places: readonly Place[], signal: AbortSignal | undefined): Promise<number> {
    const entries = this.entries();
    let count = 0;
    for (; count < Math.min(entries.length, places.length); count++) {
      await setImmediate();
      signal?.throwIfAborted();
      const [entry, place] = [entries[count] as Entry, places[count] as Place];
      const isSame = entry.name === place.name && entry.offset === place.offset && entry.length === place.length;
      if (!isSame || digestOf(data, place) !== entry.sha256) break;
    }
    writeFileSync(this.path, lines(entries.slice(0, count)));
    return count;
  }

  add(place: Place, sha256: string): void {
    appendFileSync(this.path, lines([{ ...place, sha256 }]));
  }

  /** Up to the first line that was not written whole. */
  private entries(): Entry[] {
    if (!existsSync(this.path)) return [];
    const entries: Entry[] = [];
    for (const line of readFileSync(this.path, 'utf8').split('\n')) {
      try {
        entries.push(JSON.parse(line) as Entry);
      } catch {
        break;
      }
    }
    return entries;
  }
}

function lines(entries: readonly Entry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

function digestOf(fd: number, { offset, length }: Place): string {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(Math.min(length, 1 << 20));
  for (let done = 0; done < length;) {
    const count = readSync(fd, chunk, 0, Math.min(chunk.length, length - done), offset + done);
    if (count === 0) return 'cut short';
    hash.update(chunk.subarray(0, count));
    done += count;
  }
  return hash.digest('hex');
}
