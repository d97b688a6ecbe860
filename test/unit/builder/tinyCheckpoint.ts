/** Small random GPT-2 checkpoints in temporary folders. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PbfWriter } from 'pbf';

export interface TensorData {
  shape: number[];
  values: Float32Array;
}

/** Large enough that the matrices go to the data file, at 8 bits too. */
export const tiny = { vocabSize: 101, numPositions: 40, hiddenSize: 72, numLayers: 2, numHeads: 2 };
export type Sizes = typeof tiny;

export function configOf(sizes: Sizes): Record<string, unknown> {
  const { vocabSize, numPositions, hiddenSize, numLayers, numHeads } = sizes;
  return {
    model_type: 'gpt2',
    vocab_size: vocabSize,
    n_positions: numPositions,
    n_embd: hiddenSize,
    n_layer: numLayers,
    n_head: numHeads,
    layer_norm_epsilon: 1e-5,
    activation_function: 'gelu_new',
  };
}

/** Values between −1 and 1, the same at each run. */
export function randomValues(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/**
 * Names without prefix, as in a GPT-2 checkpoint. Norms and biases differ from 1 and 0, so that a mix-up shows.
 * @param hasHead whether logits are made by another matrix than the token table
 */
export function randomTensors(sizes: Sizes, seed = 1, hasHead = false): Map<string, TensorData> {
  const random = randomValues(seed);
  const tensors = new Map<string, TensorData>();
  const add = (name: string, shape: number[], scale: number, mean = 0): void => {
    const length = shape.reduce((a, b) => a * b, 1);
    tensors.set(name, { shape, values: Float32Array.from({ length }, () => mean + scale * random()) });
  };
  const { hiddenSize: h, vocabSize, numPositions, numLayers } = sizes;
  add('wte.weight', [vocabSize, h], 0.4);
  add('wpe.weight', [numPositions, h], 0.4);
  for (let l = 0; l < numLayers; l++) {
    for (const norm of ['ln_1', 'ln_2']) {
      add(`h.${l}.${norm}.weight`, [h], 0.3, 1);
      add(`h.${l}.${norm}.bias`, [h], 0.3);
    }
    for (const [linear, inputs, outputs] of [
      ['attn.c_attn', h, 3 * h],
      ['attn.c_proj', h, h],
      ['mlp.c_fc', h, 4 * h],
      ['mlp.c_proj', 4 * h, h],
    ] as const) {
      add(`h.${l}.${linear}.weight`, [inputs, outputs], 2.3 / Math.sqrt(inputs));
      add(`h.${l}.${linear}.bias`, [outputs], 0.3);
    }
  }
  add('ln_f.weight', [h], 0.3, 1);
  add('ln_f.bias', [h], 0.3);
  if (hasHead) add('lm_head.weight', [vocabSize, h], 0.4);
  return tensors;
}

/** A .safetensors file of float32 tensors. */
export function safetensorsBytes(tensors: Iterable<[string, TensorData]>): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  const parts: Buffer[] = [];
  let end = 0;
  for (const [name, { shape, values }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += values.byteLength)] };
    parts.push(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  }
  return Buffer.concat([headerBytes(header), ...parts]);
}

/** Length and JSON: the first part of a .safetensors file. */
export function headerBytes(header: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json]);
}

/** A SentencePiece Unigram model of the special pieces and a few others. */
export function tokenizerBytes(
  special = ['<s>', '</s>', '<pad>', '<sep>', '<eod>'],
  modelType = 1,
  others: Iterable<string> = '春眠不觉晓处闻啼鸟',
): Uint8Array {
  const pbf = new PbfWriter();
  const piece = (text: string, type: number): void =>
    pbf.writeMessage(
      1,
      (_, message) => {
        message.writeStringField(1, text);
        message.writeFloatField(2, type === 1 ? -3 : 0);
        message.writeVarintField(3, type);
      },
      null,
    );
  piece('<unk>', 2);
  for (const name of special) piece(name, 3);
  for (const other of others) piece(other, 1);
  pbf.writeMessage(2, (_, trainer) => trainer.writeVarintField(3, modelType), null);
  pbf.writeMessage(3, (_, normalizer) => normalizer.writeStringField(1, 'identity'), null);
  return pbf.finish();
}

/** A folder that is removed after the test or suite. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'moxu-builder-'));

  /** Writes a checkpoint into a subfolder and returns its path. */
  checkpoint(
    name: string,
    tensors: Map<string, TensorData> | Buffer = randomTensors(tiny),
    config: Record<string, unknown> = configOf(tiny),
  ): string {
    const folder = join(this.path, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    writeFileSync(join(folder, 'model.safetensors'), Buffer.isBuffer(tensors) ? tensors : safetensorsBytes(tensors));
    writeFileSync(join(folder, 'tokenizer.model'), tokenizerBytes());
    return folder;
  }

  join(...names: string[]): string {
    return join(this.path, ...names);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
