/** A folder with a checkpoint in any format that can be read, recognised by its files. */
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EngineError } from '../errors';
import { fileIn, fileNames, readJsonIn } from './checkpointFolder';
import { parseGpt2Config, type Gpt2Config } from './gpt2Config';
import { MegatronSource, rankFile } from './megatron';
import { megatronConfig } from './megatronConfig';
import { SafetensorsFile } from './safetensors';
import { ShardedSource } from './shards';
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
  /** The folder that holds the weights; with Megatron perhaps one below the folder that was opened. */
  readonly folder: string;
  /** Names of the weight files. */
  readonly files: readonly string[];
  /** Bytes of the weight files together. */
  readonly bytes: number;
  /** Sizes: those of config.json, or with Megatron those that the tensors show. */
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
  { format, folder }: Omit<Weights, 'source'>,
  opened: string,
  { tensors }: TensorSource,
): Pick<Checkpoint, 'config' | 'configJson'> {
  if (format !== 'megatron') {
    const configJson = readJsonIn(folder, 'config.json');
    return { configJson, config: parseGpt2Config(configJson) };
  }
  const place = [folder, opened].find((place) => fileIn(place, 'config.json') !== undefined);
  const configJson = place === undefined ? {} : readJsonIn(place, 'config.json');
  return { configJson, config: megatronConfig(tensors, configJson) };
}

/** File of a checkpoint in one part; with `.index.json` behind it, the index of one in several. The first found is read. */
const singleFiles: { file: string; format: CheckpointFormat; open: (path: string) => TensorSource }[] = [
  { file: 'model.safetensors', format: 'safetensors', open: (path) => SafetensorsFile.open(path) },
  { file: 'pytorch_model.bin', format: 'pytorch', open: (path) => TorchFile.open(path) },
];

function openWeights(folder: string): Weights {
  const names = fileNames(folder);
  for (const { file, format, open } of singleFiles) {
    const path = fileIn(folder, file);
    if (path !== undefined) return { format, folder, files: [file], source: open(path) };
    const index = `${file}.index.json`;
    if (fileIn(folder, index) === undefined) continue;
    const source = ShardedSource.open(folder, index, open);
    return { format, folder, files: source.files, source };
  }
  const ranks = rankFiles(folder, names);
  if (ranks) return { format: 'megatron', ...ranks, source: MegatronSource.open(ranks.folder, ranks.files) };
  const shard = names.find((name) => /^(model|pytorch_model)-\d+-of-\d+\.(safetensors|bin)$/.test(name));
  if (shard !== undefined)
    return fail(`${folder} holds ${shard}, but not the index that belongs to it (….index.json); copy it too`);
  const known = [...singleFiles.map(({ file }) => file), 'mp_rank_00_model_states.pt'].join(', ');
  return fail(`${folder} holds no checkpoint that can be read: none of ${known}; choose the folder that holds one`);
}

/** Megatron's files lie in a folder named by the training step, which a file beside that folder names. */
function rankFiles(folder: string, names: readonly string[]): Pick<Weights, 'folder' | 'files'> | undefined {
  const files = names.filter((name) => rankFile.test(name));
  if (files.length > 0) return { folder, files };
  for (const name of ['latest_checkpointed_iteration.txt', 'latest']) {
    const path = fileIn(folder, name);
    if (path === undefined || statSync(path).size > 100) continue;
    const step = readFileSync(path, 'utf8').trim();
    if (!/^\w+$/.test(step) || !names.includes(step)) continue;
    const below = join(folder, step);
    const found = fileNames(below).filter((file) => rankFile.test(file));
    if (found.length > 0) return { folder: below, files: found };
  }
  return undefined;
}

function fail(what: string): never {
  throw new EngineError('checkpoint-invalid', what);
}
