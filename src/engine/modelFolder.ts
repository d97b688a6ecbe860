/** A model folder on disk → a model that the generation loop can run. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../errors';
import { largestHashed, sampledDigest } from '../fileDigest';
import type { LoadedModel } from '../generation/generate';
import { Healer } from '../generation/healing';
import { LineStart } from '../generation/lineStart';
import { LearntTexts } from '../generation/learntTexts';
import { NgramTable } from '../generation/ngramTable';
import { shareInLearntTexts } from '../generation/ownWords';
import { graphFile, manifestFile, parseManifest } from '../manifest';
import type { Manifest } from '../manifest';
import type { Device, DeviceRefusal, Threads } from '../protocol';
import { createTokenizer } from '../tokenizer/createTokenizer';
import { oneThread } from './calibrate';
import type { Network } from './network';
import { openNetwork } from './openNetwork';

export interface OpenModel extends LoadedModel {
  network: Network;
  learnt: LearntTexts;
  device: Device;
  /** Why it does not run on the device that was asked for. */
  refusal: DeviceRefusal | null;
  threads: Threads;
  graphFile: string;
}

/**
 * @param jiebaDictionary file that CPM tokenizers need; read for them only
 * @param chosen threads that a calibration found; null to decide by the model's size
 * @param wanted the CPU stands in for a device that fails
 * @throws EngineError 'model-missing', 'model-damaged' or 'model-invalid', 'runtime-failed' from ONNX Runtime.
 */
export async function openModel(
  modelDir: string,
  jiebaDictionary: string,
  chosen: Threads | null = null,
  wanted: Device = 'cpu',
): Promise<OpenModel> {
  const manifest = await readManifest(modelDir);
  await checkFiles(modelDir, manifest);
  const threads = chosen ?? suitableThreads(manifest.numParameters);
  const opening = openOnDeviceOrCpu(modelDir, manifest, wanted, threads);
  const [tokenizer, table, opened] = await Promise.all([
    readFile(join(modelDir, manifest.tokenizer.file)).then((bytes) =>
      createTokenizer(manifest.tokenizer.kind, bytes, () => readFile(jiebaDictionary)),
    ),
    manifest.ngrams === undefined
      ? null
      : readFile(join(modelDir, manifest.ngrams)).then((bytes) => NgramTable.read(bytes, manifest.vocabSize)),
    opening,
  ]).catch(async (error: unknown) => {
    // A network without a tokenizer is of no use, and would keep its memory.
    await opening.then(({ network }) => network.release()).catch(() => undefined);
    throw error;
  });
  // BERT's tokens bring spaces of their own.
  const { kind } = manifest.tokenizer;
  const isHealed = kind !== 'bert' && kind !== 'bert-uncased';
  const healer = isHealed ? new Healer(tokenizer) : null;
  // A model whose authors say how to sample writes as they meant it.
  const lineStart = manifest.sampling === null ? new LineStart(tokenizer) : null;
  const learnt = new LearntTexts((text) => tokenizer.encode(text), shareInLearntTexts(tokenizer));
  return {
    manifest,
    tokenizer,
    healer,
    lineStart,
    learnt,
    table,
    threads,
    graphFile: join(modelDir, graphFile),
    ...opened,
  };
}

async function openOnDeviceOrCpu(
  modelDir: string,
  manifest: Manifest,
  device: Device,
  threads: Threads,
): Promise<Pick<OpenModel, 'network' | 'device' | 'refusal'>> {
  try {
    return { network: (await openNetwork(modelDir, manifest, device, threads)).network, device, refusal: null };
  } catch (error) {
    if (device === 'cpu') throw error;
    const refusal: DeviceRefusal = { device, why: 'failed', detail: EngineError.from(error).message };
    return { network: (await openNetwork(modelDir, manifest, 'cpu', threads)).network, device: 'cpu', refusal };
  }
}

async function readManifest(modelDir: string): Promise<Manifest> {
  let json: string;
  try {
    json = await readFile(join(modelDir, manifestFile), 'utf8');
  } catch (cause) {
    throw new EngineError('model-missing', `${modelDir} is not a Moxu model folder: it has no ${manifestFile}`, {
      cause,
    });
  }
  return parseManifest(json);
}

/**
 * A truncated file would make ONNX Runtime fail in words that help nobody, and one of another model would write nonsense.
 * Sizes are always checked; contents as far as that takes no more than a moment.
 */
async function checkFiles(modelDir: string, manifest: Manifest): Promise<void> {
  for (const [name, { bytes, sha256, sampled }] of Object.entries(manifest.files)) {
    const path = join(modelDir, name);
    const found = await stat(path).catch(() => null);
    if (found === null) throw new EngineError('model-damaged', `${name} is missing in ${modelDir}`);
    const wrong = (how: string) => new EngineError('model-damaged', `${name} ${how}: it is incomplete or damaged`);
    if (found.size !== bytes) throw wrong(`has ${found.size} bytes, not ${bytes}`);
    const isAnother =
      bytes <= largestHashed
        ? (await digest(path)) !== sha256
        : sampled !== undefined && (await sampledDigest(path)) !== sampled;
    if (isAnother) throw wrong('is not the file that the model came with');
  }
}

async function digest(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** Until it is measured: a tiny model's steps are too short to be shared; a large one waits for memory beyond four. */
function suitableThreads(numParameters: number): Threads {
  const half = Math.max(1, Math.floor(availableParallelism() / 2));
  return numParameters < 50e6 ? oneThread : { numThreads: Math.min(4, half), spinning: false };
}
