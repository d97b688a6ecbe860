/** Turns a checkpoint into a Moxu model folder (`../manifest.ts`). */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ConversionChoice } from '../conversion';
import { EngineError } from '../errors';
import { largestHashed, sampledDigest } from '../fileDigest';
import { dataFile, graphFile, manifestFile, manifestFormat, parseManifest } from '../manifest';
import type { FileFacts, Manifest } from '../manifest';
import { writeFolder } from './atomicFolder';
import { familyFacts } from './families';
import { journalFile } from './journal';
import { ngramFile } from './ngramFile';
import { stopPoint, writeDurably, writeModel, type WriteOptions } from './onnx/writeModel';
import type { Checkpoint } from './openCheckpoint';
import { graphOf, recogniseOpen, suitableCache, type Recognition } from './recognise';

export type BuildOptions = ConversionChoice & WriteOptions;

/**
 * Tensors are read, converted and written in blocks: memory does not grow with the model. A build that was killed goes
 * on where it stopped when the same is asked for again.
 * @throws EngineError 'checkpoint-invalid' saying which file or tensor is wrong and how, 'tokenizer-missing',
 *   'disk-full', 'not-writable', 'busy'; `to` is then untouched.
 */
export async function buildModel(options: BuildOptions): Promise<Manifest> {
  if (resolve(options.to) === resolve(options.from))
    throw new EngineError('model-invalid', `${options.to} is the checkpoint’s own folder; name another one to write`);
  const recognition = recogniseOpen(options);
  const { checkpoint, settings, tokenizer, ngrams } = recognition;
  try {
    const { quantization } = options;
    const kvCache = options.kvCache ?? suitableCache(quantization, checkpoint.config, settings.contextLength);
    const graph = graphOf(recognition, quantization, kvCache);
    // The config too: it scales weights, and the files' dates do not tell that it has changed.
    const contents = [
      ...[manifestFormat, settings, quantization, kvCache],
      ...[checkpoint.config, sourceFiles(checkpoint)],
    ];
    return await writeFolder(options.to, contents, [journalFile], async (folder) => {
      await writeModel(graph, folder, options);
      writeDurably(join(folder, tokenizer.file), tokenizer.read());
      if (ngrams) writeDurably(join(folder, ngramFile), ngrams);
      const ownFiles = [graphFile, dataFile, tokenizer.file, ...(ngrams ? [ngramFile] : [])];
      const files: Manifest['files'] = {};
      for (const file of ownFiles) files[file] = await factsOf(join(folder, file), options.signal);
      const manifest: Manifest = {
        ...described(recognition),
        name: options.name ?? recognition.name,
        ...{ quantization, kvCache, isOptimized: true },
        ...(ngrams && { ngrams: ngramFile }),
        files,
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

type Described = Omit<Manifest, 'name' | 'quantization' | 'kvCache' | 'isOptimized' | 'files'>;

/** All of the manifest that does not depend on how the checkpoint is converted. */
function described(recognition: Recognition): Described {
  const { checkpoint, tensors, settings, specialTokens, tokenizer, licence } = recognition;
  const { numLayers, numHeads, headSize, hiddenSize, vocabSize } = checkpoint.config;
  const { family, promptLayout, contextLength } = settings;
  return {
    format: manifestFormat,
    architecture: 'gpt2',
    family,
    ...{ numLayers, numHeads, headSize, hiddenSize, vocabSize, contextLength },
    numParameters: tensors.numParameters,
    tokenizer: { kind: settings.tokenizer, file: tokenizer.file },
    ...{ specialTokens, promptLayout, sampling: familyFacts[family].sampling, licence },
  };
}

/** Tells whether it is the same checkpoint as before, without reading it. */
function sourceFiles({ folder, files }: Checkpoint): unknown {
  return files.map((name) => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return [name, size, mtimeMs];
  });
}

/** A large model's files take a minute: who cancels then is not given the model. */
export async function factsOf(path: string, signal?: AbortSignal): Promise<FileFacts> {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(1 << 20);
  const fd = openSync(path, 'r');
  try {
    for (let count = 0; (count = readSync(fd, chunk)) > 0;) {
      await stopPoint(signal);
      hash.update(chunk.subarray(0, count));
    }
  } finally {
    closeSync(fd);
  }
  const { size: bytes } = statSync(path);
  const facts = { bytes, sha256: hash.digest('hex') };
  return bytes <= largestHashed ? facts : { ...facts, sampled: await sampledDigest(path) };
}
