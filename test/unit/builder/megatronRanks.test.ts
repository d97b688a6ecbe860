/**
 * A checkpoint split among other numbers of ranks than the fixtures that PyTorch wrote (2 and 4), by Megatron's rules
 * written anew: what is built from the parts is what is built from the whole.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel } from '../../../src/builder/buildModel';
import { configOf, randomTensors, TemporaryFolder, tokenizerBytes, type TensorData } from './tinyCheckpoint';
import { dictPickle, nestedDictPickle, tensorPickle, zipOf } from './torchArchive';

const sizes = { vocabSize: 36, numPositions: 24, hiddenSize: 12, numLayers: 2, numHeads: 3 };

/** A bias is a column. */
type Rows = number[][];

const rowsOf = ({ shape: [height = 0, width = 1], values }: TensorData): Rows =>
  Array.from({ length: height }, (_, i) => [...values.subarray(i * width, (i + 1) * width)]);
const turned = (rows: Rows): Rows => (rows[0] ?? []).map((_, i) => rows.map((row) => row[i] as number));
const nth = (rows: Rows, part: number, of: number): Rows =>
  rows.slice((rows.length / of) * part, (rows.length / of) * (part + 1));

const renamed: [hugging: RegExp, megatron: string][] = [
  [/^wte/, 'word_embeddings'],
  [/^wpe/, 'position_embeddings'],
  [/^ln_f/, 'transformer.final_layernorm'],
  [/^h\./, 'transformer.layers.'],
  [/ln_1/, 'input_layernorm'],
  [/ln_2/, 'post_attention_layernorm'],
  [/attn\.c_attn/, 'attention.query_key_value'],
  [/attn\.c_proj/, 'attention.dense'],
  [/c_fc/, 'dense_h_to_4h'],
  [/mlp\.c_proj/, 'mlp.dense_4h_to_h'],
];

/** What a rank holds of a tensor. Linear weights are [inputs, outputs] here, and [outputs, inputs] there. */
function held(name: string, tensor: TensorData, rank: number, numRanks: number): TensorData {
  const rows = rowsOf(tensor);
  const torch = /c_\w+\.weight/.test(name) ? turned(rows) : rows;
  const mine = ((): Rows => {
    if (/c_attn/.test(name)) return [0, 1, 2].flatMap((third) => nth(nth(torch, third, 3), rank, numRanks));
    if (/c_fc|wte/.test(name)) return nth(torch, rank, numRanks);
    if (/c_proj\.weight/.test(name)) return turned(nth(turned(torch), rank, numRanks));
    return torch;
  })();
  const shape = tensor.shape.length === 1 ? [mine.length] : [mine.length, mine[0]?.length ?? 0];
  return { shape, values: Float32Array.from(mine.flat()) };
}

/** As torch.save writes a rank. */
function rankFile(tensors: Map<string, TensorData>, rank: number, numRanks: number): Buffer {
  const all = [...tensors].map(([name, tensor], i) => {
    const megatron = renamed.reduce((text, [from, to]) => text.replace(from, to), name);
    return { name: megatron, key: String(i), ...held(name, tensor, rank, numRanks) };
  });
  const pickles = all.map(({ name, key, shape, values }): [string, Buffer] => {
    const strides = shape.length === 1 ? [1] : [shape[1] as number, 1];
    return [name, tensorPickle({ key, numel: values.length, shape, strides })];
  });
  return zipOf([
    { name: 'archive/data.pkl', data: dictPickle([['module', nestedDictPickle(pickles)]]) },
    ...all.map(({ key, values }) => ({ name: `archive/data/${key}`, data: Buffer.from(values.buffer) })),
  ]);
}

describe('a checkpoint of Megatron', () => {
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  for (const numRanks of [1, 3])
    it(`in ${numRanks === 1 ? 'one part' : `${numRanks} parts`} gives the model that the whole gives`, async () => {
      const tensors = randomTensors(sizes, numRanks);
      const whole = temporary.checkpoint(`whole-${numRanks}`, tensors, configOf(sizes));
      const parts = temporary.join(`parts-${numRanks}`);
      mkdirSync(parts);
      writeFileSync(join(parts, 'tokenizer.model'), tokenizerBytes());
      writeFileSync(join(parts, 'config.json'), JSON.stringify({ n_head: sizes.numHeads }));
      for (let rank = 0; rank < numRanks; rank++)
        writeFileSync(join(parts, `mp_rank_0${rank}_model_states.pt`), rankFile(tensors, rank, numRanks));
      const filesOf = async (from: string) =>
        (await buildModel({ from, to: temporary.join('model'), quantization: 'none' })).files;
      assert.deepEqual(await filesOf(parts), await filesOf(whole));
    });
});
