/** Which device is used, from what is said about adapters to what a trial found. */
import assert from 'node:assert/strict';
import { adaptersIn, isSoftwareOnly, openedMark } from '../../../src/engine/adapters';
import { chooseDevice, fewestParameters } from '../../../src/engine/chooseDevice';
import { candidateDevices } from '../../../src/engine/devices';
import type { Verdict } from '../../../src/engine/deviceAdvice';
import { verdictOf } from '../../../src/engine/deviceTrials';
import { Users } from '../../../src/engine/users';

/** As Debian's Vulkan loader 1.3.239 and ONNX Runtime 1.30 write it. */
const swiftShaderLog = `INFO:             Vulkan Loader Version 1.3.239
INFO | DRIVER:    linux_read_sorted_physical_devices:
INFO | DRIVER:         Original order:
INFO | DRIVER:               [0] SwiftShader Device (Subzero)
INFO | DRIVER:         Sorted order:
INFO | DRIVER:               [0] SwiftShader Device (Subzero)  
2026-11-28 13:43:05.338471615 [I:onnxruntime:onnxruntime-node, device_discovery_common.cc:34 operator()] Discovered OrtHardwareDevice {vendor_id:0x1022, device_id:0x0, vendor:AMD, type:0, metadata: []}
`;
const twoGpusLog = swiftShaderLog.replaceAll(
  '[0] SwiftShader Device (Subzero)',
  '[0] NVIDIA GeForce RTX 3060\nINFO | DRIVER:               [1] llvmpipe (LLVM 15.0.6, 256 bits)',
);
/** As newer loaders write it. */
const newerLog = twoGpusLog.replaceAll(/^INFO/gm, '[Vulkan Loader] INFO');
const windowsLog =
  'Discovered OrtHardwareDevice {vendor_id:0x10de, device_id:0x2504, vendor:NVIDIA, type:1, metadata: [Description=x]}';

describe('adapters', () => {
  it('are named by the Vulkan loader and counted by ONNX Runtime', () => {
    assert.deepEqual(adaptersIn(swiftShaderLog), { names: ['SwiftShader Device (Subzero)'], numHardwareGpus: 0 });
    assert.deepEqual(adaptersIn(twoGpusLog).names, ['NVIDIA GeForce RTX 3060', 'llvmpipe (LLVM 15.0.6, 256 bits)']);
    assert.deepEqual(adaptersIn(newerLog), adaptersIn(twoGpusLog));
    assert.deepEqual(adaptersIn(swiftShaderLog + newerLog).names, [
      'SwiftShader Device (Subzero)',
      ...adaptersIn(twoGpusLog).names,
    ]);
    assert.deepEqual(adaptersIn(windowsLog), { names: [], numHardwareGpus: 1 });
  });

  it('are software where nothing else is named, or where no hardware was found', () => {
    assert.equal(isSoftwareOnly(adaptersIn(swiftShaderLog)), true);
    assert.equal(isSoftwareOnly(adaptersIn(twoGpusLog)), false);
    assert.equal(isSoftwareOnly(adaptersIn(newerLog)), false);
    assert.equal(isSoftwareOnly(adaptersIn(windowsLog)), false);
    assert.equal(isSoftwareOnly(adaptersIn('')), true);
    assert.equal(isSoftwareOnly({ names: ['Microsoft Basic Render Driver'], numHardwareGpus: 1 }), true);
  });
});

const figures = { float: 'float16', msPerToken: 5, cpuMsPerToken: 20, distance: 0.01 } as const;
const report = (outcome: typeof figures | { error: string; isMissing: boolean }) => ({
  providers: ['cpu', 'webgpu'],
  outcome,
});
const webgpu = { device: 'webgpu' } as const;
const opened = `${twoGpusLog}${openedMark}\n`;

describe('a trial', () => {
  it('that ran is no refusal', () => {
    const verdict = verdictOf(webgpu, report(figures), opened, 'exit code 0', 'refused');
    assert.equal(verdict.refusal, null);
    assert.deepEqual(verdict.figures, figures);
    assert.equal(verdict.isSoftware, false);
  });

  for (const [what, outcome, why] of [
    ['without the provider', report({ error: 'unsupported: cuda', isMissing: true }), 'unavailable'],
    ['that failed', report({ error: 'out of memory', isMissing: false }), 'failed'],
    ['with other results', report({ ...figures, distance: 1.4 } as never), 'wrong'],
    ['with results that are no numbers', report({ ...figures, distance: Infinity } as never), 'wrong'],
    ['that ended without a word', null, 'crashed'],
  ] as const)
    it(`${what} is refused as ${why}`, () => {
      assert.equal(verdictOf(webgpu, outcome, opened, 'SIGSEGV', 'refused').refusal?.why, why);
    });

  it('that was ended because it saw software is refused for that', () => {
    const verdict = verdictOf(webgpu, null, `${swiftShaderLog}${openedMark}\n`, 'SIGKILL', 'refused');
    assert.deepEqual(verdict.refusal, { ...webgpu, why: 'software', detail: 'SwiftShader Device (Subzero)' });
  });

  it('that was to go on with software and did not end well has crashed, and is not tried again and again', () => {
    const verdict = verdictOf(webgpu, null, `${swiftShaderLog}${openedMark}\n`, 'SIGKILL', 'tried');
    assert.equal(verdict.refusal?.why, 'crashed');
    assert.deepEqual(chooseDevice('webgpu', [], { numParameters: 109e6 }, () => verdict).untried, []);
  });

  it('of CUDA has nothing to do with Vulkan’s adapters', () => {
    const verdict = verdictOf(
      { device: 'cuda' },
      report(figures),
      `${swiftShaderLog}${openedMark}`,
      'exit code 0',
      'refused',
    );
    assert.equal(verdict.isSoftware, false);
  });
});

describe('the device', () => {
  const large = { numParameters: 109e6 };
  const works: Verdict = { ...webgpu, refusal: null, figures, providers: [], adapters: ['GeForce'], isSoftware: false };
  const knowing =
    (...verdicts: Verdict[]) =>
    (device: string) =>
      verdicts.find((verdict) => verdict.device === device) ?? null;
  const slow = { ...figures, msPerToken: 19 };

  it('is the CPU where the writer says so, whatever is known', () => {
    const choice = chooseDevice('cpu', ['webgpu'], large, knowing(works));
    assert.deepEqual(choice, { device: 'cpu', refusal: null, untried: [] });
  });

  it('that the writer names is tried first, used when it works, however slow, and replaced when it does not', () => {
    const choose = (...known: Verdict[]) => chooseDevice('webgpu', ['cuda'], { numParameters: 1 }, knowing(...known));
    assert.deepEqual(choose().untried, ['webgpu']);
    assert.equal(choose().refusal?.why, 'untried');
    assert.equal(choose({ ...works, figures: slow, isSoftware: true }).device, 'webgpu');
    const refusal = { ...webgpu, why: 'crashed', detail: 'SIGSEGV' } as const;
    assert.deepEqual(choose({ ...works, refusal, figures: null }), { device: 'cpu', refusal, untried: [] });
    // Auto gave it up without a trial.
    const software = { ...webgpu, why: 'software', detail: 'llvmpipe' } as const;
    assert.deepEqual(choose({ ...works, refusal: software, figures: null }).untried, ['webgpu']);
  });

  it('auto: everything is tried, the fastest is used, if it is clearly faster than the CPU', () => {
    const choose = (...known: Verdict[]) => chooseDevice('auto', ['cuda', 'webgpu'], large, knowing(...known));
    const cuda = { ...works, device: 'cuda', figures: { ...figures, msPerToken: 3 } } as const;
    assert.deepEqual(choose(works).untried, ['cuda']);
    assert.equal(choose(works, cuda).device, 'cuda');
    assert.equal(choose(works, { ...cuda, figures: slow }).device, 'webgpu');
    assert.equal(choose({ ...works, figures: slow }, { ...cuda, figures: slow }).refusal?.why, 'slower');
  });

  it('auto: software is never used, however fast it seems', () => {
    const choice = chooseDevice('auto', ['webgpu'], large, knowing({ ...works, isSoftware: true }));
    assert.equal(choice.device, 'cpu');
    assert.equal(choice.refusal?.why, 'software');
  });

  it('auto: the reason is that of the device that came nearest, not of one that is not there', () => {
    const refusedAs = (device: 'cuda' | 'webgpu', why: 'unavailable' | 'software'): Verdict => ({
      ...{ ...works, device, refusal: { device, why, detail: '' }, figures: null },
    });
    const reason = (...known: Verdict[]) => chooseDevice('auto', ['cuda', 'webgpu'], large, knowing(...known)).refusal;
    const cuda = refusedAs('cuda', 'unavailable');
    assert.equal(reason(cuda, refusedAs('webgpu', 'software'))?.why, 'software');
    assert.equal(reason(cuda, { ...works, figures: slow })?.why, 'slower');
    assert.equal(reason(cuda, refusedAs('webgpu', 'unavailable'))?.device, 'cuda');
  });

  it('auto: a small model stays on the CPU and nothing is tried', () => {
    const choice = chooseDevice('auto', ['webgpu'], { numParameters: fewestParameters - 1 }, knowing());
    assert.deepEqual([choice.device, choice.refusal?.why, choice.untried], ['cpu', 'tiny', []]);
  });

  it('auto: where the platform has no provider there is nothing to say', () => {
    const candidates = candidateDevices('linux', 'arm64');
    assert.deepEqual(chooseDevice('auto', candidates, large, knowing()), { device: 'cpu', refusal: null, untried: [] });
  });
});

describe('users', () => {
  it('work waits until nobody has been there for a while, and is done once', async () => {
    const users = new Users();
    let done = 0;
    const leave = users.enter();
    const leaveToo = users.enter();
    users.whenGone(5, () => done++);
    leave();
    await new Promise((later) => setTimeout(later, 30));
    assert.equal(done, 0);
    leaveToo();
    users.enter()();
    await new Promise((later) => setTimeout(later, 60));
    assert.equal(done, 1);
  });

  it('who comes back is heard of by the work that was begun', async () => {
    const users = new Users();
    const back = await new Promise<AbortSignal>((begun) => users.whenGone(1, begun));
    assert.equal(back.aborted, false);
    users.enter();
    assert.equal(back.aborted, true);
  });
});
