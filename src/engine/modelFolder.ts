/** A model folder on disk → a model that the generation loop can run. */
import { readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../errors';
import type { LoadedModel } from '../generation/generate';
import { manifestFile, parseManifest } from '../manifest';
import type { Manifest } from '../manifest';
import { createTokenizer } from '../tokenizer/createTokenizer';
import { Session } from './session';

export interface OpenModel extends LoadedModel {
  network: Session;
  numThreads: number;
}

/**
 * @param jiebaDictionary file that CPM tokenizers need; read for them only
 * @throws EngineError 'model-invalid' saying what is missing or damaged, 'runtime-failed' from ONNX Runtime.
 */
export async function openModel(modelDir: string, jiebaDictionary: string): Promise<OpenModel> {
  const manifest = await readManifest(modelDir);
  await checkFiles(modelDir, manifest);
  const numThreads = suitableThreads(manifest.numParameters);
  const [tokenizer, network] = await Promise.all([
    readFile(join(modelDir, manifest.tokenizer.file)).then((bytes) =>
      createTokenizer(manifest.tokenizer.kind, bytes, () => readFile(jiebaDictionary)),
    ),
    Session.load(join(modelDir, 'model.onnx'), manifest, numThreads),
  ]);
  return { manifest, tokenizer, network, numThreads };
}

async function readManifest(modelDir: string): Promise<Manifest> {
  let json: string;
  try {
    json = await readFile(join(modelDir, manifestFile), 'utf8');
  } catch (cause) {
    throw new EngineError('model-invalid', `${modelDir} is not a Moxu model folder: it has no ${manifestFile}`, {
      cause,
    });
  }
  return parseManifest(json);
}

/** A truncated file would make ONNX Runtime fail in words that help nobody. Sizes are checked, hashes only on demand. */
async function checkFiles(modelDir: string, manifest: Manifest): Promise<void> {
  for (const [name, { bytes }] of Object.entries(manifest.files)) {
    const found = await stat(join(modelDir, name)).catch(() => null);
    if (found === null) throw new EngineError('model-invalid', `${name} is missing in ${modelDir}`);
    if (found.size !== bytes)
      throw new EngineError(
        'model-invalid',
        `${name} has ${found.size} bytes, not ${bytes}: it is incomplete or damaged`,
      );
  }
}

/** A tiny model's steps are too short to be worth sharing; a large one gains up to four cores of memory bandwidth. */
function suitableThreads(numParameters: number): number {
  return numParameters < 50e6 ? 1 : Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2)));
}
