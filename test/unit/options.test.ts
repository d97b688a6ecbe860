import assert from 'node:assert/strict';
import { resolveOptions } from '../../src/options';
import type { GenerateOptions } from '../../src/options';
import { presetNames, presets } from '../../src/presets';

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    const { seed, topP, temperature, bannedWords, samplerOrder } = resolveOptions({ seed: 7 });
    assert.deepEqual(
      { seed, topP, temperature, bannedWords },
      { seed: 7, topP: 0.85, temperature: 1, bannedWords: [] },
    );
    assert.deepEqual(samplerOrder, ['topK', 'typicalP', 'topP', 'minP', 'temperature']);
  });

  it('takes every preset', () => {
    for (const name of presetNames) assert.equal(resolveOptions(presets[name]).temperature, presets[name].temperature);
  });

  it('稳妥, 平衡 and 奔放 leave more and more to chance, and more where a paragraph begins', () => {
    const all = presetNames.map((name) => resolveOptions(presets[name]));
    for (const name of ['temperature', 'topP', 'newlineTopP'] as const) {
      const values = all.map((options) => options[name]);
      assert.deepEqual(
        [...new Set(values)].sort((a, b) => a - b),
        values,
        name,
      );
    }
    for (const { topP, newlineTopP } of all) assert.ok(topP < newlineTopP);
  });

  const bad: [Partial<Record<keyof GenerateOptions, unknown>>, string][] = [
    [{ temperature: -1 }, 'temperature: -1 is not a number from 0 to 10'],
    [{ temperature: NaN }, 'temperature: NaN is not a number from 0 to 10'],
    [{ topP: 1.5 }, 'topP: 1.5 is not a number from 0 to 1'],
    [{ topK: 2.5 }, 'topK: 2.5 is not an integer from 0 to 1000000'],
    [{ minP: '0.1' }, 'minP: 0.1 is not a number from 0 to 1'],
    [{ repetitionPenalty: 0 }, 'repetitionPenalty: 0 is not a number from 0.1 to 10'],
    [{ maxNewTokens: 0 }, 'maxNewTokens: 0 is not an integer from 1 to 100000'],
    [{ seed: 2 ** 32 }, 'seed: 4294967296 is not an integer from 0 to 4294967295'],
    [{ bannedWords: [''] }, 'bannedWords: "" is not a word'],
    [{ logitBias: { 雨: 1000 } }, 'logitBias["雨"]: 1000 is not a number from -100 to 100'],
    [
      { samplerOrder: ['topK'] },
      'samplerOrder: ["topK"] does not name each of topK, typicalP, topP, minP, temperature once',
    ],
    [{ repeatable: 1 }, 'repeatable: 1 is not true or false'],
    [{ bannedWords: '天气' }, 'bannedWords: "天气" is not a list'],
    [{ bannedWords: null }, 'bannedWords: null is not a list'],
    [{ logitBias: null }, 'logitBias: null is not an object of words and numbers'],
    [{ samplerOrder: 5 }, 'samplerOrder: 5 is not a list'],
    [{ stopAt: 'word' }, 'stopAt: "word" is not one of none, sentence, paragraph'],
  ];
  for (const [given, message] of bad)
    it(`refuses ${JSON.stringify(given)}`, () => {
      assert.throws(() => resolveOptions(given as Partial<GenerateOptions>), { name: 'RangeError', message });
    });

  it('refuses what is no number, or out of range, for each option that is one', () => {
    const names = Object.entries(resolveOptions()).filter(([, value]) => typeof value === 'number');
    assert.ok(names.length > 15);
    for (const [name] of names)
      for (const value of [null, '1', NaN, -1e9, 1e12])
        assert.throws(
          () => resolveOptions({ [name]: value }),
          (error: unknown) =>
            error instanceof RangeError && error.message.startsWith(`${name}: ${String(value)} is not`),
          `${name}: ${String(value)}`,
        );
  });

  it('refuses a name it does not know', () => {
    assert.throws(() => resolveOptions({ topQ: 1 } as Partial<GenerateOptions>), {
      name: 'RangeError',
      message: 'topQ: no such option',
    });
  });
});
