/** Turns a Hugging Face GPT-2 folder into a Moxu model folder (`../manifest.ts`). */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { EngineError } from '../errors';
import { manifestFile, manifestFormat, parseManifest } from '../manifest';
import type { KvCacheType, Manifest, Quantization } from '../manifest';
import { parseSentencePieceModel, type SentencePieceModel } from '../tokenizer/sentencePieceModel';
import { writeFolder } from './atomicFolder';
import { cacheFormats } from './cacheFormat';
import { gpt2Tensors } from './checkpoint';
import { fileIn, requiredFileIn } from './checkpointFolder';
import type { Gpt2Config } from './gpt2Config';
import { gpt2Graph } from './gpt2Graph';
import { int4Weights } from './int4Weights';
import { int8Weights } from './int8Weights';
import { licenceInReadme } from './licence';
import { dataFile, modelFile, writeDurably, writeModel } from './onnx/writeModel';
import { openCheckpoint } from './openCheckpoint';
import { specialTokens } from './specialTokens';
import { float32Weights, type WeightFormat } from './weightFormat';

/** One entry for each quantisation that can be built. */
export const weightFormats: Record<Quantization, WeightFormat> = {
  none: float32Weights,
  int8: int8Weights,
  int4: int4Weights,
};

export interface BuildOptions {
  /** Folder with config.json, model.safetensors, tokenizer.model and perhaps README.md. */
  from: string;
  /** Model folder to write; one that exists is replaced when the new one is complete. */
  to: string;
  quantization: Quantization;
  /** How the graph is to read earlier keys and values; by default what is faster for the model's size. */
  kvCache?: KvCacheType;
  /** The model's name; that of the folder `from` by default. */
  name?: string;
  onProgress?: (written: number, total: number) => void;
  signal?: AbortSignal;
}

const tokenizerFile = 'tokenizer.model';
const licenceOfNone = 'unknown';

/**
 * Tensors are read, converted and written in blocks: memory does not grow with the model.
 * @throws EngineError 'checkpoint-invalid' saying which file or tensor is wrong and how; `to` is then untouched.
 */
export async function buildModel(options: BuildOptions): Promise<Manifest> {
  const from = resolve(options.from);
  const checkpoint = openCheckpoint(from);
  try {
    const { config } = checkpoint;
    const kvCache = options.kvCache ?? suitableCache(config);
    const tokenizer = readFileSync(requiredFileIn(from, tokenizerFile));
    const special = specialTokens(parseTokenizer(tokenizer), config.vocabSize);
    const tensors = gpt2Tensors(checkpoint, config);
    const graph = gpt2Graph(config, tensors, weightFormats[options.quantization], cacheFormats[kvCache]);
    return await writeFolder(options.to, async (folder) => {
      await writeModel(graph, folder, {
        ...(options.onProgress && { onTensor: options.onProgress }),
        ...(options.signal && { signal: options.signal }),
      });
      writeDurably(join(folder, tokenizerFile), tokenizer);
      const manifest: Manifest = {
        format: manifestFormat,
        name: options.name ?? basename(from),
        architecture: 'gpt2',
        ...sizes(config),
        numParameters: tensors.numParameters,
        quantization: options.quantization,
        kvCache,
        tokenizer: { kind: 'sentencepiece-unigram', file: tokenizerFile },
        ...special,
        licence: config.licence ?? licenceOf(from) ?? licenceOfNone,
        files: Object.fromEntries(
          [modelFile, dataFile, tokenizerFile].map((file) => [file, digest(join(folder, file))]),
        ),
      };
      const json = `${JSON.stringify(manifest, null, 2)}\n`;
      parseManifest(json); // what the engine would refuse must not be written
      writeDurably(join(folder, manifestFile), json);
      return manifest;
    });
  } finally {
    checkpoint.close();
  }
}

/**
 * Rounded rows are a quarter of the memory to read at each token, but cost about 20 nodes a layer more. Measured with
 * int8 weights, float32 and int8 cache: 0.59 and 0.68 ms for 4 × 256 at 192 tokens (a cache of 1.5 MB in float32), 1.34
 * and 1.39 ms for 6 × 320 at 512 (8 MB), 15.6 and 11.3 ms for 12 × 768 at 1000 (75 MB); a prefill takes a third longer.
 */
function suitableCache({ numLayers, hiddenSize, contextLength }: Gpt2Config): KvCacheType {
  return 2 * numLayers * contextLength * hiddenSize * 4 > largestFloat32Cache ? 'int8' : 'float32';
}

/** Bytes; about what the second-level cache of a core holds. */
const largestFloat32Cache = 16e6;

function parseTokenizer(tokenizer: Uint8Array): SentencePieceModel {
  try {
    return parseSentencePieceModel(tokenizer);
  } catch (cause) {
    const { message } = EngineError.from(cause);
    throw new EngineError('checkpoint-invalid', `${tokenizerFile}: ${message}`, { cause });
  }
}

function sizes(config: Gpt2Config) {
  const { numLayers, numHeads, headSize, hiddenSize, vocabSize, contextLength } = config;
  return { numLayers, numHeads, headSize, hiddenSize, vocabSize, contextLength };
}

function licenceOf(folder: string): string | undefined {
  const path = fileIn(folder, 'README.md');
  return path === undefined ? undefined : licenceInReadme(readFileSync(path, 'utf8'));
}

function digest(path: string): { bytes: number; sha256: string } {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(1 << 20);
  const fd = openSync(path, 'r');
  try {
    for (let count = 0; (count = readSync(fd, chunk)) > 0;) hash.update(chunk.subarray(0, count));
  } finally {
    closeSync(fd);
  }
  return { bytes: statSync(path).size, sha256: hash.digest('hex') };
}
