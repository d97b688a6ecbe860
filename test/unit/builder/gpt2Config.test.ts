import assert from 'node:assert/strict';
import { parseGpt2Config } from '../../../src/builder/gpt2Config';
import { licenceInReadme } from '../../../src/builder/licence';
import { configOf, tiny } from './tinyCheckpoint';

describe('GPT-2 config', () => {
  const parse = (change: Record<string, unknown> = {}) => parseGpt2Config({ ...configOf(tiny), ...change });

  it('gives the sizes, with defaults for what may be absent', () => {
    assert.deepEqual(parse({ layer_norm_epsilon: undefined, activation_function: undefined }), {
      ...tiny,
      contextLength: 40,
      innerSize: 288,
      headSize: 36,
      layerNormEpsilon: 1e-5,
      isTied: true,
      opening: undefined,
      licence: undefined,
    });
  });

  it('honours trained_context, n_inner, layer_norm_epsilon, opening_token_id and license', () => {
    const config = parse({
      trained_context: 24,
      n_inner: 50,
      layer_norm_epsilon: 1e-6,
      opening_token_id: 1,
      license: 'mit',
    });
    assert.deepEqual(
      [config.contextLength, config.innerSize, config.layerNormEpsilon, config.opening, config.licence],
      [24, 50, 1e-6, 1, 'mit'],
    );
    assert.equal(parse({ n_inner: null }).innerSize, 288);
  });

  it('takes the other names of one activation, which models out of Megatron have', () => {
    for (const name of ['gelu_fast', 'gelu_pytorch_tanh', 'gelu_accurate'])
      assert.equal(parse({ activation_function: name }).hiddenSize, 72);
    assert.throws(() => parse({ activation_function: 'gelu' }), /activation_function is "gelu"; only "gelu_new", /);
  });

  it('names the key that is missing, wrong or not supported', () => {
    const refused: [Record<string, unknown>, RegExp][] = [
      [{ vocab_size: undefined }, /config.json: vocab_size must be a positive integer, found undefined/],
      [{ n_layer: 0 }, /n_layer must be a positive integer, found 0/],
      [{ n_embd: '72' }, /n_embd must be a positive integer, found "72"/],
      [{ n_head: 5 }, /n_embd 72 is not a multiple of n_head 5/],
      [{ trained_context: 41 }, /trained_context 41 is more than n_positions 40/],
      [{ opening_token_id: 101 }, /opening_token_id 101 is not a token id below 101/],
      [{ layer_norm_epsilon: 0 }, /layer_norm_epsilon must be a positive number, found 0/],
      [{ model_type: 'llama' }, /model_type is "llama"; only "gpt2" can be converted/],
      [{ activation_function: 'relu' }, /activation_function is "relu"; only "gelu_new", .* can be converted/],
      [{ scale_attn_weights: false }, /scale_attn_weights is false; only true/],
      [{ scale_attn_by_inverse_layer_idx: true }, /scale_attn_by_inverse_layer_idx is true; only false/],
    ];
    for (const [change, message] of refused) assert.throws(() => parse(change), message);
  });
});

describe('licence in a model card', () => {
  it('is what the front matter says', () => {
    assert.equal(licenceInReadme('---\nlanguage: zh\nlicense: apache-2.0\n---\n# Card\n'), 'apache-2.0');
    assert.equal(licenceInReadme('---\r\nlicence: "CC BY 4.0"\r\n---\r\n'), 'CC BY 4.0');
  });

  it('is nothing that merely looks like it', () => {
    assert.equal(licenceInReadme('# Card\n\nlicense: mit\n'), undefined);
    assert.equal(licenceInReadme('---\nlanguage: zh\n---\nlicense: mit\n'), undefined);
    assert.equal(licenceInReadme('---\nlicense:\nlanguage: zh\n---\n'), undefined);
  });
});
