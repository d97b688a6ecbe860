/**
 * The writer's texts as token ids, for looking up what followed a context in them. Bounded and forgetful: tokens lie in a
 * ring, in which the newest text takes the place of the oldest. (Which paragraphs a text has is kept as long as the text is
 * not forgotten: how many texts there are is for the caller to bound.) Places with the same token, and with the same two tokens,
 * before them are linked, the latest first, so that a lookup walks over a handful of places however much was learnt:
 *
 *     ring      … 陈 志 远 去 │ 陈 志 国 …
 *     after 志       ▲──────────────┘       (linked by one token)
 *     after 陈志     ▲──────────────┘       (linked by two)
 *
 * A text is learnt by paragraphs, and a paragraph that has not changed stays where it is.
 */
import type { TextPart } from '../protocol';
import type { EvidenceLevel, EvidenceSource } from './evidence';
import { TokenMatches, maxMatchLength } from './tokenMatches';
import type { ShareOf } from './tokenMatches';

/** Places looked at for each of the two links, the latest ones. */
const maxPlaces = 48;

/** Between paragraphs, and where one was forgotten; no token's id. */
const gap = -1;

interface Paragraph {
  /** Positions of its tokens in the ring; `end` is exclusive. */
  start: number;
  end: number;
}

interface LearntText {
  paragraphs: Map<string, Paragraph>;
  /** Those of the pass in hand. */
  seen: Set<string>;
}

export class LearntTexts implements EvidenceSource {
  /** [capacity] token ids; a position's index is its remainder, and positions count up. */
  private readonly ring: Int32Array;
  /** [capacity] each: the position before with the same one, or the same two tokens before it; 0 for none. */
  private readonly links: readonly [Int32Array, Int32Array];
  /** The latest position for each hash of one, or of two tokens. */
  private readonly heads: readonly [Int32Array, Int32Array];
  /** Where the next token goes. 0 is no position, so that it can stand for none. */
  private end = 1;
  private readonly texts = new Map<string, LearntText>();

  /**
   * @param encode the tokenizer's
   * @param shareOf how far a match is trusted
   * @param capacity tokens kept, a power of two: 262144 take 4 MB
   */
  constructor(
    private readonly encode: (text: string) => readonly number[],
    private readonly shareOf: ShareOf,
    private readonly capacity = 1 << 18,
  ) {
    this.ring = new Int32Array(capacity).fill(gap);
    this.links = [new Int32Array(capacity), new Int32Array(capacity)];
    this.heads = [new Int32Array(1 << 14), new Int32Array(1 << 17)];
  }

  /**
   * Takes the next part of a text, in the model's form, in place of what was learnt of it before: with the first part a
   * pass begins, and with the last one everything that did not come again is forgotten.
   */
  learn({ name, text: part, isFirst, isLast }: TextPart): void {
    const text = this.texts.get(name) ?? { paragraphs: new Map<string, Paragraph>(), seen: new Set<string>() };
    this.texts.set(name, text);
    if (isFirst) text.seen.clear();
    for (const paragraph of part.split('\n')) {
      if (paragraph === '') continue;
      text.seen.add(paragraph);
      const known = text.paragraphs.get(paragraph);
      if (!known || known.start < this.oldest) text.paragraphs.set(paragraph, this.append(paragraph));
    }
    if (!isLast) return;
    for (const [paragraph, place] of text.paragraphs)
      if (!text.seen.has(paragraph)) {
        this.erase(place);
        text.paragraphs.delete(paragraph);
      }
    text.seen.clear();
  }

  /** Forgets the text of this name, or all of them. */
  forget(name: string | null): void {
    for (const [known, { paragraphs }] of this.texts) {
      if (name !== null && known !== name) continue;
      for (const place of paragraphs.values()) this.erase(place);
      this.texts.delete(known);
    }
  }

  levels(context: readonly number[]): EvidenceLevel[] {
    const matches = new TokenMatches();
    // A place that agrees in two tokens is found by the second link; the first is for the others.
    this.walk(context, 1, (nextId, length) => matches.add(nextId, length));
    this.walk(context, 0, (nextId, length) => length === 1 && matches.add(nextId, length));
    return matches.levels(context, this.shareOf);
  }

  /** Calls `found` for the latest places that agree with the end of `context` in more than `link` tokens. */
  private walk(context: readonly number[], link: 0 | 1, found: (nextId: number, length: number) => void): void {
    const { ring, capacity } = this;
    if (context.length <= link) return;
    const at = (back: number) => context[context.length - back] as number;
    let position = this.head(link, at(1), link === 1 ? at(2) : 0);
    for (let looked = 0; looked < maxPlaces && position >= this.oldest; looked++) {
      const nextId = ring[position % capacity] as number;
      const reach = Math.min(maxMatchLength, context.length, position - this.oldest);
      let length = 0;
      while (length < reach && ring[(position - 1 - length) % capacity] === at(length + 1)) length++;
      if (nextId !== gap && length > link) found(nextId, length);
      position = this.links[link][position % capacity] as number;
    }
  }

  private append(paragraph: string): Paragraph {
    const start = this.end;
    // The newline tells how paragraphs begin.
    const tokenIds = this.encode(`\n${paragraph}`).slice(0, this.capacity - 1);
    this.put(gap, gap, gap);
    tokenIds.forEach((id, i) => this.put(id, tokenIds[i - 1] ?? gap, tokenIds[i - 2] ?? gap));
    return { start, end: this.end };
  }

  private put(id: number, before: number, beforeThat: number): void {
    const position = this.end++;
    const index = position % this.capacity;
    this.ring[index] = id;
    this.links[0][index] = before === gap ? 0 : this.head(0, before, 0, position);
    this.links[1][index] = beforeThat === gap ? 0 : this.head(1, before, beforeThat, position);
  }

  /** The latest position after these tokens, or after others of the same hash; `next` takes its place. */
  private head(link: 0 | 1, before: number, beforeThat: number, next?: number): number {
    const heads = this.heads[link];
    const hash = (Math.imul(before, 0x9e3779b1) ^ Math.imul(beforeThat, 0x85ebca6b)) >>> 0;
    const index = (hash ^ (hash >>> 15)) & (heads.length - 1);
    const head = heads[index] as number;
    if (next !== undefined) heads[index] = next;
    return head;
  }

  private erase({ start, end }: Paragraph): void {
    for (let position = Math.max(start, this.oldest); position < end; position++)
      this.ring[position % this.capacity] = gap;
  }

  /** Positions before it have been written over. */
  private get oldest(): number {
    return Math.max(1, this.end - this.capacity);
  }
}
