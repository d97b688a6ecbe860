/** Words that a writer forbids or favours, as the token sequences that could spell them. */
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { AdjustingStage } from './stages';

/**
 * Forbids each token that would complete one of `words`. A word can be cut in many ways, begin inside one token and end
 * inside another, or come byte by byte; so it is the bytes that are compared, and only the last step is forbidden.
 *
 *     word 天气   …好天 | 气温     the history ends with 天, so tokens that begin with 气 are out
 *                 …好 | 天气预报   tokens that hold the whole word are always out
 */
export function banWords(words: readonly string[], tokenizer: Tokenizer): AdjustingStage {
  const targets = words.map((word) => Buffer.from(word, 'utf8'));
  const longest = Math.max(0, ...targets.map((word) => word.length));
  const always: number[] = [];
  /** For each word, for each number of its bytes that are there already: the tokens that begin with the rest. */
  const completing = targets.map((word) => Array.from(word, (): number[] => []));
  if (words.length > 0)
    for (let id = 0; id < tokenizer.vocabSize; id++) {
      const bytes = Buffer.from(tokenizer.tokenBytes(id));
      targets.forEach((word, w) => {
        if (bytes.includes(word)) always.push(id);
        for (let there = 1; there < word.length; there++)
          if (bytes.subarray(0, word.length - there).equals(word.subarray(there))) completing[w]?.[there]?.push(id);
      });
    }
  return (logits, history) => {
    if (words.length === 0) return;
    for (const id of always) logits[id] = -Infinity;
    const tail = lastBytes(history, longest - 1, tokenizer);
    targets.forEach((word, w) => {
      for (let there = 1; there < word.length; there++)
        if (there <= tail.length && tail.subarray(tail.length - there).equals(word.subarray(0, there)))
          for (const id of completing[w]?.[there] ?? []) logits[id] = -Infinity;
    });
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

/** Adds a word's bias to the first token of its encoding, and to each further one after those before it. */
export function biasWords(biases: Readonly<Record<string, number>>, tokenizer: Tokenizer): AdjustingStage {
  const words = Object.entries(biases).map(([word, bias]) => ({ ids: tokenizer.encode(word), bias }));
  return (logits, history) => {
    for (const { ids, bias } of words)
      ids.forEach((id, position) => {
        const start = history.length - position;
        if (start >= 0 && ids.slice(0, position).every((before, i) => history[start + i] === before))
          logits[id] = (logits[id] as number) + bias;
      });
  };
}
