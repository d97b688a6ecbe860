/**
 * Remembers what was suggested where, so that a ghost stays while the writer types it, without the model.
 *
 * Each place – a document, its title, the text before the cursor and the rest of the line – is the root of a trie, whose
 * edges are the characters of what was suggested there:
 *
 *     外面 ─ 下 ─ 着 ─ 雨 ─ 。           after 外面下 there is left 着雨。
 *            └─ 了 ─ 雪                 a later suggestion from the same place
 *
 * Compared in normalised form: a writer who types a half-width comma goes along with a full-width one.
 */
import { closedAt, isCloser, isOpenIn } from './brackets';
import { isBoundary, normalised } from './normalised';

export interface Place {
  /** Whatever tells documents apart. */
  document: string;
  title: string;
  /** The text before the cursor, or its end. */
  prefix: string;
  /** The rest of the line. */
  suffix: string;
}

interface Node {
  next: Map<string, Node>;
  /** What is left of each suggestion that goes through here, the latest first; none where one ends, or within a code point. */
  rests: string[];
}

interface Root {
  trie: Node;
  /** Counts up with each use. */
  used: number;
}

/** As many as a writer is offered at a place. */
const maxRests = 3;

/** Enough normalised characters to tell places apart; whole documents need not be kept. */
const tailLength = 200;
/** Source text that surely gives so many. */
const tailSource = 2 * tailLength;

export class SuggestionTrie {
  /** By place; the one that was used longest ago first. */
  private readonly roots = new Map<string, Root>();
  private numUses = 0;
  /** Of all suggestions, normalised. */
  private longest = 0;

  constructor(private readonly capacity = 200) {}

  /** '' is remembered too: there was nothing to say. */
  add(place: Place, suggestion: string): void {
    const key = keyOf(place, normalised(place.prefix.slice(-tailSource)).text);
    const root = this.roots.get(key) ?? { trie: newNode(), used: 0 };
    this.use(key, root);
    const form = normalised(suggestion);
    this.longest = Math.max(this.longest, form.text.length);
    keep(root.trie, suggestion);
    let node = root.trie;
    for (let i = 0; i < form.text.length; i++) {
      const unit = form.text[i] as string;
      let next = node.next.get(unit);
      if (!next) node.next.set(unit, (next = newNode()));
      node = next;
      const isInside = i + 1 < form.text.length && isBoundary(form, i + 1);
      if (isInside) keep(node, suggestion.slice(form.offsets[i + 1]));
    }
  }

  /** What is left of a suggestion at this place; undefined where none is known, or where it has been typed whole. */
  find(place: Place): string | undefined {
    return this.findAll(place)[0];
  }

  /**
   * What is left of all suggestions at this place that began at the same one, the latest first. Of several such places it is
   * the one that was used last: who types what is shown sees the rest of it stay, whatever was suggested here before.
   */
  findAll(place: Place): readonly string[] {
    const rests = this.restsAt(place);
    const closer = place.suffix.charAt(0);
    if (rests.length > 0 || !isCloser(closer)) return rests;
    // A bracket that was typed along a suggestion has been closed by VS Code, or the input method; the suggestion closes it too.
    const within = this.restsAt({ ...place, suffix: place.suffix.slice(1) }, closer).map((rest) =>
      before(closer, rest),
    );
    const others = new Set(within.filter(Boolean));
    return others.size > 0 ? [...others] : within.slice(0, 1);
  }

  clear(): void {
    this.roots.clear();
    this.longest = 0;
  }

  /** @param closer what has to have been typed along the suggestion opens what this closes */
  private restsAt(place: Place, closer?: string): readonly string[] {
    const source = place.prefix.slice(-tailSource - 2 * this.longest);
    const { text: now, offsets } = normalised(source);
    let found: { key: string; root: Root; rests: readonly string[] } | undefined;
    for (let typed = 0; typed <= Math.min(this.longest, now.length); typed++) {
      const from = now.length - typed;
      const key = keyOf(place, now.slice(0, from));
      const root = this.roots.get(key);
      if (!root || (found && found.root.used > root.used)) continue;
      if (closer !== undefined && !isOpenIn(source.slice(offsets[from]), closer)) continue;
      const rests = walk(root.trie, now.slice(from))?.rests ?? [];
      if (rests.length > 0) found = { key, root, rests };
    }
    if (!found) return [];
    this.use(found.key, found.root);
    return found.rests;
  }

  private use(key: string, root: Root): void {
    root.used = ++this.numUses;
    this.roots.delete(key);
    this.roots.set(key, root);
    if (this.roots.size <= this.capacity) return;
    for (const oldest of this.roots.keys()) {
      this.roots.delete(oldest);
      return;
    }
  }
}

/** Of `rest`, what stands before the mark that `closer` is. */
function before(closer: string, rest: string): string {
  const at = closedAt(rest, closer);
  return at < 0 ? rest : rest.slice(0, at);
}

function newNode(): Node {
  return { next: new Map(), rests: [] };
}

/** Before the others. That there was nothing to say is forgotten where there is something. */
function keep(node: Node, rest: string): void {
  node.rests = [rest, ...node.rests.filter((other) => other !== rest && other !== '')].slice(0, maxRests);
}

function keyOf({ document, title, suffix }: Place, before: string): string {
  return [document, title, suffix, before.slice(-tailLength)].join('\0');
}

function walk(root: Node, typed: string): Node | undefined {
  let node: Node | undefined = root;
  for (let i = 0; i < typed.length && node; i++) node = node.next.get(typed[i] as string);
  return node;
}
