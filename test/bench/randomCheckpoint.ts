/** GPT-2 checkpoints with random weights, written value by value: speed and size do not depend on what a model knows. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { configOf, headerBytes, tokenizerBytes, type Sizes } from '../unit/builder/tinyCheckpoint';

/** Of CPM-small: 109M parameters. */
export const cpmSmall: Sizes = { vocabSize: 30_000, numPositions: 1024, hiddenSize: 768, numLayers: 12, numHeads: 12 };

/** Normal values with the standard deviation that GPT-2 starts from; their number is prime, so that no row is like another. */
function normalValues(): Float32Array {
  let state = 1;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Float32Array.from(
    { length: 1_000_003 },
    () => 0.02 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

/** Name → shape of every tensor, in the order of the file. */
function shapesOf({ hiddenSize: h, vocabSize, numPositions, numLayers }: Sizes): [string, number[]][] {
  const norm = (name: string): [string, number[]][] => [
    [`${name}.weight`, [h]],
    [`${name}.bias`, [h]],
  ];
  const linear = (name: string, inputs: number, outputs: number): [string, number[]][] => [
    [`${name}.weight`, [inputs, outputs]],
    [`${name}.bias`, [outputs]],
  ];
  const layer = (name: string): [string, number[]][] => [
    ...norm(`${name}.ln_1`),
    ...linear(`${name}.attn.c_attn`, h, 3 * h),
    ...linear(`${name}.attn.c_proj`, h, h),
    ...norm(`${name}.ln_2`),
    ...linear(`${name}.mlp.c_fc`, h, 4 * h),
    ...linear(`${name}.mlp.c_proj`, 4 * h, h),
  ];
  return [
    ['wte.weight', [vocabSize, h]],
    ['wpe.weight', [numPositions, h]],
    ...Array.from({ length: numLayers }, (_, l) => layer(`h.${l}`)).flat(),
    ...norm('ln_f'),
  ];
}

/** So many that every row of the token table has one: Chinese characters, then pairs of them. */
function pieces(count: number): string[] {
  const [first, numCharacters] = [0x4e00, 0x5000];
  const character = (i: number) => String.fromCodePoint(first + (i % numCharacters));
  return Array.from({ length: count }, (_, i) => (i < numCharacters ? character(i) : character(i) + character(7 * i)));
}

/**
 * Writes the checkpoint unless it is there.
 * @param finalGain of the last normalisation: logits are normal with 0.02 √hiddenSize times as much for their deviation σ,
 * and the entropy of the next token is some ln(vocabSize) − σ²/2
 * @returns its folder
 */
export function randomCheckpoint(parent: string, name: string, sizes: Sizes, finalGain = 1): string {
  const folder = join(parent, name);
  const file = join(folder, 'model.safetensors');
  if (existsSync(file)) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configOf(sizes)));
  writeFileSync(join(folder, 'tokenizer.model'), tokenizerBytes(undefined, undefined, pieces(sizes.vocabSize - 6)));
  const shapes = shapesOf(sizes);
  let end = 0;
  const header = Object.fromEntries(
    shapes.map(([tensor, shape]) => {
      const bytes = shape.reduce((product, size) => product * size, 4);
      return [tensor, { dtype: 'F32', shape, data_offsets: [end, (end += bytes)] }];
    }),
  );
  const values = normalValues();
  const fd = openSync(`${file}.part`, 'w');
  writeSync(fd, headerBytes(header));
  let next = 0;
  for (const [tensor, shape] of shapes) {
    const length = shape.reduce((product, size) => product * size, 1);
    if (tensor.includes('ln_') && tensor.endsWith('weight'))
      writeSync(fd, new Float32Array(length).fill(tensor === 'ln_f.weight' ? finalGain : 1));
    else
      for (let left = length; left > 0;) {
        const count = Math.min(left, values.length - next);
        writeSync(fd, values, next * 4, count * 4);
        next = (next + count) % values.length;
        left -= count;
      }
  }
  closeSync(fd);
  renameSync(`${file}.part`, file);
  return folder;
}
