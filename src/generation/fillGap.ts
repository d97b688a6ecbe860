/**
 * Text between what stands before the cursor and what stands behind it: several candidates, each cut to what would be shown
 * of it, then weighed by what stands behind.
 */
import { gapSuffix, shownInGap } from '../context/gapChoice';
import type { GenerateOptions } from '../options';
import type { CandidateSeed, GapFilling } from '../protocol';
import type { LoadedModel } from './generate';
import { generateBatch, type BatchLanguageModel } from './generateBatch';
import { promptWindow, type EncodedPrompt } from './promptWindow';

export interface ScoringModel {
  /**
   * Natural logarithm of the probability of `tokenIds` from index `from` ≥ 1 on, given those before.
   * @returns null when `signal` was aborted meanwhile
   */
  logProbabilityOf(tokenIds: readonly number[], from: number, signal: AbortSignal): Promise<number | null>;
}

export interface Gap {
  /** The text of `prompt`. */
  before: string;
  prompt: EncodedPrompt;
  /** The rest of the line. */
  behind: string;
}

type Model = LoadedModel & { network: BatchLanguageModel & ScoringModel };

/** @returns null when `signal` was aborted meanwhile */
export async function fillGap(
  model: Model,
  { before, prompt, behind }: Gap,
  options: Omit<GenerateOptions, 'seed'>,
  seeds: readonly CandidateSeed[],
  signal: AbortSignal,
): Promise<GapFilling | null> {
  const written = await generateBatch(model, prompt, options, seeds, signal);
  const after = gapSuffix(behind);
  const weigh = (inside: string) =>
    signal.aborted ? null : afterLogProb(model, prompt, before + inside, after, signal);
  const emptySuffixLogProb = await weigh('');
  if (emptySuffixLogProb === null) return null;
  const candidates: GapFilling['candidates'] = [];
  for (const candidate of written) {
    const shown = shownInGap(candidate, behind, before);
    if (shown === null || candidates.some(({ text }) => text === shown.text)) continue;
    const suffixLogProb = await weigh(shown.text);
    if (suffixLogProb === null) return null;
    candidates.push({ ...shown, suffixLogProb });
  }
  return { candidates, emptySuffixLogProb };
}

/** Of the text behind, given the text before. */
async function afterLogProb(
  { network, tokenizer, manifest }: Model,
  prompt: EncodedPrompt,
  before: string,
  after: string,
  signal: AbortSignal,
): Promise<number | null> {
  const known = tokenizer.encode(before);
  const all = tokenizer.encode(before + after);
  let shared = 0;
  while (shared < known.length && known[shared] === all[shared]) shared++;
  const logProbOfRest = (textIds: readonly number[]) => {
    const window = promptWindow({ ...prompt, textIds }, manifest);
    return network.logProbabilityOf(window, Math.max(1, window.length - (textIds.length - shared)), signal);
  };
  const joint = await logProbOfRest(all);
  if (joint === null || shared === known.length) return joint;
  // Where the two meet, tokens are others than those of each alone: what stands before is not to be paid for. Spelt with
  // tokens that nobody would choose it seems less likely than it is.
  const own = await logProbOfRest(known);
  return own === null ? null : Math.min(0, joint - own);
}
