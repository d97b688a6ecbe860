/**
 * The writer's own words as evidence of the next token: the text before the cursor first, then what was learnt from other
 * texts, so that names and terms that were used are completed the next time.
 */
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { EvidenceSource } from './evidence';
import { TextBefore } from './textBefore';
import type { ShareOf } from './tokenMatches';

/**
 * λ by the length of a match (rows: 1 … 4 tokens) and how often it was found (once, twice, 3 or 4 times, more often), fitted
 * by expectation-maximisation (20 rounds, the seed model at int8) to 100,058 tokens of 44 documents of the training text, up
 * to 6,000 characters of each, from runs of neighbours of one source, so that the earlier ones are the learnt texts: `same`
 * where always the same token followed, else `mixed`. How rare the tokens are and how sure the network is made no difference.
 *
 * `name` takes the place of `same` in matches that are spelt: names and terms that nobody has a token for stand in single
 * characters, 慕│容│栖│梧. What followed two such characters once, and in no place anything else, followed them again in
 * a quarter of the cases, and in two of five where the characters surprised the network; other tokens in one of twelve.
 * These shares are higher than that: a ghost of two characters needs a half for each to be seen (`ghost.ts`), and that a
 * name used once is completed is worth more to its writer than the 0.001 bits per character that it costs.
 */
interface Shares {
  name: readonly (readonly number[])[];
  same: readonly (readonly number[])[];
  mixed: readonly (readonly number[])[];
}

const spelt: Shares['name'] = [
  [0.04, 0.17, 0.23, 0.25],
  [0.55, 0.6, 0.65, 0.65],
  [0.6, 0.7, 0.8, 0.8],
  [0.65, 0.8, 0.85, 0.9],
];

const inTextBefore: Shares = {
  name: spelt,
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
  name: spelt,
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

function shareIn({ same, mixed, name }: Shares, tokenizer: Tokenizer): ShareOf {
  return (length, total, distinct, sequence, context) => {
    if (isShortNumber(context.slice(-length), tokenizer)) return 0;
    const column = total <= 2 ? total - 1 : total < 5 ? 2 : 3;
    const rows = distinct > 1 ? mixed : length > 1 && isSpelt(sequence, tokenizer) ? name : same;
    return rows[length - 1]?.[column] ?? 0;
  };
}

/**
 * What a number goes with is told by what stands before it: where forty chapters are headed 第20章, 章 would follow each 20,
 * and the chapter's name with it. A longer number is the writer's own, as that of a telephone.
 */
function isShortNumber(ids: readonly number[], tokenizer: Tokenizer): boolean {
  return /^\s*[\d０-９]{1,3}\s*$/.test(tokenizer.decode(ids));
}

function isSpelt(sequence: readonly number[], tokenizer: Tokenizer): boolean {
  return sequence.length > 0 && sequence.every((id) => /^\p{Script=Han}$/u.test(tokenizer.decode([id])));
}

export const shareInLearntTexts = (tokenizer: Tokenizer): ShareOf => shareIn(inLearntTexts, tokenizer);

/** In the order in which they count. @param textIds before the cursor @param learnt from other texts */
export function ownWords(
  textIds: readonly number[],
  learnt: EvidenceSource | null,
  tokenizer: Tokenizer,
): EvidenceSource[] {
  const before = new TextBefore(textIds, shareIn(inTextBefore, tokenizer));
  return learnt ? [before, learnt] : [before];
}
