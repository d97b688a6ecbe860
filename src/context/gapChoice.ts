/** Which text, if any, is worth showing where text stands to the right of the cursor. */
import type { GenerateOptions } from '../options';
import type { CandidateResult, CandidateSeed, GapFilling } from '../protocol';
import { GhostBuilder, ghostOptions } from './ghost';
import type { GhostLimits, GhostSettings } from './ghost';
import { characterEnd } from './wholeCharacters';

/** Characters of what follows that a text has to lead to: its next words, not what it goes on to say. */
const suffixLength = 12;

/** Tokens of a text in a gap at most: gaps are short. */
const maxTokens = 12;

/** As many as are weighed against each other, the likeliest text among them. */
export const gapSeeds: readonly CandidateSeed[] = [null, 1, 2];

/**
 * What a text in the gap has to lead to; '' where it need not lead anywhere: nothing follows, or only what closes a
 * quotation or ends a sentence that is still open.
 */
export function gapSuffix(suffix: string): string {
  const words = suffix.trimEnd();
  return /[\p{L}\p{N}]/u.test(words) ? words.slice(0, characterEnd(words, suffixLength)) : '';
}

/** What is drawn is drawn from the likelier words. */
export function gapOptions(settings: GhostSettings): Partial<Omit<GenerateOptions, 'seed'>> {
  const { maxNewTokens, ...options } = ghostOptions(settings);
  return { ...options, temperature: 0.7, topP: 0.9, maxNewTokens: Math.min(maxTokens, maxNewTokens ?? maxTokens) };
}

/**
 * What of a candidate would be shown, by the rules of ghost text (ghost.ts) and however unsure the model is of it; null for
 * nothing. This is what is to be weighed by what follows: the rest of a candidate says what follows already, or leads away.
 * @param suffix the rest of the line @param before the text to the left of the cursor
 */
export function shownInGap(candidate: CandidateResult, suffix: string, before: string): CandidateResult | null {
  const builder = new GhostBuilder(suffix, { confidenceFloor: 0, maxTokens }, before);
  candidate.deltas.every((delta) => builder.push(delta));
  const text = builder.result();
  if (text === '') return null;
  // Which tokens are gone is not known; how much of the text is.
  const share = Math.min(1, text.length / candidate.text.length);
  const numTokens = Math.max(1, Math.round(share * candidate.numTokens));
  return { ...candidate, text, logProb: share * candidate.logProb, numTokens };
}

/**
 * The texts that are worth showing, as they were weighed, the one first after which the suffix is likeliest; none where it
 * would be less likely after any of them than it is now. What a text adds to the suffix's probability counts for its own: it
 * is how sure the model is of it, knowing both sides.
 */
export function rankForGap({ candidates, emptySuffixLogProb }: GapFilling, settings: GhostLimits): string[] {
  return candidates
    .filter(({ text, logProb, numTokens, suffixLogProb }) => {
      const builder = new GhostBuilder('', settings);
      builder.push({ text, logProb: Math.min(0, logProb + suffixLogProb - emptySuffixLogProb), numTokens });
      return suffixLogProb > emptySuffixLogProb && builder.result() !== '';
    })
    .sort((a, b) => b.suffixLogProb - a.suffixLogProb)
    .map(({ text }) => text);
}
