/** Three ways to write, named for what a writer wants rather than for what a sampler does. */
import type { Manifest, Sampling } from './manifest';
import type { GenerateOptions } from './options';

/** 稳妥 · 平衡 · 奔放 */
export const presetNames = ['steady', 'balanced', 'bold'] as const;
export type PresetName = (typeof presetNames)[number];

/** DRY breaks the loops that small models fall into, and leaves single recurring words (names!) alone. */
const common: Partial<GenerateOptions> = { dryMultiplier: 0.8, repetitionPenalty: 1.05 };

export const presets: Record<PresetName, Partial<GenerateOptions>> = {
  steady: { ...common, temperature: 0.7, topP: 0.7, newlineTopP: 0.85 },
  balanced: { ...common, temperature: 0.9, topP: 0.8, newlineTopP: 0.9 },
  bold: { ...common, temperature: 1, topP: 0.92, newlineTopP: 0.95 },
};

/**
 * An article is held closer to its title (generation/titleGuidance.ts) where the model is small: it listens to its last
 * sentence and leaves its subject. What the title makes likelier it makes so again and again: without the rest, four of 62
 * articles ended in a loop. A penalty that counts no word twice, as the first one did, leaves those that are said in every
 * clause: nine of 82 went round in one at their end, and none does since each time counts. To a large model the title is enough, at half the time, and whose authors say how to sample
 * writes as they meant it.
 */
export function closeToTitle({
  numParameters,
  sampling,
}: Pick<Manifest, 'numParameters' | 'sampling'>): Partial<GenerateOptions> {
  return sampling === null && numParameters < 50e6 ? guided : {};
}

const guided = {
  titleGuidance: 1.5,
  frequencyPenalty: 0.1,
  repetitionPenalty: 1.05,
  repetitionWindow: 256,
  noRepeatNgram: 8,
};

/** 平衡 is how the model's authors sample, where they say so: exactly that, without what we add. */
export function presetOptions(name: PresetName, sampling: Sampling | null): Partial<GenerateOptions> {
  return name === 'balanced' && sampling !== null ? sampling : presets[name];
}
