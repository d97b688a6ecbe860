/**
 * What the extension's own code does with a package on the platform that runs this: the engine, a conversion, the trial
 * of a device, each by the file that the package brings. Its report is compared with that of linux-x64.
 *
 *     node packagedEngine.js EXTENSION TEXT REPORT
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConversionThread } from '../../src/editor/models/conversionThread';
import { ModelLibrary } from '../../src/editor/models/modelLibrary';
import { candidateDevices } from '../../src/engine/devices';
import { tryDevice } from '../../src/engine/deviceTrials';
import { WorkerEngine } from '../../src/engine/workerEngine';
import type { GenerateOptions } from '../../src/options';
import type { GenerateResult, Prompt, TextDelta } from '../../src/protocol';
import { configOf, randomTensors, safetensorsBytes, tiny } from '../unit/builder/tinyCheckpoint';

export interface Report {
  node: string;
  folder: string;
  model: string;
  greedy: string;
  sampled: string;
  candidates: string[];
  /** After each beginning of the text: the likeliest token's text, and the logarithm of its probability. */
  likeliest: { text: string; logProb: number }[];
  abortedAfter: number;
  /** Of a model that was converted here. */
  converted: string;
  devices: string[];
}

const [extension = '', textFile = '', reportFile = ''] = process.argv.slice(2);
const prompt: Prompt = { title: '故乡的雨', text: '故乡的雨总是下得很慢。', fromStart: true };
const never = new AbortController().signal;
const newEngine = (model = join(extension, 'models', 'builtin')): WorkerEngine =>
  new WorkerEngine(join(extension, 'dist', 'worker.js'), model);

async function write(
  engine: WorkerEngine,
  given: Prompt,
  options: Partial<GenerateOptions>,
  signal = never,
  onDelta: (numDeltas: number) => void = () => undefined,
): Promise<{ result: GenerateResult; deltas: TextDelta[] }> {
  const stream = engine.generate(given, options, signal);
  const deltas: TextDelta[] = [];
  for (;;) {
    const next = await stream.next();
    if (next.done) return { result: next.value, deltas };
    deltas.push(next.value);
    onDelta(deltas.length);
  }
}

const greedily = async (engine: WorkerEngine): Promise<string> =>
  (await write(engine, prompt, { temperature: 0, maxNewTokens: 60 })).result.text;

async function likeliestIn(engine: WorkerEngine, text: string): Promise<Report['likeliest']> {
  const found: Report['likeliest'] = [];
  for (let end = 12; end <= text.length; end++) {
    const given = { ...prompt, text: text.slice(0, end) };
    const { deltas } = await write(engine, given, { temperature: 0, maxNewTokens: 1, repeatable: false });
    const logProb = deltas.reduce((sum, delta) => sum + delta.logProb, 0);
    found.push({ text: deltas.map((delta) => delta.text).join(''), logProb });
  }
  return found;
}

async function abortedText(engine: WorkerEngine): Promise<number> {
  const abort = new AbortController();
  const { result, deltas } = await write(engine, prompt, { seed: 3, maxNewTokens: 400 }, abort.signal, (numDeltas) => {
    if (numDeltas === 3) abort.abort();
  });
  assert.equal(result.finishReason, 'aborted');
  assert.ok(result.numTokens < 400);
  return deltas.length;
}

/** Of the built-in model's vocabulary, else random. @returns its folder */
function writeCheckpoint(parent: string): string {
  const folder = join(parent, '检查点 1');
  const sizes = { ...tiny, vocabSize: 10_000 };
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configOf(sizes)));
  writeFileSync(join(folder, 'model.safetensors'), safetensorsBytes(randomTensors(sizes)));
  return folder;
}

/** Through import, listing, a new name and removal, as the commands of the extension do it. */
async function convert(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), '墨续 模型 '));
  try {
    const library = new ModelLibrary(join(extension, 'models', 'builtin'), join(folder, 'models'));
    const thread = new ConversionThread(join(extension, 'dist', 'convert.js'));
    const tokenizer = join(extension, 'models', 'builtin', 'tokenizer.model');
    const to = library.freeFolder('我的 模型/一');
    const watch = { signal: never, onProgress: () => undefined };
    assert.ok(await thread.convert({ from: writeCheckpoint(folder), tokenizer, to, quantization: 'int8' }, watch));
    assert.deepEqual(await thread.verify(to, watch), []);
    await library.rename(to, '改了名');
    const names = (await library.list('')).map(({ manifest }) => (manifest instanceof Error ? '?' : manifest.name));
    assert.equal(names[1], '改了名');
    const engine = newEngine(to);
    const { result } = await write(engine, prompt, { temperature: 0, maxNewTokens: 8 });
    assert.ok(result.numTokens > 0);
    // Its thread has the files open, or mapped: on Windows they could not be removed.
    await engine.switchModel(library.builtin);
    await library.remove(to);
    assert.equal((await library.list('')).length, 1);
    await engine.dispose();
    return result.text;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tryDevices(): Promise<string[]> {
  const found: string[] = [];
  for (const device of candidateDevices(process.platform, process.arch)) {
    const modelDir = join(extension, 'models', 'builtin');
    const request = { modelDir, device, threads: { numThreads: 1, spinning: false } };
    const { refusal, providers } = await tryDevice(
      join(extension, 'dist', 'deviceTrial.js'),
      request,
      'refused',
      never,
    );
    found.push(
      `${device} of ${providers.join('+') || '?'}: ${refusal ? `${refusal.why}, ${refusal.detail}` : 'works'}`,
    );
  }
  return found;
}

async function main(): Promise<void> {
  const note = (what: string): void => console.log(`${(performance.now() / 1000).toFixed(1)} s: ${what}`);
  const engine = newEngine();
  const { name, device } = await engine.load();
  note(`loaded ${name} on ${device}`);
  const greedy = await greedily(engine);
  note(greedy);
  const options: Partial<GenerateOptions> = { seed: 7, maxNewTokens: 60, ownWords: 1, titleGuidance: 1.5 };
  const sampled = (await write(engine, prompt, options)).result.text;
  assert.equal((await write(engine, prompt, options)).result.text, sampled, 'the same seed gives the same text');
  note(sampled);
  const batch = await engine.generateCandidates(prompt, { maxNewTokens: 16 }, [null, 1, 2], never);
  const candidates = batch.map(({ text }) => text);
  assert.ok(batch.every(({ numTokens, logProb }) => numTokens > 0 && logProb < 0));
  const abortedAfter = await abortedText(engine);
  note(`aborted after ${abortedAfter} pieces`);
  const likeliest = await likeliestIn(engine, readFileSync(textFile, 'utf8'));
  note(`${likeliest.length} places`);
  await engine.dispose();
  await assert.rejects(engine.load(), { code: 'disposed' });
  const again = newEngine();
  assert.equal(await greedily(again), greedy, 'loaded again it writes the same');
  await again.dispose();
  note('loaded again');
  const converted = await convert();
  note('converted');
  const devices = await tryDevices();
  note('devices tried');
  const report: Report = {
    ...{ node: `${process.version} ${process.platform}-${process.arch}`, folder: extension, model: name },
    ...{ greedy, sampled, candidates, likeliest, abortedAfter, converted, devices },
  };
  writeFileSync(reportFile, JSON.stringify(report, null, 2));
}

void main();
