import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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

  const holdsItself: Record<string, unknown> = {};
  holdsItself['holdsItself'] = holdsItself;
  const bad: [Partial<Record<keyof GenerateOptions, unknown>>, string][] = [
    [{ temperature: -1 }, 'temperature: -1 is not a number from 0 to 10'],
    [{ temperature: NaN }, 'temperature: NaN is not a number from 0 to 10'],
    [{ topP: 1.5 }, 'topP: 1.5 is not a number from 0 to 1'],
    [{ topK: 2.5 }, 'topK: 2.5 is not an integer from 0 to 1000000'],
    [{ minP: '0.1' }, 'minP: "0.1" is not a number from 0 to 1'],
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
    [
      { samplerOrder: [Symbol('topK')] },
      'samplerOrder: [null] does not name each of topK, typicalP, topP, minP, temperature once',
    ],
    [{ stopAt: 1n }, 'stopAt: 1 is not one of none, sentence, paragraph'],
    [{ stopAt: [1n] }, 'stopAt: [object Array] is not one of none, sentence, paragraph'],
    [{ stopAt: holdsItself }, 'stopAt: [object Object] is not one of none, sentence, paragraph'],
    [{ topP: 1n }, 'topP: 1 is not a number from 0 to 1'],
    [{ topP: Symbol('p') }, 'topP: Symbol(p) is not a number from 0 to 1'],
    [{ topP: Math.random }, 'topP: a function is not a number from 0 to 1'],
    [{ topP: Object.create(null) }, 'topP: {} is not a number from 0 to 1'],
    [{ stopAt: 'word' }, 'stopAt: "word" is not one of none, sentence, paragraph'],
  ];
  for (const [given, message] of bad)
    it(`refuses ${message.split(' is not ')[0]}`, () => {
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
            error instanceof RangeError &&
            error.message.startsWith(`${name}: ${typeof value === 'string' ? '"1"' : String(value)} is not`),
          `${name}: ${String(value)}`,
        );
  });

  it('refuses a name it does not know, though each object has it', () => {
    for (const name of ['topQ', 'toString', 'constructor', '__proto__'])
      assert.throws(() => resolveOptions(JSON.parse(`{"${name}":1}`) as Partial<GenerateOptions>), {
        name: 'RangeError',
        message: `${name}: no such option`,
      });
  });
});

describe('the setting moxu.sampling', () => {
  interface Schema {
    type: string;
    minimum?: number;
    maximum?: number;
  }
  const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    contributes: { configuration: { properties: Record<string, { properties: Record<string, Schema> }> } };
  };
  const properties = Object.entries(contributes.configuration.properties['moxu.sampling']?.properties ?? {});
  for (const [name, { type, minimum, maximum }] of properties.filter(([, { minimum }]) => minimum !== undefined))
    it(`${name} has the option’s range`, () => {
      const resolve = (value: number) => resolveOptions({ [name]: value });
      const [least, most] = [minimum ?? NaN, maximum ?? NaN];
      for (const value of [least, most]) assert.doesNotThrow(() => resolve(value));
      for (const value of [least - 0.01, most + 0.01]) assert.throws(() => resolve(value), RangeError);
      assert.equal(type, takes(() => resolve((least + most) / 2 + 0.003)) ? 'number' : 'integer');
    });

  it('has what is about drawing words', () => {
    const names = properties.map(([name]) => name);
    assert.equal(names.length, 17);
    assert.doesNotThrow(() => resolveOptions(Object.fromEntries(names.map((name) => [name, undefined]))));
  });
});

function takes(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
