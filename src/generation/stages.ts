/**
 * The links of the sampler chain. An adjusting stage changes logits, all of which it sees; a truncating stage narrows
 * what may be drawn. Each is one definition from the literature, so that each can be tested against it by hand.
 * To add one: write it here, give its option a range in options.ts, and put it in its place in sampler.ts.
 */
import type { Candidates } from './candidates';

/** Changes `logits` [vocabSize] in place. `history` holds the token ids so far, prompt included, oldest first. */
export type AdjustingStage = (logits: Float32Array, history: readonly number[]) => void;

export type TruncatingStage = (candidates: Candidates, history: readonly number[]) => Candidates;

export function banTokens(tokenIds: readonly number[]): AdjustingStage {
  return (logits) => {
    for (const id of tokenIds) logits[id] = -Infinity;
  };
}

/** Keskar 2019: positive logits of tokens in the window are divided by the penalty, negative ones multiplied. */
export function repetitionPenalty(penalty: number, window: number): AdjustingStage {
  return (logits, history) => {
    if (penalty === 1 || window === 0) return;
    for (const id of new Set(history.slice(-window))) {
      const logit = logits[id];
      if (logit !== undefined) logits[id] = logit > 0 ? logit / penalty : logit * penalty;
    }
  };
}

/** OpenAI's two: `presence` once for each token in the window, `frequency` for each of its occurrences. */
export function countPenalties(presence: number, frequency: number, window: number): AdjustingStage {
  return (logits, history) => {
    if ((presence === 0 && frequency === 0) || window === 0) return;
    const recent = history.slice(-window);
    for (const id of recent) logits[id] = (logits[id] as number) - frequency;
    for (const id of new Set(recent)) logits[id] = (logits[id] as number) - presence;
  };
}

/** Forbids each token that would complete an n-gram of the history a second time (Paulus 2017). */
export function noRepeatNgram(n: number): AdjustingStage {
  return (logits, history) => {
    if (n === 0 || history.length < n) return;
    const tail = history.length - (n - 1);
    for (let start = 0; start + n <= history.length; start++) {
      let same = 0;
      while (same < n - 1 && history[start + same] === history[tail + same]) same++;
      if (same === n - 1) logits[history[start + n - 1] as number] = -Infinity;
    }
  };
}

export function topK(k: number): TruncatingStage {
  return (candidates) => (k === 0 ? candidates : candidates.top(k));
}

/** Nucleus sampling, Holtzman 2019: the smallest set of likeliest tokens whose probabilities sum to at least p. */
export function topP(p: number): TruncatingStage {
  return (candidates) => (p >= 1 ? candidates : candidates.nucleus(p));
}

/** Another p where `afterNewline` says that a paragraph begins; 0 for the same everywhere. */
export function topPWithNewline(p: number, newlineP: number, afterNewline: (history: readonly number[]) => boolean) {
  const usual = topP(p);
  const atNewline = topP(newlineP);
  const stage: TruncatingStage = (candidates, history) =>
    (newlineP > 0 && afterNewline(history) ? atNewline : usual)(candidates, history);
  return stage;
}

/** Drops tokens whose probability is under `share` of the likeliest one's (Nguyen 2024). */
export function minP(share: number): TruncatingStage {
  return (candidates) => (share === 0 ? candidates : candidates.atLeast(candidates.maxLogit + Math.log(share)));
}

/** Meister 2022: the tokens whose surprise is closest to the entropy, until their probabilities sum to at least p. */
export function typicalP(p: number): TruncatingStage {
  return (candidates) => (p >= 1 ? candidates : candidates.typical(p));
}

export function temperature(value: number): TruncatingStage {
  // 0 is the limit of ever colder distributions: all of the probability on the likeliest token.
  return (candidates) => (value === 0 ? candidates.top(1) : candidates.scale(value));
}
