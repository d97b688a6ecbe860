/**
 * A program of its own (dist/deviceTrial.js) that tries a model on a device: does it load, does it compute what the CPU
 * computes, how fast is it beside the CPU. A driver that crashes ends this process and not the editor's.
 *
 *     node deviceTrial.js '{"modelDir": …, "device": …, "threads": …}'   → one TrialReport by IPC, adapters on stderr
 *
 * Before the model is loaded it opens the device for a graph of one node, writes `openedMark` to stderr, behind what
 * native code has written about the adapters, and waits for a message: whoever started it may have seen enough.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env, InferenceSession, listSupportedBackends } from './onnxRuntime';
import type { GpuFloat } from '../builder/gpuWeights';
import { OnnxGraph } from '../builder/onnx/graph';
import { encodeModel } from '../builder/onnx/proto';
import { EngineError } from '../errors';
import { manifestFile, parseManifest } from '../manifest';
import type { Manifest } from '../manifest';
import type { Device, Threads } from '../protocol';
import { openedMark } from './adapters';
import type { Gpu, TrialFigures } from './deviceAdvice';
import { sessionOptionsFor } from './devices';
import type { Network } from './network';
import { openNetwork } from './openNetwork';

export interface TrialRequest {
  modelDir: string;
  device: Gpu;
  threads: Threads;
}

export interface TrialReport {
  /** Providers that ONNX Runtime's package says it has. */
  providers: string[];
  /** What came of the device; the error in English where it failed. */
  outcome: TrialFigures | { error: string; isMissing: boolean };
}

const contextTokens = 96;
const comparedSteps = 8;
const timedMs = 1000;
const fewestSteps = 5;

/** The same texts for both: what a model makes of them does not matter here. */
function textFor({ vocabSize, contextLength }: Manifest): number[] {
  const length = Math.min(contextTokens, contextLength - comparedSteps - 1);
  return Array.from({ length: length + comparedSteps }, (_, i) => (i * 7919 + 11) % vocabSize);
}

interface Trial {
  logits: Float32Array[];
  msPerToken: number;
}

async function run(network: Network, manifest: Manifest): Promise<Trial> {
  const { signal } = new AbortController();
  const text = textFor(manifest);
  const start = text.length - comparedSteps;
  const logits: Float32Array[] = [];
  for (let end = start; end < text.length; end++) {
    const found = await network.logitsAfter(text.slice(0, end), signal);
    if (found) logits.push(found.slice());
  }
  const times: number[] = [];
  const begin = performance.now();
  while (times.length < fewestSteps || performance.now() - begin < timedMs) {
    const step = performance.now();
    // The last token is another one each time: the same text would be answered from memory.
    await network.logitsAfter([...text.slice(0, start), times.length % manifest.vocabSize], signal);
    times.push(performance.now() - step);
  }
  return { logits, msPerToken: times.sort((a, b) => a - b)[times.length >> 1] ?? NaN };
}

/** One after the other, so that a large model is in memory once. */
async function compare({ modelDir, device, threads }: TrialRequest): Promise<TrialFigures> {
  const manifest = parseManifest(await readFile(join(modelDir, manifestFile), 'utf8'));
  const trial = async (on: Device): Promise<Trial & { float: GpuFloat }> => {
    const { network, float } = await openNetwork(modelDir, manifest, on, threads);
    try {
      return { ...(await run(network, manifest)), float };
    } finally {
      await network.release();
    }
  };
  const ours = await trial(device); // what fails most often comes first
  const cpu = await trial('cpu');
  const worst = Math.max(...ours.logits.map((logits, i) => distance(logits, cpu.logits[i] as Float32Array)));
  return { float: ours.float, msPerToken: ours.msPerToken, cpuMsPerToken: cpu.msPerToken, distance: worst };
}

/** Infinite where there is anything that is no number. */
function distance(found: Float32Array, expected: Float32Array): number {
  let [difference, square] = [0, 0];
  expected.forEach((value, i) => {
    difference += (value - (found[i] as number)) ** 2;
    square += value ** 2;
  });
  const relative = Math.sqrt(difference / square);
  return Number.isNaN(relative) ? Infinity : relative;
}

/** Opens and closes the device. @throws what ONNX Runtime throws when it is not there */
async function open(device: Gpu): Promise<void> {
  const graph = new OnnxGraph();
  graph.op('Relu', 'out', [graph.input('in', 'float32', [1])]);
  graph.output('out', 'float32', [1]);
  const { nodes, inputs, outputs } = graph;
  const model = { producer: 'moxu', graphName: 'one', nodes, inputs, outputs, initializers: [], opsets: { '': 17 } };
  const session = await InferenceSession.create(encodeModel(model), sessionOptionsFor(device, '.'));
  await session.release();
  const allowed = new Promise((resolve) => process.once('message', resolve));
  process.stderr.write(`\n${openedMark}\n`);
  await allowed;
}

/** How ONNX Runtime says that a provider, or a library of it, is not there. */
const missing =
  /no supported adapters|not supported in this build|unsupported|not enabled|cannot open shared object|Failed to load (?:shared )?library|LoadLibrary/i;

async function main(): Promise<void> {
  env.logLevel = 'info'; // it lists the hardware that it finds
  const request = JSON.parse(process.argv[2] ?? '') as TrialRequest;
  const providers = listSupportedBackends().map(({ name }) => name);
  let outcome: TrialReport['outcome'];
  try {
    await open(request.device);
    outcome = await compare(request);
  } catch (thrown) {
    const { message } = EngineError.from(thrown);
    outcome = { error: message, isMissing: !providers.includes(request.device) || missing.test(message) };
  }
  const report: TrialReport = { providers, outcome };
  process.send?.(report, () => process.disconnect());
}

void main();
