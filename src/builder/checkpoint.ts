/**
 * A Hugging Face GPT-2 checkpoint: which tensors it must have, and their values.
 *
 * Linear layers are Conv1D: weight [in, out], y = x·W + b. The head is the token table (tied).
 */
import { EngineError } from '../errors';
import type { Gpt2Config } from './gpt2Config';
import { numValues, shapeText, type TensorSource, type TensorStream } from './tensorStream';

export interface Linear {
  weight: TensorStream; // [in, out]
  bias: TensorStream; // [out]
}

export interface Norm {
  weight: TensorStream; // [hiddenSize]
  bias: TensorStream; // [hiddenSize]
}

export interface Layer {
  inputNorm: Norm;
  qkv: Linear; // [hiddenSize, 3 hiddenSize]
  attentionOut: Linear; // [hiddenSize, hiddenSize]
  mlpNorm: Norm;
  mlpIn: Linear; // [hiddenSize, innerSize]
  mlpOut: Linear; // [innerSize, hiddenSize]
}

export interface Gpt2Tensors {
  tokens: TensorStream; // [vocabSize, hiddenSize]
  positions: TensorStream; // [numPositions, hiddenSize]
  layers: Layer[];
  finalNorm: Norm;
  numParameters: number;
}

/**
 * Finds every tensor and checks its shape before any value is read.
 * @throws EngineError 'checkpoint-invalid' naming the tensor, the shape expected and the one found.
 */
export function gpt2Tensors(source: TensorSource, config: Gpt2Config): Gpt2Tensors {
  const prefix = source.tensors.has('transformer.wte.weight') ? 'transformer.' : '';
  let numParameters = 0;
  const tensor = (shortName: string, ...shape: number[]): TensorStream => {
    const name = prefix + shortName;
    const info = source.tensors.get(name);
    if (!info) return fail(`tensor ${name} is missing; expected ${shapeText(shape)}`);
    if (shapeText(info.shape) !== shapeText(shape))
      return fail(`tensor ${name}: expected shape ${shapeText(shape)}, found ${shapeText(info.shape)}`);
    numParameters += numValues(shape);
    return { ...finite(source.stream(name)), name: shortName };
  };
  const norm = (name: string): Norm => ({
    weight: tensor(`${name}.weight`, hiddenSize),
    bias: tensor(`${name}.bias`, hiddenSize),
  });
  const linear = (name: string, inputs: number, outputs: number): Linear => ({
    weight: tensor(`${name}.weight`, inputs, outputs),
    bias: tensor(`${name}.bias`, outputs),
  });

  const { hiddenSize, innerSize, vocabSize, numPositions, numLayers } = config;
  const tokens = tensor('wte.weight', vocabSize, hiddenSize);
  const positions = tensor('wpe.weight', numPositions, hiddenSize);
  const layers: Layer[] = [];
  for (let l = 0; l < numLayers; l++) {
    layers.push({
      inputNorm: norm(`h.${l}.ln_1`),
      qkv: linear(`h.${l}.attn.c_attn`, hiddenSize, 3 * hiddenSize),
      attentionOut: linear(`h.${l}.attn.c_proj`, hiddenSize, hiddenSize),
      mlpNorm: norm(`h.${l}.ln_2`),
      mlpIn: linear(`h.${l}.mlp.c_fc`, hiddenSize, innerSize),
      mlpOut: linear(`h.${l}.mlp.c_proj`, innerSize, hiddenSize),
    });
  }
  if (source.tensors.has(`${prefix}h.${numLayers}.ln_1.weight`))
    fail(`config.json says n_layer ${numLayers}, but the checkpoint has a layer ${numLayers} too`);
  const finalNorm = norm('ln_f');
  checkTied(source, tokens);
  return { tokens, positions, layers, finalNorm, numParameters };
}

/** Some writers repeat the token table as the head; a head of its own would be lost silently. */
function checkTied(source: TensorSource, tokens: TensorStream): void {
  const info = source.tensors.get('lm_head.weight');
  if (!info) return;
  const untied = (): never => fail(`lm_head.weight differs from ${tokens.name}; only tied heads can be converted`);
  if (shapeText(info.shape) !== shapeText(tokens.shape)) untied();
  const head = source.stream('lm_head.weight').blocks()[Symbol.iterator]();
  for (const block of tokens.blocks()) {
    const other = head.next().value as Float32Array;
    if (block.some((value, i) => value !== other[i])) untied();
  }
}

/** Weights that are not numbers come from a training that failed or a damaged file; they would make every text empty. */
function finite(stream: TensorStream): TensorStream {
  return {
    ...stream,
    *blocks() {
      let index = 0;
      for (const block of stream.blocks()) {
        const bad = block.findIndex((value) => !Number.isFinite(value));
        if (bad >= 0) fail(`tensor ${stream.name} has the value ${block[bad] as number} at index ${index + bad}`);
        index += block.length;
        yield block;
      }
    },
  };
}

function fail(what: string): never {
  throw new EngineError('checkpoint-invalid', what);
}
