/**
 * A trie of pieces by UTF-16 code unit. The root's edges are a table, as half of all steps are from it; all others lie in
 * one open-addressing hash table of typed arrays:
 *
 *     slot(parent, unit) → { parent, unit, child }        ids[child] = 1 + the id of the piece that ends there, or 0
 *
 * A step costs one probe or two whatever the number of siblings (after "▁" there can be ten thousand). 0 is nothing
 * everywhere: new arrays are so without being written.
 */
import type { Pieces, PieceType } from './pieces';
import { codePointIn } from './utf8';

/** Told of a piece that cannot be in a trie; must throw. */
export type RefusePiece = (
  id: number,
  why: 'is empty' | 'contains a null character' | 'not UTF-8' | 'no score' | 'twice',
) => never;

export class PieceTrie {
  static readonly root = 0;
  private readonly roots = new Int32Array(0x10000); // [unit]
  private parents: Int32Array; // [capacity]
  private units: Uint16Array; // [capacity]
  private children: Int32Array; // [capacity]
  private ids: Int32Array; // [numNodes or more]
  private mask: number;

  /** @param types of the pieces that it is to hold */
  constructor(pieces: Pieces, types: readonly PieceType[], refuse: RefusePiece) {
    // Enough for Chinese without sharing, at most half full so that probes stay short; else it grows.
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(16, pieces.file.length / 4)));
    this.mask = capacity - 1;
    this.parents = new Int32Array(capacity);
    this.units = new Uint16Array(capacity);
    this.children = new Int32Array(capacity);
    this.ids = new Int32Array(capacity / 2 + 3);
    this.fill(pieces, types, refuse);
  }

  /** The node reached from `node` by `unit`, or -1. */
  step(node: number, unit: number): number {
    if (node === PieceTrie.root) return this.roots[unit] || -1;
    const { parents, units, mask } = this;
    let slot = hash(node, unit) & mask;
    for (;;) {
      const parent = parents[slot];
      if (parent === node && units[slot] === unit) return this.children[slot] as number;
      if (parent === 0) return -1;
      slot = (slot + 1) & mask;
    }
  }

  /** The id of the piece that ends at `node`, or -1. */
  idAt(node: number): number {
    return (this.ids[node] as number) - 1;
  }

  /** Length in code units of the longest piece that `text` has at `start`; 0 when none. */
  longestMatch(text: string, start: number): number {
    let node = PieceTrie.root;
    let longest = 0;
    for (let at = start; at < text.length; at++) {
      node = this.step(node, text.charCodeAt(at));
      if (node < 0) break;
      if (this.idAt(node) >= 0) longest = at + 1 - start;
    }
    return longest;
  }

  /**
   * All in one function: it runs once, before the compiler has seen it, and then a call for each character takes longer than
   * what is called.
   */
  private fill(pieces: Pieces, types: readonly PieceType[], refuse: RefusePiece): void {
    const { file, starts, ends, length, scores, types: typeOf } = pieces;
    const { roots } = this;
    const isWanted = new Uint8Array(256);
    for (const type of types) isWanted[type] = 1;
    let { parents, units, children, ids, mask } = this;
    let numNodes = 1;
    for (let id = 0; id < length; id++) {
      if (isWanted[typeOf[id] as number] === 0) continue;
      const end = ends[id] as number;
      let at = starts[id] as number;
      if (at === end) refuse(id, 'is empty');
      if ((scores[id] as number) - (scores[id] as number) !== 0) refuse(id, 'no score');
      // A piece makes no more nodes than it has bytes.
      while (2 * (numNodes + end - at) > mask) {
        this.grow();
        ({ parents, units, children, ids, mask } = this);
      }
      let node = 0;
      let behind = 0; // a character's second unit
      while (at < end) {
        const first = file[at] as number;
        let unit = first;
        if (behind !== 0) {
          unit = behind;
          behind = 0;
          at += 4;
        } else if (first >= 0xe1 && first <= 0xec && at + 2 < end) {
          // U+1000 … U+CFFF, among them nearly all Han characters
          const second = file[at + 1] as number;
          const third = file[at + 2] as number;
          if ((second & 0xc0) !== 0x80 || (third & 0xc0) !== 0x80) refuse(id, 'not UTF-8');
          unit = ((first & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
          at += 3;
        } else if (first > 0 && first < 0x80) {
          at++;
        } else {
          unit = codePointIn(file, at, end);
          if (unit < 0) refuse(id, 'not UTF-8');
          if (unit === 0) refuse(id, 'contains a null character');
          if (unit > 0xffff) {
            behind = 0xdc00 | (unit & 0x3ff);
            unit = 0xd7c0 + (unit >> 10);
          } else {
            at += unit < 0x800 ? 2 : 3;
          }
        }
        if (node === 0) {
          node = roots[unit] as number;
          if (node === 0) node = roots[unit] = numNodes++;
          continue;
        }
        const mixed = Math.imul(node, nodeFactor) ^ Math.imul(unit, unitFactor);
        let slot = (mixed ^ (mixed >>> 15)) & mask;
        let parent: number;
        while ((parent = parents[slot] as number) !== 0 && (parent !== node || units[slot] !== unit))
          slot = (slot + 1) & mask;
        if (parent === 0) {
          parents[slot] = node;
          units[slot] = unit;
          children[slot] = numNodes++;
        }
        node = children[slot] as number;
      }
      if (ids[node] !== 0) refuse(id, 'twice');
      ids[node] = id + 1;
    }
  }

  private grow(): void {
    const { parents, units, children, ids } = this;
    const capacity = 2 * parents.length;
    this.mask = capacity - 1;
    this.parents = new Int32Array(capacity);
    this.units = new Uint16Array(capacity);
    this.children = new Int32Array(capacity);
    this.ids = new Int32Array(capacity / 2 + 3);
    this.ids.set(ids);
    for (let old = 0; old < parents.length; old++) {
      const parent = parents[old] as number;
      const unit = units[old] as number;
      if (parent === 0) continue;
      let slot = hash(parent, unit) & this.mask;
      while (this.parents[slot] !== 0) slot = (slot + 1) & this.mask;
      this.parents[slot] = parent;
      this.units[slot] = unit;
      this.children[slot] = children[old] as number;
    }
  }
}

const nodeFactor = 0x9e3779b1;
const unitFactor = 0x85ebca6b;

function hash(node: number, unit: number): number {
  const mixed = Math.imul(node, nodeFactor) ^ Math.imul(unit, unitFactor);
  return mixed ^ (mixed >>> 15);
}
