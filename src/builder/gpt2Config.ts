/** Reads a Hugging Face GPT-2 `config.json`. */
import { EngineError } from '../errors';

export interface Gpt2Config {
  vocabSize: number;
  /** Rows of the position table. */
  numPositions: number;
  /** Positions that were trained; `numPositions` unless the config says `trained_context`. */
  contextLength: number;
  hiddenSize: number;
  /** Width of the feed-forward layer. */
  innerSize: number;
  numLayers: number;
  numHeads: number;
  headSize: number;
  layerNormEpsilon: number;
  /** Whether the head may be the token table. */
  isTied: boolean;
  /** The token that begins a text behind its title, where the config says `opening_token_id` (models/recipe). */
  opening: number | undefined;
  /** As the config states it, if it does. */
  licence: string | undefined;
}

/**
 * Options of the architecture, and the values that mean our graph's arithmetic; the first is the default. transformers has
 * several names for GELU by tanh, and gives models out of Megatron another than GPT-2's own.
 */
const known: Record<string, readonly unknown[]> = {
  model_type: ['gpt2'],
  activation_function: ['gelu_new', 'gelu_fast', 'gelu_pytorch_tanh', 'gelu_accurate'],
  scale_attn_weights: [true],
  scale_attn_by_inverse_layer_idx: [false],
  add_cross_attention: [false],
};

/** @throws EngineError 'checkpoint-invalid' naming the key. */
export function parseGpt2Config(config: Readonly<Record<string, unknown>>): Gpt2Config {
  for (const [key, values] of Object.entries(known)) {
    const found = config[key] ?? values[0]; // an absent key has the architecture's default
    if (!values.includes(found))
      throw new EngineError(
        'checkpoint-invalid',
        `config.json: ${key} is ${JSON.stringify(found)}; only ${values.map((value) => JSON.stringify(value)).join(', ')} can be converted`,
        { fault: 'other-model', subject: `config.json: ${key} ${String(found)}` },
      );
  }
  const size = (key: string, fallback?: number): number => {
    const value = config[key] ?? fallback;
    if (!Number.isSafeInteger(value) || (value as number) < 1)
      return fail(`${key} must be a positive integer, found ${JSON.stringify(value)}`);
    return value as number;
  };
  const hiddenSize = size('n_embd');
  const numHeads = size('n_head');
  const numPositions = size('n_positions');
  const contextLength = size('trained_context', numPositions);
  const layerNormEpsilon = config['layer_norm_epsilon'] ?? 1e-5;
  if (hiddenSize % numHeads !== 0) fail(`n_embd ${hiddenSize} is not a multiple of n_head ${numHeads}`);
  if (contextLength > numPositions) fail(`trained_context ${contextLength} is more than n_positions ${numPositions}`);
  if (typeof layerNormEpsilon !== 'number' || !(layerNormEpsilon > 0))
    return fail(`layer_norm_epsilon must be a positive number, found ${JSON.stringify(layerNormEpsilon)}`);
  const vocabSize = size('vocab_size');
  const opening = config['opening_token_id'];
  if (
    opening !== undefined &&
    !(Number.isSafeInteger(opening) && (opening as number) >= 0 && (opening as number) < vocabSize)
  )
    fail(`opening_token_id ${JSON.stringify(opening)} is not a token id below ${vocabSize}`);
  return {
    vocabSize,
    numPositions,
    contextLength,
    hiddenSize,
    innerSize: size('n_inner', 4 * hiddenSize),
    numLayers: size('n_layer'),
    numHeads,
    headSize: hiddenSize / numHeads,
    layerNormEpsilon,
    isTied: config['tie_word_embeddings'] !== false,
    opening: opening as number | undefined,
    licence: typeof config['license'] === 'string' ? config['license'] : undefined,
  };
}

function fail(what: string): never {
  throw new EngineError('checkpoint-invalid', `config.json: ${what}`, { fault: 'incomplete', subject: 'config.json' });
}
