/** The sizes of a checkpoint as its tensors show them: Megatron's come without config.json, others may have lost it or parts of it. */
import { EngineError } from '../errors';
import { parseGpt2Config, type Gpt2Config } from './gpt2Config';
import { prefixOf } from './tensorNames';
import type { TensorInfo } from './tensorStream';

/** Heads of CPM's three sizes, which are GPT-2's, by hidden size: the one size that no tensor shows. */
const numHeadsOf: Readonly<Record<number, number>> = { 768: 12, 1024: 16, 2560: 32 };

/**
 * @param tensors by Hugging Face's names
 * @param configJson what a config.json says, if there is one; it wins
 * @throws EngineError 'checkpoint-invalid' when the number of heads is not known.
 */
export function shownConfig(
  tensors: ReadonlyMap<string, TensorInfo>,
  configJson: Readonly<Record<string, unknown>>,
): Gpt2Config {
  const prefix = prefixOf(tensors);
  const size = (name: string, axis: number): number => tensors.get(prefix + name)?.shape[axis] ?? 0;
  const hiddenSize = size('wte.weight', 1);
  // Where nothing is shown, what is wrong is said by whoever looks for the tensors.
  if (hiddenSize === 0) return parseGpt2Config({ ...ofNone, ...said(configJson) });
  const numHeads = configJson['n_head'] ?? numHeadsOf[hiddenSize];
  if (numHeads === undefined)
    throw new EngineError(
      'checkpoint-invalid',
      `the checkpoint has a hidden size of ${hiddenSize}, and no file says its number of attention heads: ` +
        'put a config.json into the folder that says it, as {"n_head": 32}',
      { fault: 'no-config', subject: 'config.json' },
    );
  const numLayers = [...tensors.keys()].filter(
    (name) => name.startsWith(prefix) && /^h\.\d+\.ln_1\.weight$/.test(name.slice(prefix.length)),
  ).length;
  return parseGpt2Config({
    vocab_size: size('wte.weight', 0),
    n_positions: size('wpe.weight', 0),
    n_embd: hiddenSize,
    n_inner: size('h.0.mlp.c_fc.weight', 1),
    n_layer: numLayers,
    n_head: numHeads,
    ...said(configJson),
  });
}

/** Any sizes that agree with each other. */
const ofNone = { vocab_size: 1, n_positions: 1, n_embd: 1, n_head: 1, n_layer: 1 };

/** What stands there as null is left to the architecture. */
function said(configJson: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(configJson).filter(([, value]) => value !== null));
}
