/** What a checkpoint is, before anything is converted: its sizes, its tokenizer, its family, and what it will take. */
import { basename, resolve } from 'node:path';
import type { CheckpointChoice, ModelSettings, Recognised } from '../conversion';
import type { KvCacheType, Manifest, Quantization } from '../manifest';
import { cacheFormats } from './cacheFormat';
import { gpt2Tensors, type Gpt2Tensors } from './checkpoint';
import { readStart } from './checkpointFile';
import { fileIn } from './checkpointFolder';
import { namesOf, placesAround } from './checkpointPlace';
import { guessFamily, settingsOf, trainedByItsName } from './families';
import type { Gpt2Config } from './gpt2Config';
import { gpt2Graph } from './gpt2Graph';
import { int4Weights } from './int4Weights';
import { int8Weights } from './int8Weights';
import { licenceInReadme } from './licence';
import { readNgrams } from './ngramFile';
import type { OnnxGraph } from './onnx/graph';
import { weightBytes } from './onnx/writeModel';
import { openCheckpoint, type Checkpoint } from './openCheckpoint';
import { findTokenizer, noTokenizer, type TokenizerSource } from './tokenizerSource';
import { readVocabulary, specialTokens } from './vocabulary';
import { float32Weights, type WeightFormat } from './weightFormat';

/** One entry for each quantisation that can be built. */
export const weightFormats: Record<Quantization, WeightFormat> = {
  none: float32Weights,
  int8: int8Weights,
  int4: int4Weights,
};

/** A checkpoint that can be converted: everything is checked but the values. */
export interface Recognition {
  name: string;
  checkpoint: Checkpoint;
  tensors: Gpt2Tensors;
  settings: ModelSettings;
  specialTokens: Manifest['specialTokens'];
  tokenizer: TokenizerSource;
  numTokens: number;
  /** `ngrams.bin`, where it is the checkpoint's. */
  ngrams: Uint8Array | undefined;
  licence: string;
}

const licenceOfNone = 'unknown';

/**
 * Opens a checkpoint, for the caller to close.
 * @throws EngineError 'checkpoint-invalid' saying which file or tensor is wrong and how; 'tokenizer-missing'
 */
export function recogniseOpen(choice: CheckpointChoice): Recognition {
  const from = resolve(choice.from);
  const checkpoint = openCheckpoint(from);
  try {
    const { config, format } = checkpoint;
    const places = placesAround(checkpoint.folder, from);
    const tokenizer = findTokenizer(places, choice.tokenizer);
    const vocabulary = readVocabulary(tokenizer.kind, tokenizer.read(), basename(tokenizer.path));
    const trained = Math.min(config.contextLength, trainedByItsName(checkpoint.folder));
    const length = { numPositions: config.numPositions, trained };
    // Found near it, as another model's is that was downloaded beside.
    const isOthers = choice.tokenizer === undefined && !tokenizer.isOwn && vocabulary.size > config.vocabSize;
    if (isOthers) throw noTokenizer(from);
    const guess = guessFamily({ from: checkpoint.folder, format }, tokenizer, vocabulary);
    const settings = settingsOf(guess, tokenizer, vocabulary, length, choice.settings);
    return {
      ...{ name: namesOf(from)[1], checkpoint, settings, tokenizer, numTokens: vocabulary.size },
      tensors: gpt2Tensors(checkpoint, config),
      ngrams: readNgrams(checkpoint.folder, config.vocabSize),
      specialTokens: specialTokens(vocabulary, settings.endOfText, config, basename(tokenizer.path)),
      licence: config.licence ?? places.map(licenceOf).find((licence) => licence !== undefined) ?? licenceOfNone,
    };
  } catch (error) {
    checkpoint.close();
    throw error;
  }
}

/** @throws as recogniseOpen */
export function recognise(choice: CheckpointChoice): Recognised {
  const recognition = recogniseOpen(choice);
  const { name, checkpoint, tensors, settings, tokenizer, numTokens, licence } = recognition;
  try {
    const { config } = checkpoint;
    const bytesOf = (quantization: Quantization) => weightBytes(graphOf(recognition, quantization));
    return {
      ...{ name, settings, licence, tokenizerFile: tokenizer.path, numTokens, numParameters: tensors.numParameters },
      ...{ numLayers: config.numLayers, maxContextLength: config.numPositions },
      ...{ hiddenSize: config.hiddenSize, vocabSize: config.vocabSize },
      bytes: { none: bytesOf('none'), int8: bytesOf('int8'), int4: bytesOf('int4') },
    };
  } finally {
    checkpoint.close();
  }
}

export function graphOf(
  { checkpoint, tensors, settings }: Recognition,
  quantization: Quantization,
  kvCache: KvCacheType = suitableCache(quantization, checkpoint.config, settings.contextLength),
): OnnxGraph {
  return gpt2Graph(checkpoint.config, tensors, weightFormats[quantization], cacheFormats[kvCache]);
}

/**
 * With exact weights the cache is exact too. Else it may be rounded as they are: its rows are then a quarter of the
 * memory to read at each token, but cost about 20 nodes a layer more. Measured with int8 weights on Zen 5, float32 and
 * int8 cache: 6 × 320 at 64 tokens 0.34 and 0.42 ms, at 256 0.53 and 0.46, at 512 (8 MB in float32) 0.94 and 0.55;
 * 12 × 768 at 1000 (75 MB) 6.9 and 5.4; a prompt of 128 takes a quarter longer. On Sapphire Rapids, where one row by a
 * matrix of integers has no kernel of its own, 1.48 and 1.57 for 6 × 320 at 512. Keys lie in tiles where they come from
 * memory (cacheFormat.ts).
 */
export function suitableCache(
  quantization: Quantization,
  { numLayers, hiddenSize }: Gpt2Config,
  contextLength: number,
): KvCacheType {
  const numValues = 2 * numLayers * contextLength * hiddenSize;
  if (quantization === 'none' || numValues * 4 <= nearMemory) return 'float32';
  return numValues <= nearMemory ? 'int8' : 'int8-tiled';
}

/** Bytes; what the second-level cache of a core holds is one or two million. */
const nearMemory = 4e6;

/** Its front matter is a few lines. */
const readmeBytes = 1 << 16;

function licenceOf(folder: string): string | undefined {
  const path = fileIn(folder, 'README.md');
  return path === undefined ? undefined : licenceInReadme(readStart(path, readmeBytes).toString('utf8'));
}
