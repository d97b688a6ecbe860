/**
 * GPT-2's forward pass in float64, written from its definition and for nothing but clearness: one sequence, no cache.
 * Radford et al. 2019; Hugging Face's modeling_gpt2.py for the names.
 */
import type { Sizes, TensorData } from './tinyCheckpoint';

type Vector = number[];

/** @returns logits [tokenIds.length][vocabSize] */
export function referenceLogits(tensors: Map<string, TensorData>, sizes: Sizes, tokenIds: readonly number[]): Vector[] {
  const of = (name: string): Float32Array => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`no ${name}`);
    return tensor.values;
  };
  const { hiddenSize: size, numHeads, numLayers } = sizes;
  const row = (name: string, index: number): Vector => Array.from(of(name).subarray(index * size, (index + 1) * size));

  let hidden = tokenIds.map((id, position) => sum(row('wte.weight', id), row('wpe.weight', position)));
  for (let l = 0; l < numLayers; l++) {
    const name = `h.${l}`;
    const norm = (x: Vector, n: string): Vector => layerNorm(x, of(`${name}.${n}.weight`), of(`${name}.${n}.bias`));
    const linear = (x: Vector, n: string): Vector => conv1d(x, of(`${name}.${n}.weight`), of(`${name}.${n}.bias`));
    const qkv = hidden.map((x) => linear(norm(x, 'ln_1'), 'attn.c_attn'));
    const attended = qkv.map((_, position) => attend(qkv.slice(0, position + 1), size, numHeads));
    hidden = hidden.map((x, i) => sum(x, linear(attended[i] as Vector, 'attn.c_proj')));
    hidden = hidden.map((x) => sum(x, linear(linear(norm(x, 'ln_2'), 'mlp.c_fc').map(gelu), 'mlp.c_proj')));
  }
  const head = tensors.has('lm_head.weight') ? 'lm_head.weight' : 'wte.weight';
  return hidden.map((x) => {
    const last = layerNorm(x, of('ln_f.weight'), of('ln_f.bias'));
    return Array.from({ length: sizes.vocabSize }, (_, id) => dot(last, row(head, id)));
  });
}

/** Attention of the last of the positions over all of them. Each row is query, key and value side by side. */
function attend(rows: Vector[], size: number, numHeads: number): Vector {
  const headSize = size / numHeads;
  const output: Vector = [];
  for (let head = 0; head < numHeads; head++) {
    const part = (row: Vector, which: number): Vector =>
      row.slice(which * size + head * headSize, which * size + (head + 1) * headSize);
    const query = part(rows.at(-1) as Vector, 0);
    const scores = rows.map((row) => Math.exp(dot(query, part(row, 1)) / Math.sqrt(headSize)));
    const total = scores.reduce((a, b) => a + b, 0);
    for (let i = 0; i < headSize; i++)
      output.push(
        rows.reduce((mixed, row, r) => mixed + ((scores[r] as number) / total) * (part(row, 2)[i] as number), 0),
      );
  }
  return output;
}

/** weight [in, out] */
function conv1d(x: Vector, weight: Float32Array, bias: Float32Array): Vector {
  return Array.from(bias, (b, out) =>
    x.reduce((y, value, i) => y + value * (weight[i * bias.length + out] as number), b),
  );
}

function layerNorm(x: Vector, weight: Float32Array, bias: Float32Array): Vector {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length;
  return x.map(
    (value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * (weight[i] as number) + (bias[i] as number),
  );
}

/** The tanh approximation, `gelu_new`. */
function gelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

function dot(a: Vector, b: Vector): number {
  return a.reduce((total, value, i) => total + value * (b[i] as number), 0);
}

function sum(a: Vector, b: Vector): Vector {
  return a.map((value, i) => value + (b[i] as number));
}
