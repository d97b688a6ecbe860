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
 * How much more than it does by itself a title counts for an article (generation/titleGuidance.ts). A small model listens to
 * its last sentence and leaves its subject; from a large one the title gets what it should, at half the time. Whose authors
 * say how to sample writes as they meant it.
 */
export function titleGuidance({ numParameters, sampling }: Pick<Manifest, 'numParameters' | 'sampling'>): number {
  return sampling === null && numParameters < smallModel ? 1.5 : 1;
}

const smallModel = 50e6;

/** 平衡 is how the model's authors sample, where they say so: exactly that, without what we add. */
export function presetOptions(name: PresetName, sampling: Sampling | null): Partial<GenerateOptions> {
  return name === 'balanced' && sampling !== null ? sampling : presets[name];
}
