/**
 * Counts of all n-grams of a text up to an order, in typed arrays: 40 million characters fit in about 1.5 GB.
 *
 * A trie, level by level. The children of a node lie side by side, sorted by character, so that following a context is a
 * binary search at each level, and what may come next is a slice:
 *
 *     level 1    … 春 …               a node for every UTF-16 unit
 *     starts[1]      │ ╲
 *     level 2     … 春分 春天 春雨 …   characters[2], counts[2]
 *     starts[2]           │ ╲
 *     level 3     …  春天的 春天来 …    characters[3], counts[3]
 */
export const numUnits = 65_536;

export interface Level {
  /** [numNodes] the last UTF-16 unit of each n-gram; for level 1 every unit is there and equals its index. */
  characters: Uint16Array;
  /**
   * [numNodes] at the highest level how often the n-gram occurs; below it, what Kneser and Ney (1995) count instead: by
   * how many different characters it is preceded.
   */
  counts: Uint32Array;
  /** [numNodes + 1] node i's children in the next level are starts[i] … starts[i + 1] − 1; empty at the highest level. */
  starts: Uint32Array;
}

/**
 * @param text UTF-16 units, documents already separated
 * @param onLevel called after each level; all but the first take about as long
 */
export function countNgrams(text: Uint16Array, order: number, onLevel: (n: number) => void = () => undefined): Level[] {
  let level: Level = {
    characters: Uint16Array.from({ length: numUnits }, (_, unit) => unit),
    counts: new Uint32Array(numUnits),
    starts: new Uint32Array(0),
  };
  const levels = [level];
  let ids = Uint32Array.from(text); // of the n-gram that begins at each position
  if (order === 1) for (const unit of text) level.counts[unit] = (level.counts[unit] as number) + 1;
  for (let n = 2; n <= order; n++) {
    const next = extend(level, ids, text, n);
    const nextIds = new Uint32Array(Math.max(0, text.length - n + 1));
    for (let i = 0; i < nextIds.length; i++) {
      const id = childOf(level, next, ids[i] as number, text[i + n - 1] as number);
      nextIds[i] = id;
      const times = next.counts[id] as number;
      next.counts[id] = times + 1;
      // Seen for the first time: one more character that precedes its end.
      if (times === 0) level.counts[ids[i + 1] as number] = (level.counts[ids[i + 1] as number] as number) + 1;
    }
    // Below the highest level only the characters before count; those are added in the next round.
    if (n < order) next.counts.fill(0);
    levels.push(next);
    level = next;
    ids = nextIds;
    onLevel(n);
  }
  return levels;
}

/** Builds level n from the pairs (n−1-gram, unit after it) that occur, and sets the parents' `starts`. */
function extend(parents: Level, ids: Uint32Array, text: Uint16Array, n: number): Level {
  // Both parts of a pair fit into the 53 bits of a double: the typed array's own sort is the fastest there is.
  const keys = new Float64Array(Math.max(0, text.length - n + 1));
  for (let i = 0; i < keys.length; i++) keys[i] = (ids[i] as number) * numUnits + (text[i + n - 1] as number);
  keys.sort();
  let numNodes = 0;
  for (let i = 0; i < keys.length; i++) if (i === 0 || keys[i] !== keys[i - 1]) keys[numNodes++] = keys[i] as number;
  const numParents = parents.characters.length;
  const starts = new Uint32Array(numParents + 1);
  const characters = new Uint16Array(numNodes);
  for (let node = 0; node < numNodes; node++) {
    const key = keys[node] as number;
    const parent = Math.floor(key / numUnits);
    characters[node] = key - parent * numUnits;
    starts[parent + 1] = (starts[parent + 1] as number) + 1;
  }
  for (let i = 0; i < numParents; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number);
  parents.starts = starts;
  return { characters, counts: new Uint32Array(numNodes), starts: new Uint32Array(0) };
}

/** The node for `unit` after node `parent`, or −1. */
export function childOf(parents: Level, children: Level, parent: number, unit: number): number {
  let low = parents.starts[parent] as number;
  let high = (parents.starts[parent + 1] as number) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = children.characters[middle] as number;
    if (found === unit) return middle;
    if (found < unit) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
