/** What a package may hold and must, told from the names inside it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

const library = 'extension/node_modules/onnxruntime-node/bin/napi-v6';
const complete = [
  `${library}/linux/x64/onnxruntime_binding.node`,
  `${library}/linux/x64/libonnxruntime.so.1`,
  'extension/LICENSE.txt',
  'extension/dist/THIRD_PARTY_NOTICES.txt',
  'extension/dist/dictionary.bin.br',
  'extension/dist/extension.js',
];

/** @returns what is wrong with the package for linux-x64; '' for nothing */
function fault(names: readonly string[]): string {
  const script = `import { checkInside } from './test/host/package.mjs';
    const names = ${JSON.stringify(names)};
    try { checkInside('linux-x64', names.map((name) => ({ name, bytes: 1 }))); }
    catch (error) { process.stdout.write(error.message); }`;
  const { stdout, status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

describe('the package for one platform', () => {
  it('is refused without its libraries, the notices, the licence, or jieba’s dictionary', () => {
    assert.equal(fault(complete), '');
    for (const missing of complete.slice(0, 5))
      assert.match(fault(complete.filter((name) => name !== missing)), /^the package for linux-x64 has no /, missing);
  });

  for (const stray of [
    `${library}/linux/arm64/onnxruntime_binding.node`,
    'extension/dist/onnxruntime_binding.node',
    'extension/node_modules/other/build/Release/other.node',
    'extension/dist/libonnxruntime.so.1',
    'extension/dist/libonnxruntime.so.1.30.0',
    'extension/dist/libonnxruntime.1.30.0.dylib',
    'extension/models/builtin/DirectML.dll',
  ])
    it(`is refused with ${stray}`, () => {
      assert.equal(fault([...complete, stray]), `the package for linux-x64 has ${stray}`);
    });

  for (const stray of [
    'extension/src/extension.ts',
    'extension/dist/extension.js.map',
    'extension/dist/write.js',
    'extension/media/panel/panel.ts',
    'extension/models/builtin/checkpoint/model.safetensors',
    'extension/models/builtin/optimizer.pt',
    'extension/models/recipe/train.py',
    'extension/node_modules/global-agent/index.js',
    'extension/node_modules/onnxruntime-node/script/install.js',
    'extension/.env',
    'extension/extension/src/a.ts',
    'sources.zip',
  ])
    it(`has no place for ${stray}`, () => {
      assert.equal(fault([...complete, stray]), `in the package for linux-x64 1 × what has no place there: ${stray}`);
    });
});
