/** Which text, if any, is worth showing where text stands to the right of the cursor. */
import type { GenerateOptions } from '../options';
import type { GapFilling } from '../protocol';
import { GhostBuilder, ghostOptions } from './ghost';
import type { GhostLimits, GhostSettings } from './ghost';

/** Characters of what follows that a text has to lead to: its next words, not what it goes on to say. */
const suffixLength = 12;

/** As many as are weighed against each other. */
export const gapSeeds = [1, 2, 3];

/**
 * What a text in the gap has to lead to; '' where it need not lead anywhere: nothing follows, or only what closes a
 * quotation or ends a sentence that is still open.
 */
export function gapSuffix(suffix: string): string {
  const words = suffix.trimEnd();
  return /[\p{L}\p{N}]/u.test(words) ? words.slice(0, suffixLength) : '';
}

/** Of the likelier words, for the likeliest text alone would leave nothing to choose from; short, for a gap is. */
export function gapOptions(settings: GhostSettings): Partial<Omit<GenerateOptions, 'seed'>> {
  const { maxNewTokens, ...options } = ghostOptions(settings);
  return { ...options, temperature: 0.7, topP: 0.9, maxNewTokens: Math.min(12, maxNewTokens ?? 12) };
}

/**
 * The texts that are worth showing, the one first after which the suffix is likeliest; none where it would be less likely
 * after any of them than it is now. What a text adds to the suffix's probability counts for its own: it is how sure the
 * model is of it, knowing both sides.
 */
export function rankForGap(
  { candidates, emptySuffixLogProb }: GapFilling,
  suffix: string,
  settings: GhostLimits,
  before = '',
): string[] {
  const ranked: { ghost: string; suffixLogProb: number }[] = [];
  for (const { text, logProb, numTokens, suffixLogProb } of candidates) {
    const builder = new GhostBuilder(suffix, settings, before);
    builder.push({ text, logProb: Math.min(0, logProb + suffixLogProb - emptySuffixLogProb), numTokens });
    const ghost = builder.result();
    if (ghost !== '' && suffixLogProb > emptySuffixLogProb) ranked.push({ ghost, suffixLogProb });
  }
  ranked.sort((a, b) => b.suffixLogProb - a.suffixLogProb);
  return ranked.map(({ ghost }) => ghost);
}
