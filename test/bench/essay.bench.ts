/**
 * yangjianxin1/CPM's way of writing and ours, on the same random checkpoint of CPM-small's shape:
 * `npm run bench -- essay [--python PYTHON] [--threads 1,2]`
 *
 * Tokens per second once the window of 200 is full, sampled as its authors sample. PYTHON needs torch and transformers
 * and runs `essayPeer.py`; without it ours is measured alone. Both in turn, so that the machine is the same for both.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildModel } from '../../src/builder/buildModel';
import { familyFacts } from '../../src/builder/families';
import { WorkerEngine } from '../../src/engine/workerEngine';
import { manifestFile, type Quantization } from '../../src/manifest';
import { presetOptions } from '../../src/presets';
import { describeMachine, percentile } from './machine';
import { cpmSmall, randomCheckpoint } from './randomCheckpoint';

const folder = join('.cache', 'bench', 'essay');
const window = 200;
const rounds = 3;
/** Several hops of the window, whose cost belongs to it. */
const counted = 150;

const shown = { none: 'f32', int8: 'int8', int4: 'int4' } satisfies Record<Quantization, string>;

async function modelOf(from: string, quantization: Quantization): Promise<string> {
  const to = join(folder, `moxu-${quantization}`);
  const { promptLayout } = familyFacts['cpm-essay'];
  const settings = { promptLayout, contextLength: window, endOfText: [] };
  if (!existsSync(join(to, manifestFile))) await buildModel({ from, to, quantization, settings });
  return to;
}

/** @returns tokens per second behind a full window */
async function write(modelDir: string, numThreads: number, seed: number): Promise<number> {
  const threads = { recall: () => ({ numThreads, spinning: false }), remember: () => undefined };
  const engine = new WorkerEngine(resolve('dist', 'worker.js'), modelDir, threads);
  const options = { ...presetOptions('balanced', familyFacts['cpm-essay'].sampling), seed };
  const prompt = { title: '春眠', text: '不觉晓', fromStart: true };
  const signal = new AbortController().signal;
  let [numTokens, startTokens, startMs] = [0, 0, NaN];
  for await (const delta of engine.generate(prompt, { ...options, maxNewTokens: window + counted }, signal)) {
    numTokens += delta.numTokens;
    if (numTokens < window || !Number.isNaN(startMs)) continue;
    [startTokens, startMs] = [numTokens, performance.now()];
  }
  const seconds = (performance.now() - startMs) / 1000;
  await engine.dispose();
  return (numTokens - startTokens) / seconds;
}

/** @returns tokens per second of each of its rounds */
function writeAsTheyDo(python: string, checkpoint: string, numThreads: number): number[] {
  const script = join('test', 'bench', 'essayPeer.py');
  const { status, stdout, stderr } = spawnSync(python, [script, checkpoint, String(numThreads)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim().split('\n').map(Number);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      python: { type: 'string' },
      threads: { type: 'string', default: [...new Set([1, availableParallelism()])].join(',') },
    },
  });
  console.log(describeMachine());
  mkdirSync(folder, { recursive: true });
  const from = randomCheckpoint(folder, 'cpm-small', cpmSmall);
  const models = new Map<string, string>();
  for (const quantization of ['none', 'int8', 'int4'] as const)
    models.set(`Moxu ${shown[quantization]}`, await modelOf(from, quantization));
  console.error('ready to measure'); // for whoever quiets the machine meanwhile
  for (const numThreads of values.threads.split(',').map(Number)) {
    const found = new Map<string, number[]>();
    const take = (name: string, perSecond: number[]) => found.set(name, [...(found.get(name) ?? []), ...perSecond]);
    for (let round = 0; round < rounds; round++) {
      for (const [name, model] of models) take(name, [await write(model, numThreads, round)]);
      if (values.python !== undefined) take('generate.py’s way, f32', writeAsTheyDo(values.python, from, numThreads));
    }
    console.log(`\n| ${numThreads} thread(s) | tokens/s: median (least – most) |\n| --- | --- |`);
    for (const [name, all] of found) {
      const [least, middle, most] = [Math.min(...all), percentile(all, 0.5), Math.max(...all)];
      console.log(`| ${name} | ${middle.toFixed(1)} (${least.toFixed(1)} – ${most.toFixed(1)}) |`);
    }
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
