/** What a writer is offered who asks for suggestions by hand: several, and whatever the model is least unsure of. */
import type { GenerateOptions } from '../options';
import type { CandidateResult, CandidateSeed } from '../protocol';
import { GhostBuilder, ghostOptions } from './ghost';
import type { GhostSettings } from './ghost';
import { normalForm } from './normalised';

/** As many as a writer is offered. */
const most = 3;

/** The likeliest text, a name perhaps, and of others one more than is offered: some turn out to be the same. */
export const candidateSeeds: readonly CandidateSeed[] = [null, 1, 2, 3];

/** Silence is for those who did not ask. */
export function candidateSettings(settings: GhostSettings): GhostSettings {
  return { ...settings, confidenceFloor: 0 };
}

/** What is drawn is drawn from the likelier words. */
export function candidateOptions(settings: GhostSettings): Partial<Omit<GenerateOptions, 'seed'>> {
  return { ...ghostOptions(settings), temperature: 0.7, topP: 0.9 };
}

/**
 * The texts worth showing, the one first whose tokens are likeliest on average: those that are looked at, without the one
 * that only tells that a sentence has ended, and without what a text went on to say before it went round in circles.
 */
export function rankCandidates(
  candidates: readonly CandidateResult[],
  suffix: string,
  settings: GhostSettings,
  before: string,
): string[] {
  return candidates
    .map(({ deltas }) => {
      const builder = new GhostBuilder(suffix, settings, before);
      deltas.every((delta) => builder.push(delta));
      return { ghost: builder.result(), mean: builder.meanLogProb };
    })
    .filter(({ ghost }) => ghost !== '')
    .sort((a, b) => b.mean - a.mean)
    .map(({ ghost }) => ghost);
}

/** Without those that differ from an earlier one only in width or quotes, and no more than a writer is offered. */
export function offered(ghosts: readonly string[]): string[] {
  const forms = ghosts.map((ghost) => normalForm(ghost));
  return ghosts.filter((_, i) => forms.indexOf(forms[i] as string) === i).slice(0, most);
}
