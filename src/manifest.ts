/**
 * `moxu.json`, the contract between the builder, which writes a model folder, and the engine, which loads it.
 *
 * A model folder holds `moxu.json`, `model.onnx`, `model.onnx.data` and the tokenizer's file. The manifest is written
 * last, so a folder without one is unfinished and never loads.
 *
 * The graph (batch B, new tokens S, capacity C, K logit positions):
 *
 *     input_ids                   int64 [B, S]
 *     position_ids                int64 [B, S]
 *     mask                        f32   [S, C + S]   added to scores: 0 where a new token sees a row of the cache or
 *                                                    another new token, hugely negative where it does not
 *     logit_positions             int64 [K]      indices into S whose logits are wanted
 *     past_key_values.<l>.…       the cache, see below
 *   → logits                      f32   [B, K, vocabSize]
 *     present                     f32   [numLayers, 2, B, numHeads, S, headSize]   the new rows only
 *
 * The cache with `kvCache` float32:
 *
 *     key, value                  f32   [B, numHeads, C, headSize]
 *
 * and with int8, each row rounded with a scale of its own:
 *
 *     key                         int8  [B, numHeads, headSize, C]
 *     key_scales, key_offsets     f32   [B, numHeads, 1, C]            offset = 64 · scale · Σ of the row's integers
 *     value                       int8  [B, numHeads, C, headSize]
 *     value_scales                f32   [B, numHeads, 1, C]
 *
 * C is at least 1 and chosen by the caller; it grows in buckets as the text grows.
 */
import { EngineError } from './errors';
import type { GenerateOptions } from './options';

export const manifestFile = 'moxu.json';

/** Of the manifest and of the graph's inputs and outputs. 2 added `kvCache`, 3 `mask`, 4 what belongs to a family. */
export const manifestFormat = 4;

export type Quantization = 'none' | 'int8' | 'int4';

export type KvCacheType = 'float32' | 'int8';

/** How a title and a text become token ids; ids are in `specialTokens`. */
export const promptLayouts = [
  /** `title <sep> text`; without a title `<sep> text` at the beginning of a text, plain text elsewhere. */
  'title-separator-text',
  /** The title as the text's first line. */
  'title-text',
  /** The text alone; a title is ignored. */
  'text',
] as const;
export type PromptLayout = (typeof promptLayouts)[number];

export const tokenizerKinds = [
  'sentencepiece-unigram',
  /** SentencePiece after jieba, as TsinghuaAI/CPM-1-Generate does it, or as transformers 4.6 does it. */
  'cpm-thu',
  'cpm-hf46',
  /** A BERT vocabulary, text as it is or lower-cased and without accents. */
  'bert',
  'bert-uncased',
  /** A `tokenizer.json` of byte-level BPE. */
  'byte-bpe',
] as const;
export type TokenizerKind = (typeof tokenizerKinds)[number];

/** Models that are prompted and sampled alike. */
export const families = [
  /** TsinghuaAI/CPM-1-Generate, CPM-Generate and what was distilled from it. */
  'cpm',
  /** yangjianxin1/CPM: a title becomes an essay. */
  'cpm-essay',
  /** leeguandong/CPM: a title becomes a shopping article. */
  'cpm-shopping',
  /** GPT-2 with a BERT vocabulary, as uer/gpt2-chinese-*. */
  'gpt2-bert',
  /** GPT-2 with its own kind of vocabulary, as Wenzhong-GPT2-110M. */
  'gpt2-byte-bpe',
  /** GPT-2 with a SentencePiece vocabulary, as the built-in model. */
  'gpt2-sentencepiece',
] as const;
export type Family = (typeof families)[number];

/** How a model's authors sample from it. */
export type Sampling = Partial<Pick<GenerateOptions, 'temperature' | 'topK' | 'topP'>>;

export interface Manifest {
  format: typeof manifestFormat;
  /** Shown in the status bar's tooltip; a folder name at first. */
  name: string;
  architecture: 'gpt2';
  family: Family;
  numLayers: number;
  numHeads: number;
  headSize: number;
  hiddenSize: number;
  vocabSize: number;
  /** Usable window in tokens: trained positions, which can be fewer than the position table has rows. */
  contextLength: number;
  numParameters: number;
  quantization: Quantization;
  /** How the graph reads the keys and values of earlier tokens. */
  kvCache: KvCacheType;
  tokenizer: { kind: TokenizerKind; file: string };
  specialTokens: {
    /** Null where every text can be encoded. */
    unknown: number | null;
    /** Begins every prompt; null where none does. */
    start: number | null;
    /** Any of these ends a text. */
    endOfText: number[];
    /** Between title and text; null where the layout has none. */
    separator: number | null;
    /** Never to be generated (padding, markers), besides `unknown`. */
    banned: number[];
  };
  promptLayout: PromptLayout;
  /** As its authors sample; null where they do not say. */
  sampling: Sampling | null;
  /** The file of a table that is laid over the network's probabilities (generation/ngramTable.ts), where there is one. */
  ngrams?: string;
  /** SPDX expression or the licence's name, as the checkpoint states it. */
  licence: string;
  /** Every other file of the folder. */
  files: Record<string, { bytes: number; sha256: string }>;
}

const positiveSizes = ['numLayers', 'numHeads', 'headSize', 'hiddenSize', 'vocabSize', 'contextLength'] as const;

/** What a manifest of format 3 does not say, but means. */
function upgrade(value: Record<string, unknown>): void {
  if (value['format'] !== 3) return;
  const special = value['specialTokens'] as object | undefined;
  const added = { format: manifestFormat, family: 'gpt2-sentencepiece', sampling: null };
  Object.assign(value, added, { specialTokens: special && { start: null, ...special } });
}

function checkFormat(format: unknown, fail: (what: string) => never): void {
  if (format === manifestFormat) return;
  const reads = `format ${JSON.stringify(format)} is not supported (this version reads ${manifestFormat})`;
  const isOlder = typeof format === 'number' && format < manifestFormat;
  fail(isOlder ? `${reads}; build the model again from its checkpoint: npm run build:model` : reads);
}

/** Checks what a manifest must have to be usable. @throws EngineError 'model-invalid' naming the field. */
export function parseManifest(json: string): Manifest {
  const fail = (what: string): never => {
    throw new EngineError('model-invalid', `${manifestFile}: ${what}`);
  };
  let value: Partial<Manifest>;
  try {
    value = JSON.parse(json) as Partial<Manifest>;
  } catch {
    return fail('not valid JSON');
  }
  if (typeof value !== 'object' || (value as unknown) === null) return fail('not an object');
  upgrade(value);
  checkFormat(value.format, fail);
  if (value.architecture !== 'gpt2') return fail(`unknown architecture ${JSON.stringify(value.architecture)}`);
  for (const field of positiveSizes) {
    const size = value[field];
    if (!Number.isSafeInteger(size) || (size as number) < 1) return fail(`${field} must be a positive integer`);
  }
  if (value.kvCache !== 'float32' && value.kvCache !== 'int8')
    return fail(`unknown kvCache ${JSON.stringify(value.kvCache)}`);
  if (!value.tokenizer || !tokenizerKinds.includes(value.tokenizer.kind)) return fail('unknown tokenizer kind');
  if (!families.includes(value.family as Family)) return fail(`unknown family ${JSON.stringify(value.family)}`);
  if (!promptLayouts.includes(value.promptLayout as PromptLayout))
    return fail(`unknown promptLayout ${JSON.stringify(value.promptLayout)}`);
  const { specialTokens, files } = value;
  if (!specialTokens || !Array.isArray(specialTokens.endOfText) || !Array.isArray(specialTokens.banned))
    return fail('specialTokens is incomplete');
  const ids = [specialTokens.unknown, specialTokens.start, specialTokens.separator];
  if (!ids.every((id) => id === null || Number.isSafeInteger(id))) return fail('specialTokens is incomplete');
  if (value.promptLayout === 'title-separator-text' && specialTokens.separator === null)
    return fail('promptLayout needs specialTokens.separator');
  const needed = ['model.onnx', value.tokenizer.file, ...(value.ngrams === undefined ? [] : [value.ngrams])];
  if (typeof files !== 'object' || !needed.every((name) => name in files)) return fail('files is incomplete');
  // A folder that somebody made must not reach outside itself.
  const outside = Object.keys(files).find((name) => /[\\/]|^\.{1,2}$/.test(name));
  if (outside !== undefined) return fail(`${JSON.stringify(outside)} is not the name of a file in the folder`);
  return value as Manifest;
}
