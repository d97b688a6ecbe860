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
import { isBoundary, normalForm, normalised } from './normalised';

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
  /** By document, title and suffix, then by the end of the prefix. */
  private readonly roots = new Map<string, Map<string, Root>>();
  private numRoots = 0;
  private numUses = 0;
  /** Of all suggestions, normalised. */
  private longest = 0;

  constructor(private readonly capacity = 200) {}

  /** '' is remembered too: there was nothing to say. */
  add(place: Place, suggestion: string): void {
    const now = normalForm(place.prefix.slice(-tailSource));
    const root = this.rootAt(keyOf(place), tailOf(now, now.length));
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
    this.numRoots = 0;
    this.longest = 0;
  }

  /** @param closer what has to have been typed along the suggestion opens what this closes */
  private restsAt(place: Place, closer?: string): readonly string[] {
    const roots = this.roots.get(keyOf(place));
    if (!roots) return [];
    const source = place.prefix.slice(-tailSource - 2 * this.longest);
    const now = normalForm(source);
    const offsets = closer === undefined ? [] : normalised(source).offsets;
    let found: { root: Root; rests: readonly string[] } | undefined;
    for (let typed = 0; typed <= Math.min(this.longest, now.length); typed++) {
      const from = now.length - typed;
      const root = roots.get(tailOf(now, from));
      if (!root || (found && found.root.used > root.used)) continue;
      if (closer !== undefined && !isOpenIn(source.slice(offsets[from]), closer)) continue;
      const rests = walk(root.trie, now.slice(from))?.rests ?? [];
      if (rests.length > 0) found = { root, rests };
    }
    if (!found) return [];
    found.root.used = ++this.numUses;
    return found.rests;
  }

  private rootAt(key: string, tail: string): Root {
    let root = this.roots.get(key)?.get(tail);
    if (!root) {
      if (this.numRoots === this.capacity) this.forgetOldest();
      root = { trie: newNode(), used: 0 };
      this.roots.set(key, (this.roots.get(key) ?? new Map<string, Root>()).set(tail, root));
      this.numRoots++;
    }
    root.used = ++this.numUses;
    return root;
  }

  private forgetOldest(): void {
    let oldest: { key: string; tail: string } | undefined;
    let least = Infinity;
    for (const [key, roots] of this.roots)
      for (const [tail, { used }] of roots)
        if (used < least) {
          least = used;
          oldest = { key, tail };
        }
    if (!oldest) return;
    const roots = this.roots.get(oldest.key);
    roots?.delete(oldest.tail);
    if (roots?.size === 0) this.roots.delete(oldest.key);
    this.numRoots--;
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

function keyOf({ document, title, suffix }: Place): string {
  return [document, title, suffix].join('\0');
}

function tailOf(text: string, end: number): string {
  return text.slice(Math.max(0, end - tailLength), end);
}

function walk(root: Node, typed: string): Node | undefined {
  let node: Node | undefined = root;
  for (let i = 0; i < typed.length && node; i++) node = node.next.get(typed[i] as string);
  return node;
}
