/** A checkpoint that is large to build but takes no room on the disk: zeros in a sparse file. */
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { configOf, headerBytes, type TemporaryFolder, tokenizerBytes } from '../unit/builder/tinyCheckpoint';

export const largeSizes = { vocabSize: 150_000, numPositions: 64, hiddenSize: 512, numLayers: 1, numHeads: 8 };

/** Bytes of the token table: 293 MB. */
export const largestTensor = largeSizes.vocabSize * largeSizes.hiddenSize * 4;

/** @param sizes of zeros that take no room on the disk @returns the checkpoint's folder */
export function largeCheckpoint(temporary: TemporaryFolder, sizes = largeSizes): string {
  const folder = temporary.join('large');
  const { hiddenSize: h, vocabSize, numPositions } = sizes;
  const shapes: Record<string, number[]> = {
    'wte.weight': [vocabSize, h],
    'wpe.weight': [numPositions, h],
    'ln_f.weight': [h],
    'ln_f.bias': [h],
  };
  for (const norm of ['ln_1', 'ln_2']) for (const part of ['weight', 'bias']) shapes[`h.0.${norm}.${part}`] = [h];
  for (const [linear, inputs, outputs] of [
    ['attn.c_attn', h, 3 * h],
    ['attn.c_proj', h, h],
    ['mlp.c_fc', h, 4 * h],
    ['mlp.c_proj', 4 * h, h],
  ] as const) {
    shapes[`h.0.${linear}.weight`] = [inputs, outputs];
    shapes[`h.0.${linear}.bias`] = [outputs];
  }
  let end = 0;
  const header = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const bytes = shape.reduce((product, size) => product * size, 4);
      return [name, { dtype: 'F32', shape, data_offsets: [end, (end += bytes)] }];
    }),
  );
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configOf(sizes)));
  writeFileSync(join(folder, 'tokenizer.model'), tokenizerBytes());
  const file = openSync(join(folder, 'model.safetensors'), 'w');
  const start = writeSync(file, headerBytes(header));
  ftruncateSync(file, start + end); // zeros that take no room on the disk
  closeSync(file);

  return folder;
}
