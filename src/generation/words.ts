/** Words that a writer forbids or favours, as the token sequences that could spell them. */
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { AdjustingStage } from './stages';

/** Where tokens come into the spelling of a word. */
interface Spelling {
  word: Buffer;
  /** Tokens that hold all of it. */
  whole: number[];
  /** For each number of its bytes that are there already: the tokens that begin with the rest. */
  completing: number[][];
  /** The same: tokens that are the next whole characters, and do not complete it. */
  leading: number[][];
}

/**
 * A word can be cut in many ways, begin inside one token and end inside another, or come byte by byte; so it is the bytes
 * that are compared, in the form that the tokenizer brings texts into.
 *
 *     word 天气   …好天 | 气温     the history ends with 天: 气 and what begins with it complete the word
 *                 …好 | 天气预报   tokens that hold the whole word
 */
function spellings(words: readonly string[], tokenizer: Tokenizer): Spelling[] {
  const known = knownFor(tokenizer);
  // The words of a writer's settings come again at each key.
  if (known.size + words.length > mostKnown) known.clear();
  const unknown = [...new Set(words)].filter((word) => !known.has(word));
  for (const word of unknown) known.set(word, unplaced(word, tokenizer));
  const found = unknown.map((word) => known.get(word) as Spelling);
  for (let id = 0; id < tokenizer.vocabSize && found.length > 0; id++) {
    const bytes = Buffer.from(tokenizer.tokenBytes(id));
    if (bytes.length > 0) for (const spelling of found) place(id, bytes, spelling);
  }
  return words.map((word) => known.get(word) as Spelling);
}

/** Words whose spellings are remembered. */
const mostKnown = 1000;
const knownSpellings = new WeakMap<Tokenizer, Map<string, Spelling>>();

function knownFor(tokenizer: Tokenizer): Map<string, Spelling> {
  let known = knownSpellings.get(tokenizer);
  if (!known) knownSpellings.set(tokenizer, (known = new Map<string, Spelling>()));
  return known;
}

function unplaced(text: string, tokenizer: Tokenizer): Spelling {
  // Where nothing is left of it, as of a space that a tokenizer leaves out, every token would hold it.
  const word = Buffer.from(tokenizer.spelt?.(text) || text, 'utf8');
  const none = () => Array.from(word, (): number[] => []);
  return { word, whole: [], completing: none(), leading: none() };
}

function place(id: number, bytes: Buffer, { word, whole, completing, leading }: Spelling): void {
  if (bytes.includes(word)) whole.push(id);
  for (let there = 0; there < word.length; there++) {
    const rest = word.subarray(there);
    if (there > 0 && bytes.subarray(0, rest.length).equals(rest)) completing[there]?.push(id);
    // In UTF-8 the bytes within a character are 10xxxxxx.
    const isWhole = bytes.length < rest.length && ((rest[bytes.length] as number) & 0xc0) !== 0x80;
    if (isWhole && rest.subarray(0, bytes.length).equals(bytes)) leading[there]?.push(id);
  }
}

/** With how many of its bytes the history may have begun the word; 0 is always among them. */
function begun({ word }: Spelling, tail: Buffer): number[] {
  const lengths = [0];
  for (let there = 1; there < word.length && there <= tail.length; there++)
    if (tail.subarray(tail.length - there).equals(word.subarray(0, there))) lengths.push(there);
  return lengths;
}

/** Forbids each token that would complete one of `words`. */
export function banWords(words: readonly string[], tokenizer: Tokenizer): AdjustingStage {
  const found = spellings(words, tokenizer);
  const longest = Math.max(0, ...found.map(({ word }) => word.length));
  return (logits, history) => {
    const tail = lastBytes(history, longest - 1, tokenizer);
    for (const spelling of found) {
      for (const id of spelling.whole) logits[id] = -Infinity;
      for (const there of begun(spelling, tail))
        for (const id of spelling.completing[there] ?? []) logits[id] = -Infinity;
    }
  };
}

/**
 * Adds a word's bias to each token that would complete it; where that favours it, also to those that lead to it. Where
 * 天气 is out of favour 天 is not.
 */
export function biasWords(biases: Readonly<Record<string, number>>, tokenizer: Tokenizer): AdjustingStage {
  const words = Object.keys(biases);
  const found = spellings(words, tokenizer).map((spelling, i) => ({
    ...spelling,
    bias: biases[words[i] as string] ?? 0,
  }));
  const longest = Math.max(0, ...found.map(({ word }) => word.length));
  return (logits, history) => {
    const tail = lastBytes(history, longest - 1, tokenizer);
    for (const spelling of found) {
      const { whole, completing, leading, bias } = spelling;
      const ids = new Set(whole);
      for (const there of begun(spelling, tail))
        for (const id of [...(completing[there] ?? []), ...(bias > 0 ? (leading[there] ?? []) : [])]) ids.add(id);
      for (const id of ids) logits[id] = (logits[id] as number) + bias;
    }
  };
}

function lastBytes(history: readonly number[], count: number, tokenizer: Tokenizer): Buffer {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (let i = history.length - 1; i >= 0 && total < count; i--) {
    const bytes = tokenizer.tokenBytes(history[i] as number);
    pieces.unshift(bytes);
    total += bytes.length;
  }
  return Buffer.concat(pieces);
}
