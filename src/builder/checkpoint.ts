/**
 * A Hugging Face GPT-2 checkpoint: which tensors it must have, and their values.
 *
 * Linear layers are Conv1D: weight [in, out], y = x·W + b.
 */
import { EngineError, type CheckpointFault } from '../errors';
import type { Gpt2Config } from './gpt2Config';
import { nameOfHead, prefixOf } from './tensorNames';
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
  /** Makes logits, [vocabSize, hiddenSize]; almost always the token table itself. */
  head: TensorStream;
  numParameters: number;
}

/**
 * Finds every tensor and checks its shape before any value is read.
 * @throws EngineError 'checkpoint-invalid' naming the tensor, the shape expected and the one found.
 */
export function gpt2Tensors(source: TensorSource, config: Gpt2Config): Gpt2Tensors {
  const prefix = prefixOf(source.tensors);
  let numParameters = 0;
  const tensor = (shortName: string, ...shape: number[]): TensorStream => {
    const name = prefix + shortName;
    const info = source.tensors.get(name);
    if (!info)
      return fail(
        `tensor ${name} is missing; expected ${shapeText(shape)}`,
        name,
        name === 'wte.weight' ? 'other-model' : 'mixed',
      );
    checkShape(name, shape, info.shape);
    numParameters += numValues(shape);
    return { ...finite(source.stream(name), info.file), name: shortName };
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
    fail(`config.json says n_layer ${numLayers}, but the checkpoint has a layer ${numLayers} too`, 'config.json');
  const finalNorm = norm('ln_f');
  const head = headOf(source, config, tokens);
  if (head !== tokens) numParameters += numValues(head.shape);
  return { tokens, positions, layers, finalNorm, head, numParameters };
}

function checkShape(name: string, expected: readonly number[], found: readonly number[]): void {
  if (shapeText(found) !== shapeText(expected))
    fail(`tensor ${name}: expected shape ${shapeText(expected)}, found ${shapeText(found)}`, name);
}

/**
 * Most writers save the token table again as the head; one that differs is the model's own, whatever config.json says, as
 * transformers has it.
 */
function headOf(source: TensorSource, { isTied }: Gpt2Config, tokens: TensorStream): TensorStream {
  const name = nameOfHead(source.tensors);
  if (name === undefined) {
    if (isTied) return tokens;
    return fail(
      'lm_head.weight is missing, and config.json says that it is not the token table',
      'lm_head.weight',
      'missing-part',
    );
  }
  const head = source.stream(name);
  checkShape(name, tokens.shape, head.shape);
  if (isEqual(head, tokens)) return tokens;
  return { ...finite(head, source.tensors.get(name)?.file ?? name), name: 'lm_head.weight' };
}

/** Blocks of two tensors need not end at the same rows. */
function isEqual(a: TensorStream, b: TensorStream): boolean {
  const others = b.blocks()[Symbol.iterator]();
  let other = new Float32Array(0);
  let at = 0;
  for (const block of a.blocks())
    for (const value of block) {
      if (at === other.length) [other, at] = [(others.next().value ?? []) as Float32Array<ArrayBuffer>, 0];
      if (value !== other[at++]) return false;
    }
  return true;
}

/** Weights that are not numbers come from a training that failed or a damaged file; they would make every text empty. */
function finite(stream: TensorStream, file: string): TensorStream {
  return {
    ...stream,
    *blocks() {
      let index = 0;
      for (const block of stream.blocks()) {
        const bad = block.findIndex((value) => !Number.isFinite(value));
        if (bad >= 0)
          fail(
            `tensor ${stream.name} in ${file} has the value ${block[bad] as number} at index ${index + bad}: the training failed or ` +
              'the file is damaged; copy or download it again, or take another checkpoint',
            `${file}: ${stream.name}`,
            'incomplete',
          );
        index += block.length;
        yield block;
      }
    },
  };
}

/** @param subject the tensor that it is about, or a file */
function fail(what: string, subject: string, fault: CheckpointFault = 'mixed'): never {
  throw new EngineError('checkpoint-invalid', what, { subject, fault });
}
