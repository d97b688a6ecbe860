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

export const manifestFile = 'moxu.json';

/** Of the manifest and of the graph's inputs and outputs. 2 added `kvCache`, 3 `mask`. */
export const manifestFormat = 3;

export type Quantization = 'none' | 'int8' | 'int4';

export type KvCacheType = 'float32' | 'int8';

/** How a title and a text become token ids; ids are in `specialTokens`. */
export type PromptLayout =
  /** `title <sep> text`; without a title `<sep> text` at the beginning of a text, plain text elsewhere. */
  | 'title-separator-text'
  /** The text alone; a title is ignored. */
  | 'text';

export type TokenizerKind =
  | 'sentencepiece-unigram'
  /** SentencePiece after jieba, as TsinghuaAI/CPM-1-Generate does it, or as transformers 4.6 does it. */
  | 'cpm-thu'
  | 'cpm-hf46';

const tokenizerKinds: readonly unknown[] = ['sentencepiece-unigram', 'cpm-thu', 'cpm-hf46'] satisfies TokenizerKind[];

export interface Manifest {
  format: typeof manifestFormat;
  /** Shown in the status bar's tooltip; a folder name at first. */
  name: string;
  architecture: 'gpt2';
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
    unknown: number;
    /** Any of these ends a text. */
    endOfText: number[];
    /** Between title and text; null where the layout has none. */
    separator: number | null;
    /** Never to be generated (padding, markers), besides `unknown`. */
    banned: number[];
  };
  promptLayout: PromptLayout;
  /** SPDX expression or the licence's name, as the checkpoint states it. */
  licence: string;
  /** Every other file of the folder. */
  files: Record<string, { bytes: number; sha256: string }>;
}

const positiveSizes = ['numLayers', 'numHeads', 'headSize', 'hiddenSize', 'vocabSize', 'contextLength'] as const;

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
  checkFormat(value.format, fail);
  if (value.architecture !== 'gpt2') return fail(`unknown architecture ${JSON.stringify(value.architecture)}`);
  for (const field of positiveSizes) {
    const size = value[field];
    if (!Number.isSafeInteger(size) || (size as number) < 1) return fail(`${field} must be a positive integer`);
  }
  if (value.kvCache !== 'float32' && value.kvCache !== 'int8')
    return fail(`unknown kvCache ${JSON.stringify(value.kvCache)}`);
  if (!value.tokenizer || !tokenizerKinds.includes(value.tokenizer.kind)) return fail('unknown tokenizer kind');
  if (value.promptLayout !== 'title-separator-text' && value.promptLayout !== 'text')
    return fail(`unknown promptLayout ${JSON.stringify(value.promptLayout)}`);
  const { specialTokens, files } = value;
  if (!specialTokens || !Array.isArray(specialTokens.endOfText) || !Array.isArray(specialTokens.banned))
    return fail('specialTokens is incomplete');
  if (value.promptLayout === 'title-separator-text' && specialTokens.separator === null)
    return fail('promptLayout needs specialTokens.separator');
  if (typeof files !== 'object' || !(value.tokenizer.file in files) || !('model.onnx' in files))
    return fail('files is incomplete');
  return value as Manifest;
}
