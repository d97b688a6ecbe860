/** What is known of each family, and to which one a checkpoint belongs. */
import { basename } from 'node:path';
import { EngineError } from '../errors';
import { families, promptLayouts, tokenizerKinds } from '../manifest';
import type { Family, PromptLayout, Sampling, TokenizerKind } from '../manifest';
import type { ModelSettings } from '../conversion';
import { namesOf } from './checkpointPlace';
import type { CheckpointFormat } from './openCheckpoint';
import type { TokenizerSource } from './tokenizerSource';
import type { Vocabulary } from './vocabulary';

interface FamilyFacts {
  /** Which tokenizers it may have, the likeliest first. */
  tokenizers: readonly TokenizerKind[];
  promptLayout: PromptLayout;
  /** Positions that were trained, where they are fewer than the table has. */
  trainedLength?: number;
  sampling: Sampling | null;
}

/**
 * yangjianxin1's and leeguandong's code trains in windows of 200 tokens whatever the position table has, and samples so.
 * Its end of text is seen in short texts only.
 */
const titled: FamilyFacts = {
  tokenizers: ['cpm-hf46', 'cpm-thu'],
  promptLayout: 'title-separator-text',
  trainedLength: 200,
  sampling: { temperature: 1, topK: 0, topP: 0.85 },
};

/**
 * uer/gpt2-chinese-*, as their cards say: each has 1024 positions, but these were trained from nothing in rows of fewer
 * tokens. The others saw rows of 1024, or began as a model that did.
 */
const trainedByName: readonly (readonly [RegExp, number])[] = [
  [/chinese-couplet/, 64],
  [/chinese-poem/, 128],
  [/chinese-ancient/, 320],
];

/** How many positions a folder's name and the one above it tell of; Infinity where they tell nothing. */
export function trainedByItsName(from: string): number {
  const names = namesOf(from).join('/').toLowerCase();
  return trainedByName.find(([name]) => name.test(names))?.[1] ?? Infinity;
}

export const familyFacts: Record<Family, FamilyFacts> = {
  cpm: { tokenizers: ['cpm-thu', 'cpm-hf46'], promptLayout: 'title-text', sampling: null },
  'cpm-essay': titled,
  'cpm-shopping': titled,
  'gpt2-bert': { tokenizers: ['bert', 'bert-uncased'], promptLayout: 'title-text', sampling: null },
  'gpt2-byte-bpe': { tokenizers: ['byte-bpe'], promptLayout: 'title-text', sampling: null },
  'gpt2-sentencepiece': {
    tokenizers: ['sentencepiece-unigram'],
    promptLayout: 'title-separator-text',
    sampling: null,
  },
};

/**
 * The public folders differ little: yangjianxin1's and leeguandong's hold no tokenizer, or the chinese_vocab.model that
 * somebody has put there when we asked for it; Tsinghua's hold a spiece.model or are Megatron's. What the names of the
 * folder and the one above it say goes before that, but `distill` says nothing: yangjianxin1's code saves to a folder of
 * that name too.
 */
export function guessFamily(
  { from, format }: { from: string; format: CheckpointFormat },
  source: TokenizerSource,
  vocabulary: Vocabulary,
): Family {
  if (source.kind === 'bert' || source.kind === 'bert-uncased') return 'gpt2-bert';
  if (source.kind === 'byte-bpe') return 'gpt2-byte-bpe';
  if (!vocabulary.isCpm) return 'gpt2-sentencepiece';
  if (format === 'megatron') return 'cpm';
  const names = namesOf(from).join('/').toLowerCase();
  if (/leeguandong|shop|商品|电商/.test(names)) return 'cpm-shopping';
  if (/yangjianxin|essay|zuowen|composition|作文/.test(names)) return 'cpm-essay';
  if (/cpm-(?:1-)?(?:generate|distill)|tsinghua/.test(names)) return 'cpm';
  return source.isOwn && basename(source.path) === 'spiece.model' ? 'cpm' : 'cpm-essay';
}

/**
 * What a model's settings are when nobody chooses otherwise.
 * @param chosen what somebody has chosen
 * @param length rows of the position table, and how many of them were trained
 * @throws EngineError 'checkpoint-invalid' for a choice that cannot be.
 */
export function settingsOf(
  guess: Family,
  source: TokenizerSource,
  vocabulary: Vocabulary,
  length: { numPositions: number; trained: number },
  chosen: Partial<ModelSettings> = {},
): ModelSettings {
  const family = chosen.family ?? guess;
  const facts = familyFacts[family];
  if (!families.includes(family)) fail(`family ${family} is not known; there are ${families.join(', ')}`);
  const ownKind = facts.tokenizers.includes(source.kind) ? source.kind : (facts.tokenizers[0] as TokenizerKind);
  const layout = facts.promptLayout;
  const settings: ModelSettings = {
    family,
    tokenizer: chosen.tokenizer ?? ownKind,
    promptLayout:
      chosen.promptLayout ??
      (layout === 'title-separator-text' && vocabulary.separator === null ? 'title-text' : layout),
    contextLength: chosen.contextLength ?? Math.min(facts.trainedLength ?? Infinity, length.trained),
    endOfText: chosen.endOfText ?? vocabulary.endOfText,
  };
  checkSettings(settings, source, vocabulary, length.numPositions);
  return settings;
}

function checkSettings(
  { tokenizer, promptLayout, contextLength }: ModelSettings,
  source: TokenizerSource,
  vocabulary: Vocabulary,
  numPositions: number,
): void {
  if (!tokenizerKinds.includes(tokenizer)) fail(`tokenizer ${tokenizer} is not known`);
  if (!promptLayouts.includes(promptLayout)) fail(`layout ${promptLayout} is not known`);
  if (fileType(tokenizer) !== fileType(source.kind))
    fail(`${source.path} is not a file for the tokenizer ${tokenizer}`);
  if (promptLayout === 'title-separator-text' && vocabulary.separator === null)
    fail(`layout ${promptLayout} needs a tokenizer with <sep>`);
  if (!Number.isSafeInteger(contextLength) || contextLength < 1 || contextLength > numPositions)
    fail(`the window is ${contextLength} tokens, but must be 1 to ${numPositions}`);
}

function fileType(kind: TokenizerKind): 'sentencepiece' | 'bert' | 'byte-bpe' {
  if (kind === 'byte-bpe') return kind;
  return kind === 'bert' || kind === 'bert-uncased' ? 'bert' : 'sentencepiece';
}

function fail(what: string): never {
  throw new EngineError('checkpoint-invalid', what);
}
