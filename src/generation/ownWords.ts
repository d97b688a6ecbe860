/**
 * The writer's own words as evidence of the next token: the text before the cursor first, then what was learnt from other
 * texts, so that names and terms that were used are completed the next time.
 */
import type { EvidenceSource } from './evidence';
import { TextBefore } from './textBefore';
import type { ShareOf } from './tokenMatches';

/**
 * λ by the length of a match (rows: 1 … 4 tokens) and how often it was found (once, twice, 3 or 4 times, more often), fitted
 * by expectation-maximisation (20 rounds, the seed model at int8) to 100,058 tokens of 44 documents of the training text, up
 * to 6,000 characters of each, from runs of neighbours of one source, so that the earlier ones are the learnt texts: `same`
 * where always the same token followed, else `mixed`. How rare the tokens are and how sure the network is made no difference.
 */
interface Shares {
  same: readonly (readonly number[])[];
  mixed: readonly (readonly number[])[];
}

const inTextBefore: Shares = {
  same: [
    [0.04, 0.17, 0.23, 0.25],
    [0.09, 0.38, 0.38, 0.38],
    [0.17, 0.51, 0.77, 0.77],
    [0.27, 0.78, 0.84, 0.84],
  ],
  mixed: [
    [0, 0.05, 0.04, 0.04],
    [0, 0.04, 0.06, 0.17],
    [0, 0.05, 0.03, 0.03],
    [0, 0.1, 0.17, 0.17],
  ],
};

const inLearntTexts: Shares = {
  same: [
    [0.03, 0.13, 0.28, 0.46],
    [0.07, 0.36, 0.65, 0.82],
    [0.12, 0.54, 0.71, 0.89],
    [0.33, 0.58, 0.84, 0.92],
  ],
  mixed: [
    [0, 0.04, 0.05, 0.07],
    [0, 0.03, 0.03, 0.04],
    [0, 0.03, 0.05, 0.06],
    [0, 0.08, 0.07, 0.1],
  ],
};

function shareIn({ same, mixed }: Shares): ShareOf {
  return (length, total, distinct) => {
    const column = total <= 2 ? total - 1 : total < 5 ? 2 : 3;
    return (distinct === 1 ? same : mixed)[length - 1]?.[column] ?? 0;
  };
}

const shareInTextBefore = shareIn(inTextBefore);
export const shareInLearntTexts = shareIn(inLearntTexts);

/** In the order in which they count. @param textIds before the cursor @param learnt from other texts */
export function ownWords(textIds: readonly number[], learnt: EvidenceSource | null): EvidenceSource[] {
  const before = new TextBefore(textIds, shareInTextBefore);
  return learnt ? [before, learnt] : [before];
}
