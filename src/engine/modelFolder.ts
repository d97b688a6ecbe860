/** A model folder on disk → a model that the generation loop can run. */
import { readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../errors';
import type { LoadedModel } from '../generation/generate';
import { Healer } from '../generation/healing';
import { manifestFile, parseManifest } from '../manifest';
import type { Manifest } from '../manifest';
import type { Threads } from '../protocol';
import { createTokenizer } from '../tokenizer/createTokenizer';
import { oneThread } from './calibrate';
import { Session } from './session';

export interface OpenModel extends LoadedModel {
  network: Session;
  threads: Threads;
  graphFile: string;
}

/**
 * @param jiebaDictionary file that CPM tokenizers need; read for them only
 * @param chosen threads that a calibration found; null to decide by the model's size
 * @throws EngineError 'model-invalid' saying what is missing or damaged, 'runtime-failed' from ONNX Runtime.
 */
export async function openModel(
  modelDir: string,
  jiebaDictionary: string,
  chosen: Threads | null = null,
): Promise<OpenModel> {
  const manifest = await readManifest(modelDir);
  await checkFiles(modelDir, manifest);
  const threads = chosen ?? suitableThreads(manifest.numParameters);
  const graphFile = join(modelDir, 'model.onnx');
  const [tokenizer, network] = await Promise.all([
    readFile(join(modelDir, manifest.tokenizer.file)).then((bytes) =>
      createTokenizer(manifest.tokenizer.kind, bytes, () => readFile(jiebaDictionary)),
    ),
    Session.load(graphFile, manifest, threads),
  ]);
  // CPM's tokens follow jieba's words; what begins a longer one is not told by bytes alone.
  const healer = manifest.tokenizer.kind === 'sentencepiece-unigram' ? new Healer(tokenizer) : null;
  return { manifest, tokenizer, healer, network, threads, graphFile };
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

/** Until it is measured: a tiny model's steps are too short to be shared; a large one waits for memory beyond four. */
function suitableThreads(numParameters: number): Threads {
  const half = Math.max(1, Math.floor(availableParallelism() / 2));
  return numParameters < 50e6 ? oneThread : { numThreads: Math.min(4, half), spinning: false };
}
