/** A manifest may come from anyone: whatever is wrong in it is an error that names it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { EngineError } from '../../src/errors';
import { identityOf, parseManifest } from '../../src/manifest';
import type { Manifest } from '../../src/manifest';

describe('manifest', () => {
  const builtin = JSON.parse(readFileSync('models/builtin/moxu.json', 'utf8')) as Manifest;

  it('of the built-in model is read as it stands', () => {
    assert.deepEqual(parseManifest(JSON.stringify(builtin)), builtin);
  });

  it('tells what the model is, whatever it is called: its files and its shape', () => {
    const { files } = builtin;
    const changed = (file: string) => ({ files: { ...files, [file]: { bytes: 1, sha256: 'ab'.repeat(32) } } });
    const identity = identityOf(builtin);
    for (const same of [{ name: '新名' }, { licence: 'MIT' }, changed('tokenizer.model')])
      assert.equal(identityOf({ ...builtin, ...same }), identity);
    for (const other of [changed('model.onnx'), changed('model.onnx.data'), { contextLength: 9 }])
      assert.notEqual(identityOf({ ...builtin, ...other }), identity);
  });

  const special = builtin.specialTokens;
  const files = builtin.files;
  const cases: [field: keyof Manifest, value: unknown, message: RegExp][] = [
    ['files', null, /files is incomplete/],
    ['files', [], /files is incomplete/],
    ['files', { ...files, 'model.onnx': null }, /files: model\.onnx needs bytes and sha256/],
    ['files', { ...files, 'model.onnx': { bytes: -1, sha256: '' } }, /files: model\.onnx needs bytes/],
    [
      'files',
      { ...files, 'model.onnx': { bytes: 1, sha256: '', sampled: 1 } },
      /files: sampled of model\.onnx must be/,
    ],
    ['tokenizer', { kind: 'bert' }, /files is incomplete/],
    ['tokenizer', null, /unknown tokenizer kind/],
    ['ngrams', 7, /files is incomplete/],
    ['name', undefined, /name must be a text/],
    ['licence', 3, /licence must be a text/],
    ['numParameters', 'many', /numParameters must be a positive integer/],
    ['vocabSize', 1e300, /vocabSize must be a positive integer/],
    ['headSize', 65, /hiddenSize must be numHeads times headSize/],
    ['quantization', 'int3', /unknown quantization "int3"/],
    ['kvCache', undefined, /unknown kvCache/],
    ['specialTokens', null, /specialTokens is incomplete/],
    ['specialTokens', { ...special, unknown: '0' }, /specialTokens: "0" is not a token id below 10000/],
    ['specialTokens', { ...special, endOfText: [10000] }, /specialTokens: 10000 is not a token id below 10000/],
    ['specialTokens', { ...special, banned: [null] }, /specialTokens: null is not a token id/],
    ['specialTokens', { ...special, opening: null }, /specialTokens: null is not a token id/],
    ['specialTokens', { ...special, separator: null }, /promptLayout needs specialTokens\.separator/],
    ['sampling', { temperature: 99 }, /sampling: temperature: 99 is not a number from 0 to 10/],
    ['sampling', 'hot', /sampling must be an object or null/],
  ];
  for (const [field, value, message] of cases)
    it(`is refused with ${field} ${JSON.stringify({ value }).slice(0, 40)}`, () => {
      assert.throws(
        () => parseManifest(JSON.stringify({ ...builtin, [field]: value })),
        (error: unknown) =>
          error instanceof EngineError && error.code === 'model-invalid' && message.test(error.message),
      );
    });

  it('is refused when it is no object', () => {
    for (const json of ['null', '[]', '"moxu"']) assert.throws(() => parseManifest(json), { code: 'model-invalid' });
  });

  it('is damaged when it ends too early', () => {
    for (const json of ['', '{']) assert.throws(() => parseManifest(json), { code: 'model-damaged' });
  });
});
