/** A checkpoint in several files, with an index that says which tensor lies in which. */
import { EngineError, type CheckpointFault } from '../errors';
import { readJsonIn, requiredFileIn } from './checkpointFolder';
import type { TensorInfo, TensorSource, TensorStream } from './tensorStream';

/** Many open files would meet the system's limit; the largest models have some hundred. */
const maxShards = 512;

export class ShardedSource implements TensorSource {
  readonly tensors = new Map<string, TensorInfo>();
  readonly #shardOf = new Map<string, TensorSource>();
  readonly #shards = new Map<string, TensorSource>();

  private constructor(private readonly index: string) {}

  /**
   * @param index name of the index, as model.safetensors.index.json
   * @param open opens one shard
   * @throws EngineError 'checkpoint-invalid' when a shard is missing, lies elsewhere, or lacks a tensor.
   */
  static open(folder: string, index: string, open: (path: string) => TensorSource): ShardedSource {
    const source = new ShardedSource(index);
    try {
      source.#read(folder, open);
      return source;
    } catch (error) {
      source.close();
      throw error;
    }
  }

  stream(name: string, rows?: { from: number; to: number }): TensorStream {
    return (this.#shardOf.get(name) ?? this.#fail(`has no tensor ${name}`)).stream(name, rows);
  }

  /** Names of the files, in the index's order. */
  get files(): string[] {
    return [...this.#shards.keys()];
  }

  close(): void {
    for (const shard of this.#shards.values()) shard.close();
    this.#shards.clear();
  }

  #read(folder: string, open: (path: string) => TensorSource): void {
    const { weight_map: weightMap } = readJsonIn(folder, this.index);
    if (typeof weightMap !== 'object' || weightMap === null) return this.#fail('has no weight_map', 'incomplete');
    for (const [name, file] of Object.entries(weightMap)) {
      if (typeof file !== 'string') return this.#fail(`names no file for tensor ${name}`);
      const shard = this.#shards.get(file) ?? open(this.#path(folder, file));
      this.#shards.set(file, shard);
      if (this.#shards.size > maxShards) this.#fail(`names more than ${maxShards} files`);
      const info = shard.tensors.get(name);
      if (!info)
        return this.#fail(`says that ${file} holds tensor ${name}, but it does not; copy both files again`, 'mixed');
      this.tensors.set(name, info);
      this.#shardOf.set(name, shard);
    }
  }

  #path(folder: string, file: string): string {
    try {
      return requiredFileIn(folder, file);
    } catch (cause) {
      const { message, fault, subject } = EngineError.from(cause);
      return this.#fail(`names a file that cannot be used: ${message}`, fault, subject);
    }
  }

  #fail(what: string, fault?: CheckpointFault, subject = this.index): never {
    throw new EngineError('checkpoint-invalid', `${this.index} ${what}`, { fault, subject });
  }
}
