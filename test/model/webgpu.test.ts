/**
 * The WebGPU provider, on SwiftShader where there is no GPU: the tokens of the CPU, and little left behind. In processes
 * of their own, since native code that crashes takes its process with it. Compiling shaders takes most of the time.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { buildModel } from '../../src/builder/buildModel';
import { DeviceGraph } from '../../src/engine/deviceGraph';
import { tryDevice } from '../../src/engine/deviceTrials';
import type { Network } from '../../src/engine/network';
import { openNetwork } from '../../src/engine/openNetwork';
import type { Manifest } from '../../src/manifest';
import { skip } from '../host/skip';
import { configOf, randomTensors, TemporaryFolder } from '../unit/builder/tinyCheckpoint';

const sizes = { vocabSize: 101, numPositions: 64, hiddenSize: 64, numLayers: 2, numHeads: 2 };
const threads = { numThreads: 1, spinning: false };
const noSignal = new AbortController().signal;
const cycles = 100;

/** What the child found. */
interface Findings {
  same: Record<string, [cpu: number[], gpu: number[]]>;
  /** √(Σ(a−b)²/Σb²) of logits. */
  distance: number;
  /** Of the process, in MB, after a fifth of the cycles and after all of them. */
  memory: [number, number];
  /** Cycles in which a text of three runs was given up during the first, or right after it, and no other was begun. */
  aborted: number;
}

async function greedy(network: Network, start: number[], count: number): Promise<number[]> {
  const ids = [...start];
  for (let i = 0; i < count; i++) {
    const logits = await network.logitsAfter(ids, noSignal);
    ids.push(logits ? logits.indexOf(Math.max(...logits)) : -1);
  }
  return ids;
}

/** Three texts side by side, each one's likeliest words, from a beginning that they share. */
async function sideBySide(network: Network): Promise<number[]> {
  let rows = [1, 2, 3].map((id) => [7, 8, 9, id]);
  for (let step = 0; step < 2; step++) {
    const logits = await network.logitsAfterEach(rows, noSignal);
    rows = rows.map((row, i) => {
      const found = logits?.[i] ?? new Float32Array();
      return [...row, found.indexOf(Math.max(...found))];
    });
  }
  return rows.flat();
}

/** Runs of all networks on devices, with what is to happen when the next has begun, or has ended. */
const runs = { count: 0, onBegin: (): void => undefined, onEnd: (): void => undefined };

function watchRuns(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on its object below
  const { run } = DeviceGraph.prototype;
  DeviceGraph.prototype.run = async function (...given) {
    runs.count++;
    const running = run.apply(this, given);
    runs.onBegin();
    const outputs = await running;
    runs.onEnd();
    return outputs;
  };
}

/** √(Σ(a−b)²/Σb²) of the logits that a prompt has on the GPU and on the CPU. */
async function distanceOn(gpu: Network, cpu: Network, prompt: number[]): Promise<number> {
  const [ours, theirs] = [await gpu.logitsAfter(prompt, noSignal), await cpu.logitsAfter(prompt, noSignal)];
  const square = (values: Float32Array) => values.reduce((sum, value) => sum + value ** 2, 0);
  const difference = (ours as Float32Array).map((value, i) => value - (theirs?.[i] as number));
  return Math.sqrt(square(difference) / square(theirs as Float32Array));
}

/** Of quantised weights, as they are multiplied here and there. */
async function quantized(modelDir: string, manifest: Manifest): Promise<number> {
  const { network: cpu } = await openNetwork(modelDir, manifest, 'cpu', threads);
  const { network: gpu } = await openNetwork(modelDir, manifest, 'webgpu', threads);
  const distance = await distanceOn(gpu, cpu, [5, 11, 48, 85, 21, 58]);
  await gpu.release();
  return distance;
}

async function child(modelDir: string, manifest: Manifest): Promise<Findings> {
  const open = (device: 'cpu' | 'webgpu') => openNetwork(modelDir, manifest, device, threads);
  const { network: cpu } = await open('cpu');
  const { network: gpu } = await open('webgpu'); // stays open, so that shaders are compiled once
  const ask = async (question: (network: Network) => Promise<number[]>): Promise<[number[], number[]]> => [
    await question(cpu),
    await question(gpu),
  ];
  const long = Array.from({ length: 9 }, (_, i) => (i * 37 + 11) % 101);
  const same = {
    'from one token': await ask((network) => greedy(network, [5], 12)),
    'from a prompt that shares its beginning': await ask((network) => greedy(network, [5, ...long], 4)),
    'from that prompt cut short': await ask((network) => greedy(network, [5, ...long.slice(0, 4)], 2)),
    'side by side': await ask(sideBySide),
    'how likely a text is, in thousandths': await ask(async (network) => [
      Math.round(((await network.logProbabilityOf([5, ...long], 4, noSignal)) ?? NaN) * 1000),
    ]),
  };
  const distance = await distanceOn(gpu, cpu, long);

  watchRuns();
  const threeRuns = Array.from({ length: 40 }, (_, i) => (i * 37 + 11) % 101);
  const memory: number[] = [];
  let aborted = 0;
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const { network } = await open('webgpu');
    const abort = new AbortController();
    // While the device computes, or when it has: a run cannot be interrupted, and the next is not begun.
    runs[cycle % 2 === 0 ? 'onBegin' : 'onEnd'] = () => abort.abort();
    runs.count = 0;
    if ((await network.logitsAfter([cycle, ...threeRuns], abort.signal)) === null && runs.count === 1) aborted++;
    runs.onBegin = runs.onEnd = () => undefined;
    await network.logitsAfter([cycle, 2], noSignal);
    await network.release();
    if (cycle === cycles / 5 || cycle === cycles) memory.push(process.memoryUsage.rss() / 2 ** 20);
  }
  await gpu.release();
  return { same, distance, memory: memory as [number, number], aborted };
}

const works = { '--child': child, '--quantized': quantized };

if (Object.hasOwn(works, process.argv[2] ?? ''))
  void works[process.argv[2] as keyof typeof works](
    process.argv[3] as string,
    JSON.parse(process.argv[4] as string) as Manifest,
  ).then((findings) => process.send?.(findings, () => process.disconnect()));
else
  describe('WebGPU', function () {
    // A minute of work; a busy machine takes many times that.
    this.timeout(12 * 60_000);
    const temporary = new TemporaryFolder();
    const modelDir = temporary.join('model');
    let manifest: Manifest;
    before(async function () {
      const reason = process.env['MOXU_NO_WEBGPU'];
      if (reason) skip(this, reason);
      const from = temporary.checkpoint('checkpoint', randomTensors(sizes), configOf(sizes));
      manifest = await buildModel({ from, to: modelDir, quantization: 'none', kvCache: 'float32' });
    });
    after(() => temporary.remove());

    /** In a process of its own. @returns what it found, and how it ended */
    async function inProcess(work: keyof typeof works, folder: string, of: Manifest): Promise<[unknown, unknown]> {
      const program = fork(__filename, [work, folder, JSON.stringify(of)], {
        execArgv: [],
        stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
        timeout: 11 * 60_000,
      });
      let findings: unknown;
      let log = '';
      program.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
      program.on('message', (message) => (findings = message));
      const end = await new Promise((ended) => program.on('close', (code, signal) => ended(signal ?? code)));
      assert.ok(findings !== undefined, `the process ended with ${String(end)}\n${log.slice(-2000)}`);
      return [findings, end];
    }

    it(`writes what the CPU writes, and ${cycles} models opened, aborted and closed leave little behind`, async () => {
      const [found, end] = await inProcess('--child', modelDir, manifest);
      const findings = found as Findings;
      for (const [what, [cpu, gpu]] of Object.entries(findings.same)) assert.deepEqual(gpu, cpu, what);
      assert.ok(findings.distance < 1e-5, `${findings.distance}`);
      assert.equal(findings.aborted, cycles);
      const [early, late] = findings.memory;
      // About 0.9 stay for each model that was opened and closed, whether texts of it are given up or not.
      const perModel = (late - early) / (cycles - cycles / 5);
      assert.ok(perModel < 1.5, `${early} MB after ${cycles / 5} models, ${late} MB after ${cycles}`);
      assert.equal(end, 0);
    });

    // The CPU rounds activations too, the GPU does not: the same weights give nearly the same.
    for (const quantization of ['int8', 'int4'] as const)
      it(`multiplies ${quantization} weights as the CPU does`, async () => {
        const to = temporary.join(quantization);
        const quantizedManifest = await buildModel({ from: temporary.join('checkpoint'), to, quantization });
        const [distance] = await inProcess('--quantized', to, quantizedManifest);
        assert.ok((distance as number) < 0.02, String(distance));
      });

    it('is tried in a process of its own; auto gives up as soon as it sees software', async () => {
      const request = { modelDir, device: 'webgpu', threads } as const;
      const verdict = await tryDevice(resolve('dist/deviceTrial.js'), request, 'refused', noSignal);
      assert.equal(verdict.refusal?.why, 'software', JSON.stringify(verdict));
      assert.match(verdict.adapters.join(), /SwiftShader/);
      assert.ok(verdict.isSoftware);
    });
  });
