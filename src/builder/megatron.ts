/**
 * Megatron checkpoints in the parts of model-parallel ranks, `mp_rank_NN_model_states.pt`, as CPM-1-Generate's weights
 * are published: shown as one Hugging Face GPT-2 checkpoint. With ranks 0, 1 …, W of torch's Linear [out, in]:
 *
 *     word_embeddings.weight                      rows joined                             wte [vocabSize, H]
 *     position_embeddings.weight, norms           the same in each                        wpe [numPositions, H]
 *     query_key_value.weight, bias                each in 3 parts: q0 q1 … k0 k1 … v0 v1 …, turned   c_attn [H, 3H]
 *     dense_h_to_4h.weight, bias                  rows joined, turned                     c_fc [H, 4H]
 *     dense.weight, dense_4h_to_h.weight          columns joined, turned                  c_proj [H, H], [4H, H]
 *     dense.bias, dense_4h_to_h.bias              the same in each
 */
import { EngineError, type ErrorFacts } from '../errors';
import { requiredFileIn } from './checkpointFolder';
import { sameInEach } from './replicas';
import { concatRows, shapeText, transposed } from './tensorStream';
import type { TensorInfo, TensorSource, TensorStream } from './tensorStream';
import { TorchFile } from './torch/torchFile';

/** How the parts of the ranks make one tensor. */
type Merge = 'rows' | 'columns' | 'same' | 'thirds';

/** Megatron's name within a layer → Hugging Face's, for weight and bias. */
const layerParts: Record<string, { name: string; weight: Merge; bias: Merge }> = {
  input_layernorm: { name: 'ln_1', weight: 'same', bias: 'same' },
  post_attention_layernorm: { name: 'ln_2', weight: 'same', bias: 'same' },
  'attention.query_key_value': { name: 'attn.c_attn', weight: 'thirds', bias: 'thirds' },
  'attention.dense': { name: 'attn.c_proj', weight: 'columns', bias: 'same' },
  'mlp.dense_h_to_4h': { name: 'mlp.c_fc', weight: 'rows', bias: 'rows' },
  'mlp.dense_4h_to_h': { name: 'mlp.c_proj', weight: 'columns', bias: 'same' },
};

const others: Record<string, { name: string; merge: Merge }> = {
  'word_embeddings.weight': { name: 'wte.weight', merge: 'rows' },
  'position_embeddings.weight': { name: 'wpe.weight', merge: 'same' },
  'transformer.final_layernorm.weight': { name: 'ln_f.weight', merge: 'same' },
  'transformer.final_layernorm.bias': { name: 'ln_f.bias', merge: 'same' },
};

export const rankFile = /^mp_rank_(\d{2,3})_model_states\.pt$/;

/** What a tensor of the files is in Hugging Face's layout. */
interface Meaning {
  name: string;
  merge: Merge;
  /** [out, in] becomes [in, out], where it has two axes. */
  isTurned: boolean;
}

interface MergedTensor extends TensorInfo, Omit<Meaning, 'name'> {
  /** Name in the files. */
  stored: string;
}

export class MegatronSource implements TensorSource {
  readonly tensors = new Map<string, MergedTensor>();
  readonly #ranks: TorchFile[] = [];

  private constructor(private readonly files: readonly string[]) {}

  /**
   * @param files names of the rank files, those of one checkpoint
   * @throws EngineError 'checkpoint-invalid' when a rank is missing or does not fit the others.
   */
  static open(folder: string, files: readonly string[]): MegatronSource {
    const source = new MegatronSource([...files].sort((a, b) => rankOf(a) - rankOf(b)));
    try {
      source.#read(folder);
      return source;
    } catch (error) {
      source.close();
      throw error;
    }
  }

  stream(name: string, rows?: { from: number; to: number }): TensorStream {
    const tensor = this.tensors.get(name);
    if (!tensor) return fail(`the checkpoint has no tensor ${name}`);
    if (rows) return fail(`${name} is read as a whole only`);
    const { stored, merge, shape, isTurned } = tensor;
    const parts = this.#ranks.map((rank) => rank.stream(stored));
    const isMatrix = isTurned && shape.length === 2;
    switch (merge) {
      case 'same':
        return sameInEach(name, parts, this.files);
      case 'columns': // of [out, in]: rows of what is turned
        return concatRows(
          name,
          parts.map((part) => transposed(part)),
        );
      case 'rows':
        return isMatrix ? transposed(concatRows(name, parts)) : concatRows(name, parts);
      case 'thirds': {
        const joined = concatRows(name, this.#thirds(stored));
        return isMatrix ? transposed(joined) : joined;
      }
    }
  }

  close(): void {
    for (const rank of this.#ranks) rank.close();
    this.#ranks.length = 0;
  }

  #thirds(stored: string): TensorStream[] {
    return [0, 1, 2].flatMap((third) =>
      this.#ranks.map((rank) => {
        const size = (rank.tensors.get(stored)?.shape[0] ?? 0) / 3;
        return rank.stream(stored, { from: third * size, to: (third + 1) * size });
      }),
    );
  }

  #read(folder: string): void {
    const [first = ''] = this.files;
    this.files.forEach((file, rank) => {
      if (rankOf(file) !== rank)
        fail(`${folder} has ${file}, but not ${nameOfRank(rank, first)}; copy it too`, {
          ...{ fault: 'missing-part', subject: nameOfRank(rank, first) },
        });
      this.#ranks.push(TorchFile.open(requiredFileIn(folder, file)));
    });
    const prefix = [...(this.#ranks[0]?.tensors.keys() ?? [])]
      .find((name) => name.endsWith('word_embeddings.weight'))
      ?.slice(0, -'word_embeddings.weight'.length);
    if (prefix === undefined)
      return fail(`${first} has no word_embeddings.weight: it is not a GPT-2 of Megatron`, {
        ...{ fault: 'other-model', subject: first },
      });
    for (const stored of this.#ranks[0]?.tensors.keys() ?? []) {
      const known = stored.startsWith(prefix) ? meaning(stored.slice(prefix.length)) : undefined;
      if (known) this.tensors.set(known.name, this.#merged(stored, known));
    }
    this.#checkNumRanks(first);
  }

  #merged(stored: string, { merge, isTurned }: Meaning): MergedTensor {
    const [first, ...rest] = this.#ranks.map((rank) => rank.tensors.get(stored));
    const [firstFile = ''] = this.files;
    if (!first) return fail(`${firstFile} has no tensor ${stored}`);
    rest.forEach((part, i) => {
      const found = part ? `${part.dtype} ${shapeText(part.shape)}` : 'nothing';
      const expected = `${first.dtype} ${shapeText(first.shape)}`;
      if (found !== expected)
        fail(
          `${this.files[i + 1] ?? ''} has ${found} for ${stored}, ${firstFile} has ${expected}: ` +
            'the files are not of one checkpoint; take all of them from the same folder',
          { fault: 'mixed', subject: this.files[i + 1] },
        );
    });
    const [out = 0, input] = first.shape;
    if (merge === 'thirds' && out % 3 !== 0)
      return fail(`${firstFile}: ${stored} has ${out} rows, which are no queries, keys and values`);
    const all = this.#ranks.length;
    const rows = merge === 'rows' || merge === 'thirds' ? out * all : out;
    const turned = input === undefined ? [rows] : [input * (merge === 'columns' ? all : 1), rows];
    return {
      dtype: first.dtype,
      shape: isTurned ? turned : turned.reverse(),
      file: firstFile,
      merge,
      isTurned,
      stored,
    };
  }

  /** A rank of n holds 1/n of the columns of attention.dense, so that one file tells how many belong together. */
  #checkNumRanks(first: string): void {
    const hidden = this.tensors.get('wpe.weight')?.shape[1] ?? 0;
    const joined = this.tensors.get('h.0.attn.c_proj.weight')?.shape[0] ?? 0;
    if (joined === hidden || joined === 0) return; // one that is missing is named when all are looked for
    const needed = (hidden / joined) * this.files.length;
    fail(
      `${first} is a part of ${needed} of the model, but there ${this.files.length === 1 ? 'is 1 file' : `are ${this.files.length} files`} ` +
        'mp_rank_….pt: put all files of the checkpoint, and no others, into the folder',
      needed > this.files.length
        ? { fault: 'missing-part', subject: nameOfRank(this.files.length, first) }
        : { fault: 'mixed', subject: this.files[needed] },
    );
  }
}

function meaning(stored: string): Meaning | undefined {
  const other = Object.hasOwn(others, stored) ? others[stored] : undefined;
  if (other) return { ...other, isTurned: false };
  const [, layer = '', part = '', kind = ''] = /^transformer\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(stored) ?? [];
  const known = Object.hasOwn(layerParts, part) ? layerParts[part] : undefined;
  if (!known) return undefined;
  return { name: `h.${layer}.${known.name}.${kind}`, merge: known[kind as 'weight' | 'bias'], isTurned: true };
}

function rankOf(file: string): number {
  return Number(rankFile.exec(file)?.[1]);
}

/** @param like the name of another rank's */
function nameOfRank(rank: number, like: string): string {
  return like.replace(/\d+/, (digits) => String(rank).padStart(digits.length, '0'));
}

function fail(what: string, facts?: ErrorFacts): never {
  throw new EngineError('checkpoint-invalid', what, facts);
}
