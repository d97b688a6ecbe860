/** A folder with a checkpoint in any format that can be read, recognised by its files. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../errors';
import { fileIn, fileNames, readJsonIn } from './checkpointFolder';
import { parseGpt2Config, type Gpt2Config } from './gpt2Config';
import { SafetensorsFile } from './safetensors';
import { ShardedSource } from './shards';
import type { TensorSource } from './tensorStream';

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
  const { source, ...found } = openWeights(folder);
  try {
    const configJson = readJsonIn(folder, 'config.json');
    return {
      ...found,
      bytes: found.files.reduce((sum, file) => sum + statSync(join(found.folder, file)).size, 0),
      config: parseGpt2Config(configJson),
      configJson,
      tensors: source.tensors,
      stream: (name, rows) => source.stream(name, rows),
      close: () => source.close(),
    };
  } catch (error) {
    source.close();
    throw error;
  }
}

/** File of a checkpoint in one part; with `.index.json` behind it, the index of one in several. */
const singleFiles: { file: string; format: CheckpointFormat; open: (path: string) => TensorSource }[] = [
  { file: 'model.safetensors', format: 'safetensors', open: (path) => SafetensorsFile.open(path) },
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
  const shard = names.find((name) => /^(model|pytorch_model)-\d+-of-\d+\.(safetensors|bin)$/.test(name));
  throw new EngineError(
    'checkpoint-invalid',
    shard === undefined
      ? `${folder} holds no checkpoint: there is no ${singleFiles.map(({ file }) => file).join(', ')}`
      : `${folder} holds ${shard}, but not the index that belongs to it (….index.json); copy it too`,
  );
}
