/**
 * A dictionary's words in the order of their UTF-16 units, one behind the other. What a text begins with is looked for unit
 * by unit, in an ever shorter range of words that agree with it:
 *
 *     天 │ 天上 │ 天气 │ 天气图 │ 天气预报 │ 天理      天 → all, 天气 → the third to the fifth; the first is the word itself
 *
 * A trie of 350,000 words took eight times the memory, most of the time in which a CPM model's tokenizer was made, and found
 * words no faster.
 */
export class SortedWords {
  /** The words that begin with unit u are [firsts[u], firsts[u + 1]). */
  readonly firsts: Uint32Array; // [65537]

  /**
   * @param units of all words
   * @param starts [number of words + 1]; word i is [starts[i], starts[i + 1]) of `units`, never empty
   */
  constructor(
    readonly units: Uint16Array,
    readonly starts: Uint32Array,
  ) {
    this.firsts = new Uint32Array(0x10001);
    const { firsts } = this;
    const numWords = starts.length - 1;
    for (let word = 0; word < numWords; word++) (firsts[(units[starts[word] as number] as number) + 1] as number)++;
    for (let unit = 0; unit < 0x10000; unit++)
      firsts[unit + 1] = (firsts[unit] as number) + (firsts[unit + 1] as number);
  }

  /** @param words each without what it `shares` with the one before */
  static unpack(suffixes: Uint16Array, shared: Uint8Array, lengths: Uint8Array): SortedWords {
    const numWords = shared.length;
    const starts = new Uint32Array(numWords + 1);
    for (let word = 0; word < numWords; word++)
      starts[word + 1] = (starts[word] as number) + (shared[word] as number) + (lengths[word] as number);
    const units = new Uint16Array(starts[numWords] as number);
    let [to, from] = [0, 0];
    for (let word = 0; word < numWords; word++) {
      const before = starts[word - 1] ?? 0;
      for (let i = 0; i < (shared[word] as number); i++) units[to++] = units[before + i] as number;
      for (let count = lengths[word] as number; count > 0; count--) units[to++] = suffixes[from++] as number;
    }
    return new SortedWords(units, starts);
  }
}

/** A walk along a text. One is enough for many texts. */
export class WordSearch {
  /** Words [low, high) begin with the `depth` units so far. */
  private low = 0;
  private high = 0;
  private depth = 0;

  constructor(private readonly words: SortedWords) {}

  restart(): void {
    this.depth = 0;
  }

  /** Goes on by a unit. @returns false where no word goes on so; the walk is then at its end */
  step(unit: number): boolean {
    const { depth } = this;
    if (depth === 0) {
      const { firsts } = this.words;
      this.low = firsts[unit] as number;
      this.high = firsts[unit + 1] as number;
    } else {
      if (this.isWord()) this.low++; // it ends here
      this.low = this.firstFrom(unit, depth);
      this.high = this.firstFrom(unit + 1, depth);
    }
    this.depth++;
    return this.low < this.high;
  }

  /** The word that the units so far are, or -1; after a step that was true. */
  get word(): number {
    return this.isWord() ? this.low : -1;
  }

  private isWord(): boolean {
    const { starts } = this.words;
    return (starts[this.low + 1] as number) - (starts[this.low] as number) === this.depth;
  }

  /** The first word of [low, high), all longer than `depth`, whose unit there is `unit` or more. */
  private firstFrom(unit: number, depth: number): number {
    const { units, starts } = this.words;
    let { low, high } = this;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((units[(starts[middle] as number) + depth] as number) < unit) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
