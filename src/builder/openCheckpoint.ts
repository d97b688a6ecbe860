/** A folder with a checkpoint in any format that can be read, recognised by its files. */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EngineError } from '../errors';
import { fileIn, fileNames, readJsonIn } from './checkpointFolder';
import { noWeights, placeOfWeights, placesAround, ranksIn, weightFiles } from './checkpointPlace';
import type { Gpt2Config } from './gpt2Config';
import { MegatronSource } from './megatron';
import { SafetensorsFile } from './safetensors';
import { ShardedSource } from './shards';
import { shownConfig } from './shownConfig';
import type { TensorSource } from './tensorStream';
import { TorchFile } from './torch/torchFile';

export type CheckpointFormat =
  | 'safetensors'
  /** `pytorch_model.bin` */
  | 'pytorch'
  /** `mp_rank_NN_model_states.pt`, as CPM-1-Generate's weights are published */
  | 'megatron';

/** Tensors are named and laid out as Hugging Face's GPT-2 does it (`checkpoint.ts`), whatever the format. */
export interface Checkpoint extends TensorSource {
  readonly format: CheckpointFormat;
  /** The folder that holds the weights: the one that was opened, or one below it. */
  readonly folder: string;
  /** Names of the weight files. */
  readonly files: readonly string[];
  /** Bytes of the weight files together. */
  readonly bytes: number;
  /** Sizes: those of config.json, and what it does not say as the tensors show it. */
  readonly config: Gpt2Config;
  /** config.json as it is; empty when there is none. */
  readonly configJson: Readonly<Record<string, unknown>>;
}

type Weights = Pick<Checkpoint, 'format' | 'folder' | 'files'> & { source: TensorSource };

/**
 * Headers are read and checked, values are not: this takes milliseconds at any size. To be closed by the caller.
 * @throws EngineError 'checkpoint-invalid' naming the file, what is wrong with it, and what to do.
 */
export function openCheckpoint(folder: string): Checkpoint {
  const { source, ...found } = openWeights(resolve(folder));
  try {
    return {
      ...found,
      ...configOf(found, resolve(folder), source),
      bytes: found.files.reduce((sum, file) => sum + statSync(join(found.folder, file)).size, 0),
      tensors: source.tensors,
      stream: (name, rows) => source.stream(name, rows),
      close: () => source.close(),
    };
  } catch (error) {
    source.close();
    throw error;
  }
}

function configOf(
  { folder }: Omit<Weights, 'source'>,
  opened: string,
  { tensors }: TensorSource,
): Pick<Checkpoint, 'config' | 'configJson'> {
  const place = placesAround(folder, opened).find((place) => fileIn(place, 'config.json') !== undefined);
  const configJson = place === undefined ? {} : readJsonIn(place, 'config.json');
  return { configJson, config: shownConfig(tensors, configJson) };
}

/** How to open each file of weights that may be in a folder. */
const readers: Record<
  (typeof weightFiles)[number],
  Pick<Checkpoint, 'format'> & { open: (path: string) => TensorSource }
> = {
  'model.safetensors': { format: 'safetensors', open: (path) => SafetensorsFile.open(path) },
  'pytorch_model.bin': { format: 'pytorch', open: (path) => TorchFile.open(path) },
};

/** The first that can be read: who has downloaded one file into a copy of the repository has the others only by name. */
function openWeights(opened: string): Weights {
  const folder = placeOfWeights(opened);
  let problem: unknown;
  for (const open of sourcesIn(folder))
    try {
      return open();
    } catch (error) {
      if (!isThereByName(error)) throw error;
      problem ??= error;
    }
  if (problem instanceof EngineError) throw problem;
  throw noWeights(folder, fileNames(folder));
}

function sourcesIn(folder: string): (() => Weights)[] {
  const sources = weightFiles.flatMap((file): (() => Weights)[] => {
    const { format, open } = readers[file];
    const path = fileIn(folder, file);
    if (path !== undefined) return [() => ({ format, folder, files: [file], source: open(path) })];
    const index = `${file}.index.json`;
    if (fileIn(folder, index) === undefined) return [];
    return [
      () => {
        const source = ShardedSource.open(folder, index, open);
        return { format, folder, files: source.files, source };
      },
    ];
  });
  const ranks = ranksIn(folder);
  const ofRanks = ({ folder, files }: NonNullable<typeof ranks>): Weights => ({
    ...{ format: 'megatron', folder, files },
    source: MegatronSource.open(folder, files),
  });
  return ranks ? [...sources, () => ofRanks(ranks)] : sources;
}

function isThereByName(error: unknown): boolean {
  return error instanceof EngineError && (error.fault === 'pointer' || error.fault === 'missing-part');
}
