/** The libraries of ONNX Runtime for each platform: made for it, and complete, as far as their headers tell. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

/** @returns what is wrong with the libraries of `of`, without `without`, in a package for `target` */
function faults(target: string, of = target, without = 'nothing'): string[] {
  const script = `import { readdirSync, readFileSync } from 'node:fs';
    import { faultsOf } from './test/host/binaries.mjs';
    const folder = 'node_modules/onnxruntime-node/bin/napi-v6/${of.replace('-', '/')}';
    const names = readdirSync(folder).filter((name) => name !== '${without}');
    const files = names.map((name) => ({ name, bytes: readFileSync(folder + '/' + name) }));
    process.stdout.write(JSON.stringify(faultsOf('${target}', files)));`;
  const { stdout, status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as string[];
}

describe('the libraries of a package', () => {
  for (const target of ['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-arm64'])
    it(`are for ${target}, and need nothing but each other and the system`, () => assert.deepEqual(faults(target), []));

  it('are refused where they are for another processor or system', () => {
    assert.deepEqual(faults('linux-arm64', 'linux-x64').slice(0, 1), ['libonnxruntime.so.1 is for linux-x64']);
    assert.ok(faults('win32-arm64', 'win32-x64').includes('onnxruntime.dll is for win32-x64'));
    assert.ok(faults('darwin-arm64', 'linux-arm64').includes('onnxruntime_binding.node is for linux-arm64'));
  });

  for (const [target, without, by] of [
    ['linux-x64', 'libonnxruntime.so.1', 'onnxruntime_binding.node'],
    ['darwin-arm64', 'libonnxruntime.1.dylib', 'onnxruntime_binding.node'],
    ['win32-x64', 'onnxruntime.dll', 'onnxruntime_binding.node'],
    // Loaded at its first use only.
    ['win32-arm64', 'DirectML.dll', 'onnxruntime.dll'],
  ] as const)
    it(`are refused for ${target} without ${without}`, () => {
      const needed = target.startsWith('win32') ? without.toLowerCase() : without;
      assert.deepEqual(faults(target, target, without), [
        `${by} needs ${needed}, which neither the package nor the system has`,
      ]);
    });
});
