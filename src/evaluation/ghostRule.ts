/** Which ghost a stream of text becomes: the product's rule, and others to compare it with. */
import { GhostBuilder, defaultGhostSettings, ghostOptions } from '../context/ghost';
import type { GhostSettings } from '../context/ghost';
import type { GenerateOptions } from '../options';
import type { TextDelta } from '../protocol';
import { firstWord, unitEnds } from '../context/acceptUnits';

export interface GhostRule {
  name: string;
  options: Partial<GenerateOptions>;
  /** @param deltas the stream, at least as much of it as the rule can want; @returns '' for silence */
  ghost(deltas: readonly TextDelta[]): string;
}

/** What the product shows with these settings; the simulated writer types at the end of the line, so no suffix. */
export function productRule(settings: GhostSettings = defaultGhostSettings, name = 'product'): GhostRule {
  return { name, options: ghostOptions(settings), ghost: (deltas) => build(deltas, settings) };
}

/** The lowest floor that any rule here asks for: streams are recorded to where it would end them. */
export const lowestFloor = 0.15;

/** Rules that might be better than the product's. Probabilities are the model's own, 0 … 1. */
export function variantRules(settings: GhostSettings): GhostRule[] {
  const product = productRule(settings);
  const rule = (name: string, ghost: GhostRule['ghost']): GhostRule => ({ ...product, name, ghost });
  const firstWord = (least: number, floor: number) => (deltas: readonly TextDelta[]) => {
    const ghost = build(deltas, { ...settings, confidenceFloor: floor });
    return wordProbability(deltas, ghost) >= least ? ghost : '';
  };
  return [
    product,
    rule('two characters at least', (deltas) => twoCharacters(product.ghost(deltas))),
    rule('cut at a word', (deltas) => cutAtWord(deltas, product.ghost(deltas))),
    ...[0.3, 0.4, 0.5].map((least) =>
      rule(`first token ≥ ${least}, floor 0.2`, (deltas) =>
        Math.exp(deltas[0]?.logProb ?? -Infinity) >= least ? build(deltas, { ...settings, confidenceFloor: 0.2 }) : '',
      ),
    ),
    ...[0.2, 0.3, 0.4, 0.5].flatMap((least) =>
      [0.2, 0.3, 0.4].map((floor) => rule(`first word ≥ ${least}, floor ${floor}`, firstWord(least, floor))),
    ),
    ...[0.3, 0.4].map((least) =>
      rule(`first word ≥ ${least}, floor 0.3, two characters at least`, (deltas) =>
        twoCharacters(firstWord(least, 0.3)(deltas)),
      ),
    ),
    ...[0.2, 0.3, 0.4].map((least) => rule(`whole ghost ≥ ${least}`, (deltas) => cutToJoint(deltas, least))),
    ...[1, 1.1].map((repetitionPenalty) => ({
      ...product,
      name: `repetition penalty ${repetitionPenalty}`,
      options: { ...product.options, repetitionPenalty },
    })),
  ];
}

/** One character costs a key to accept: it saves none. */
function twoCharacters(ghost: string): string {
  return ghost.length >= 2 ? ghost : '';
}

function build(deltas: readonly TextDelta[], settings: GhostSettings): string {
  const builder = new GhostBuilder('', settings);
  for (const delta of deltas) if (!builder.push(delta)) break;
  return builder.result();
}

/** The probability of the tokens that hold the ghost's first word; 0 for no ghost. */
function wordProbability(deltas: readonly TextDelta[], ghost: string): number {
  const { length } = firstWord(ghost);
  let read = 0;
  let logProb = length === 0 ? -Infinity : 0;
  for (const { text, logProb: more } of deltas) {
    if (read >= length) break;
    read += text.length;
    logProb += more;
  }
  return Math.exp(logProb);
}

/** As long as the probability of all of it is at least `least`. */
function cutToJoint(deltas: readonly TextDelta[], least: number): string {
  let logProb = 0;
  const kept = deltas.findIndex((delta) => (logProb += delta.logProb) < Math.log(least));
  return build(kept < 0 ? deltas : deltas.slice(0, kept), { confidenceFloor: 0, maxTokens: Infinity });
}

/** Without the half of a word at its end that the token after it would have gone on with. */
function cutAtWord(deltas: readonly TextDelta[], ghost: string): string {
  const all = deltas.map(({ text }) => text).join('');
  if (ghost.length >= all.trimEnd().length) return ghost;
  const ends = unitEnds(all).words;
  return ghost.slice(0, Math.max(0, ...ends.filter((end) => end <= ghost.length)));
}
