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
 * and with int8-tiled the same, but for
 *
 *     key                         int8  [B, numHeads, C / 64, headSize, 64]
 *
 * C is at least 1 and chosen by the caller; it grows in buckets as the text grows.
 */
import { EngineError } from './errors';
import { resolveOptions } from './options';
import type { GenerateOptions } from './options';

export const manifestFile = 'moxu.json';
export const graphFile = 'model.onnx';
/** Its weights. */
export const dataFile = 'model.onnx.data';

/** Of the manifest and of the graph's inputs and outputs. 2 added `kvCache`, 3 `mask`, 4 what belongs to a family. */
export const manifestFormat = 4;

export type Quantization = 'none' | 'int8' | 'int4';

export type KvCacheType = 'float32' | 'int8' | 'int8-tiled';

/** Rows of a tile of keys. */
export const tileRows = 64;

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
  /** Whether ONNX Runtime's optimiser has nothing to do in the graph; absent where an earlier version has built it. */
  isOptimized?: boolean;
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
    /** Follows the separator where the text begins there and is not cut out of a longer one; absent where nothing does. */
    opening?: number;
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
  files: Record<string, FileFacts>;
}

export interface FileFacts {
  bytes: number;
  sha256: string;
  /** Of a large file, which a load has no time to read (fileDigest.ts); absent where an earlier version has built it. */
  sampled?: string;
}

/**
 * What a model is, whatever it is called and wherever it lies: what was measured of one holds for its copies, and not for
 * another that comes to lie in its folder.
 */
export function identityOf({ files, numParameters, contextLength, quantization, kvCache }: Manifest): string {
  const digests = [graphFile, dataFile].map((file) => files[file]?.sha256.slice(0, 16) ?? '');
  return [...digests, numParameters, contextLength, quantization, kvCache].join('-');
}

const positiveSizes = [
  'numLayers',
  'numHeads',
  'headSize',
  'hiddenSize',
  'vocabSize',
  'contextLength',
  'numParameters',
] as const;

/** What a manifest of format 3 does not say, but means. */
function upgrade(value: Record<string, unknown>): void {
  if (value['format'] !== 3) return;
  const special = value['specialTokens'] as object | undefined;
  const added = { format: manifestFormat, family: 'gpt2-sentencepiece', sampling: null };
  Object.assign(value, added, { specialTokens: special && { start: null, ...special } });
}

function checkFormat(format: unknown, fail: Fail): void {
  if (format === manifestFormat) return;
  const reads = `format ${JSON.stringify(format)} is not supported (this version reads ${manifestFormat})`;
  const isOlder = typeof format === 'number' && format < manifestFormat;
  fail(isOlder ? `${reads}; build the model again from its checkpoint: npm run build:model` : reads);
}

/**
 * Checks every value: a folder may come from anyone, and what is wrong in it is to be said here rather than by an
 * allocation that fails. @throws EngineError 'model-invalid' naming the field; 'model-damaged' when it is no JSON.
 */
export function parseManifest(json: string): Manifest {
  const fail = (what: string): never => {
    throw new EngineError('model-invalid', `${manifestFile}: ${what}`);
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (cause) {
    throw new EngineError('model-damaged', `${manifestFile}: not valid JSON`, { cause });
  }
  if (!isObject(parsed)) return fail('not an object');
  upgrade(parsed);
  checkFormat(parsed['format'], fail);
  const value = parsed as Partial<Record<keyof Manifest, unknown>>;
  if (value.architecture !== 'gpt2') return fail(`unknown architecture ${JSON.stringify(value.architecture)}`);
  for (const field of positiveSizes)
    if (!isWhole(value[field]) || value[field] < 1) return fail(`${field} must be a positive integer`);
  const { numHeads, headSize, hiddenSize } = value as Manifest;
  if (numHeads * headSize !== hiddenSize) return fail('hiddenSize must be numHeads times headSize');
  for (const field of ['name', 'licence'] as const)
    if (typeof value[field] !== 'string') return fail(`${field} must be a text`);
  for (const [field, known] of Object.entries(choices) as [keyof typeof choices, readonly unknown[]][])
    if (!known.includes(value[field])) return fail(`unknown ${field} ${JSON.stringify(value[field])}`);
  if (!['undefined', 'boolean'].includes(typeof value.isOptimized)) return fail('isOptimized must be true or false');
  const { tokenizer, ngrams } = value;
  if (!isObject(tokenizer) || !tokenizerKinds.includes(tokenizer['kind'] as TokenizerKind))
    return fail('unknown tokenizer kind');
  checkSpecialTokens(value as Manifest, fail);
  if (value.sampling !== null) checkSampling(value.sampling, fail);
  checkFiles(value.files, ['model.onnx', tokenizer['file'], ...(ngrams === undefined ? [] : [ngrams])], fail);
  return parsed as unknown as Manifest;
}

type Fail = (what: string) => never;

const choices = {
  kvCache: ['float32', 'int8', 'int8-tiled'],
  quantization: ['none', 'int8', 'int4'],
  family: families,
  promptLayout: promptLayouts,
} as const satisfies { [Field in keyof Manifest]?: readonly Manifest[Field][] };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function checkSpecialTokens({ specialTokens, vocabSize, promptLayout }: Manifest, fail: Fail): void {
  if (!isObject(specialTokens)) return fail('specialTokens is incomplete');
  const { unknown, start, separator, opening, endOfText, banned } = specialTokens;
  if (!Array.isArray(endOfText) || !Array.isArray(banned)) return fail('specialTokens is incomplete');
  const named = [unknown, start, separator].filter((id) => id !== null);
  const ids = [...named, ...(opening === undefined ? [] : [opening]), ...endOfText, ...banned];
  const wrong = ids.findIndex((id) => !isWhole(id) || id >= vocabSize);
  if (wrong >= 0) return fail(`specialTokens: ${JSON.stringify(ids[wrong])} is not a token id below ${vocabSize}`);
  if (promptLayout === 'title-separator-text' && separator === null)
    return fail('promptLayout needs specialTokens.separator');
}

function checkSampling(sampling: unknown, fail: Fail): void {
  if (!isObject(sampling)) return fail('sampling must be an object or null');
  try {
    resolveOptions(sampling);
  } catch (error) {
    return fail(`sampling: ${(error as RangeError).message}`);
  }
}

function checkFiles(files: unknown, needed: readonly unknown[], fail: Fail): void {
  if (!isObject(files) || !needed.every((name) => typeof name === 'string' && Object.hasOwn(files, name)))
    return fail('files is incomplete');
  for (const [name, file] of Object.entries(files)) {
    // A folder that somebody made must not reach outside itself.
    if (/[\\/]|^\.{1,2}$/.test(name)) return fail(`${JSON.stringify(name)} is not the name of a file in the folder`);
    if (!isObject(file) || !isWhole(file['bytes']) || typeof file['sha256'] !== 'string')
      return fail(`files: ${name} needs bytes and sha256`);
    if (!['undefined', 'string'].includes(typeof file['sampled']))
      return fail(`files: sampled of ${name} must be a text`);
  }
}
