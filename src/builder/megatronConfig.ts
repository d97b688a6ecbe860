/** The sizes of a Megatron checkpoint, which comes without config.json. */
import { EngineError } from '../errors';
import { parseGpt2Config, type Gpt2Config } from './gpt2Config';
import type { TensorInfo } from './tensorStream';

/** Heads of CPM's three sizes by hidden size: the one size that no tensor shows. */
const numHeadsOf: Readonly<Record<number, number>> = { 768: 12, 1024: 16, 2560: 32 };

/**
 * @param tensors by Hugging Face's names
 * @param configJson what a config.json says, if there is one; it wins
 * @throws EngineError 'checkpoint-invalid' when the number of heads is not known.
 */
export function megatronConfig(
  tensors: ReadonlyMap<string, TensorInfo>,
  configJson: Readonly<Record<string, unknown>>,
): Gpt2Config {
  const size = (name: string, axis: number): number => tensors.get(name)?.shape[axis] ?? 0;
  const hiddenSize = size('wte.weight', 1);
  const numHeads = configJson['n_head'] ?? numHeadsOf[hiddenSize];
  if (numHeads === undefined)
    throw new EngineError(
      'checkpoint-invalid',
      `the checkpoint has a hidden size of ${hiddenSize}, and no file says its number of attention heads: ` +
        'put a config.json into the folder that says it, as {"n_head": 32}',
    );
  return parseGpt2Config({
    vocab_size: size('wte.weight', 0),
    n_positions: size('wpe.weight', 0),
    n_embd: hiddenSize,
    n_inner: size('h.0.mlp.c_fc.weight', 1),
    n_layer: [...tensors.keys()].filter((name) => /^h\.\d+\.ln_1\.weight$/.test(name)).length,
    n_head: numHeads,
    ...configJson,
  });
}
