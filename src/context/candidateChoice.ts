/** What a writer is offered who asks for suggestions by hand: several, and whatever the model is least unsure of. */
import type { GenerateOptions } from '../options';
import type { CandidateResult, CandidateSeed } from '../protocol';
import { GhostBuilder, ghostOptions } from './ghost';
import type { GhostSettings } from './ghost';
import { normalised } from './normalised';

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

/** The texts worth showing, the one first whose tokens are likeliest on average. */
export function rankCandidates(
  candidates: readonly CandidateResult[],
  suffix: string,
  settings: GhostSettings,
  before: string,
): string[] {
  const mean = ({ logProb, numTokens }: CandidateResult) => logProb / Math.max(1, numTokens);
  return [...candidates]
    .sort((a, b) => mean(b) - mean(a))
    .map((candidate) => {
      const builder = new GhostBuilder(suffix, settings, before);
      candidate.deltas.every((delta) => builder.push(delta));
      return builder.result();
    })
    .filter((ghost) => ghost !== '');
}

/** Without those that differ from an earlier one only in width or quotes, and no more than a writer is offered. */
export function offered(ghosts: readonly string[]): string[] {
  const forms = ghosts.map((ghost) => normalised(ghost).text);
  return ghosts.filter((_, i) => forms.indexOf(forms[i] as string) === i).slice(0, most);
}
