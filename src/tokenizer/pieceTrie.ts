/**
 * A trie of strings by UTF-16 code unit, its edges in one open-addressing hash table of typed arrays:
 *
 *     slot(parent, unit) → { parent, unit, child }        valueOf[child] = the string's value, or -1
 *
 * A step costs one probe or two whatever the number of siblings (after "▁" there can be ten thousand).
 */
export class PieceTrie {
  static readonly root = 0;
  private readonly parents: Int32Array; // [capacity], -1 = free slot
  private readonly units: Uint16Array; // [capacity]
  private readonly children: Int32Array; // [capacity]
  private readonly values: Int32Array; // [numNodes]
  private readonly mask: number;
  private numNodes = 1;

  /** @param maxEdges most edges it will ever hold: the sum of the strings' lengths is always enough */
  constructor(maxEdges: number) {
    // At most half full: probes stay short.
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(8, maxEdges * 2)));
    this.mask = capacity - 1;
    this.parents = new Int32Array(capacity).fill(-1);
    this.units = new Uint16Array(capacity);
    this.children = new Int32Array(capacity);
    this.values = new Int32Array(maxEdges + 1).fill(-1);
  }

  /** @param entries strings, none empty, each with a value ≥ 0 */
  static of(entries: readonly (readonly [text: string, value: number])[]): PieceTrie {
    let maxEdges = 0;
    for (const [text] of entries) maxEdges += text.length;
    const trie = new PieceTrie(maxEdges);
    for (const [text, value] of entries) {
      let node = PieceTrie.root;
      for (let at = 0; at < text.length; at++) node = trie.grow(node, text.charCodeAt(at));
      trie.setValue(node, value);
    }
    return trie;
  }

  /** The node reached from `node` by `unit`, or -1. */
  step(node: number, unit: number): number {
    const { parents, units, mask } = this;
    let slot = hash(node, unit) & mask;
    for (;;) {
      const parent = parents[slot];
      if (parent === node && units[slot] === unit) return this.children[slot] as number;
      if (parent === -1) return -1;
      slot = (slot + 1) & mask;
    }
  }

  /** The value of the string that ends at `node`, or -1. */
  valueAt(node: number): number {
    return this.values[node] as number;
  }

  /** Length in code units of the longest entry that `text` has at `start`; 0 when none. */
  longestMatch(text: string, start: number): number {
    let node = PieceTrie.root;
    let longest = 0;
    for (let at = start; at < text.length; at++) {
      node = this.step(node, text.charCodeAt(at));
      if (node < 0) break;
      if (this.valueAt(node) >= 0) longest = at + 1 - start;
    }
    return longest;
  }

  /** The node reached from `node` by `unit`, made if it is not there. */
  grow(node: number, unit: number): number {
    const known = this.step(node, unit);
    if (known >= 0) return known;
    let slot = hash(node, unit) & this.mask;
    while (this.parents[slot] !== -1) slot = (slot + 1) & this.mask;
    this.parents[slot] = node;
    this.units[slot] = unit;
    this.children[slot] = this.numNodes;
    return this.numNodes++;
  }

  setValue(node: number, value: number): void {
    this.values[node] = value;
  }
}

function hash(node: number, unit: number): number {
  const mixed = Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
