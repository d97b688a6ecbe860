/** Which ghost a stream of text becomes: the product's rule, and others to compare it with. */
import { GhostBuilder, defaultGhostSettings, ghostOptions, isWorthShowing } from '../context/ghost';
import type { GhostLimits, GhostSettings } from '../context/ghost';
import type { GenerateOptions } from '../options';
import type { TextDelta } from '../protocol';

export interface GhostRule {
  name: string;
  options: Partial<GenerateOptions>;
  /**
   * @param deltas the stream, at least as much of it as the rule can want
   * @param before the text that it goes on with; @returns '' for silence
   */
  ghost(deltas: readonly TextDelta[], before: string): string;
}

/** What the product shows with these settings; the simulated writer types at the end of the line, so no suffix. */
export function productRule(settings: GhostSettings = defaultGhostSettings, name = 'product'): GhostRule {
  return { name, options: ghostOptions(settings), ghost: (deltas, before) => build(deltas, settings, before) };
}

/** The lowest floor that any rule here asks for: streams are recorded to where it would end them. */
export const lowestFloor = 0.15;

/** Rules that might be better than the product's. Probabilities are the model's own, 0 … 1. */
export function variantRules(settings: GhostSettings): GhostRule[] {
  const product = productRule(settings);
  const rule = (name: string, ghost: GhostRule['ghost']): GhostRule => ({ ...product, name, ghost });
  return [
    product,
    rule('as long as the floor lets it', (deltas, before) =>
      worthShowing(builderOf(deltas, settings, before).longest(), settings),
    ),
    rule('two characters at least', (deltas, before) => twoCharacters(product.ghost(deltas, before))),
    ...[0.3, 0.4].map((least) =>
      rule(`first token ≥ ${least}, floor 0.15`, (deltas, before) =>
        Math.exp(deltas[0]?.logProb ?? -Infinity) >= least
          ? build(deltas, { ...settings, confidenceFloor: 0.15 }, before)
          : '',
      ),
    ),
    ...[0.2, 0.3, 0.4].map((least) =>
      rule(`whole ghost ≥ ${least}`, (deltas, before) => worthShowing(cutToJoint(deltas, least, before), settings)),
    ),
    { ...product, name: 'without own words', options: { ...product.options, ownWords: 0 } },
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

function worthShowing(ghost: string, settings: GhostLimits): string {
  return isWorthShowing(ghost, settings) ? ghost : '';
}

function build(deltas: readonly TextDelta[], settings: GhostLimits, before: string): string {
  return builderOf(deltas, settings, before).result();
}

function builderOf(deltas: readonly TextDelta[], settings: GhostLimits, before: string): GhostBuilder {
  const builder = new GhostBuilder('', settings, before);
  for (const delta of deltas) if (!builder.push(delta)) break;
  return builder;
}

/** As long as the probability of all of it is at least `least`. */
function cutToJoint(deltas: readonly TextDelta[], least: number, before: string): string {
  let logProb = 0;
  const kept = deltas.findIndex((delta) => (logProb += delta.logProb) < Math.log(least));
  return build(kept < 0 ? deltas : deltas.slice(0, kept), { confidenceFloor: 0, maxTokens: Infinity }, before);
}
