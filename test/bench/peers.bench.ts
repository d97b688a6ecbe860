/**
 * CPM-small's shape on the CPU against the peers, in one run:
 * `npm run bench -- peers [--rounds 4] [--threads 1,2] [--only "Moxu int8,llama.cpp q8_0"] [--keep]`
 * `--threads ''` measures loading alone; `--keep` takes models that an earlier call has built as they are.
 *
 * Random weights: speed does not depend on what a model knows. Each engine computes the same ids in a process of its
 * own; rounds go through all of them, so that what else the machine does meets all alike. A peer that cannot be had is
 * named and left out. What is made or fetched stays in `.cache`, which git ignores.
 */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildModel } from '../../src/builder/buildModel';
import { writeModel } from '../../src/builder/onnx/writeModel';
import { recogniseOpen } from '../../src/builder/recognise';
import { manifestFile } from '../../src/manifest';
import { configOf } from '../unit/builder/tinyCheckpoint';
import { describeMachine } from './machine';
import { readBandwidth } from './peers/bandwidth';
import { EngineProcess, serve, type EngineChoice, type Timing } from './peers/engineProcess';
import { exportedGraph } from './peers/exportedGraph';
import { writeGguf } from './peers/gguf';
import { install, peers } from './peers/install';
import {
  agreementTable,
  clockFor,
  loadRatioTable,
  loadTable,
  ratioTable,
  timesTable,
  type Contender,
} from './peers/report';
import { cpmSmall, randomCheckpoint } from './randomCheckpoint';

const folder = join('.cache', 'bench', 'peers');
const contexts = [64, 256, 1000];
const prompts = [128, 512];
const numSteps = 8;

const id = (i: number) => (i * 7919) % cpmSmall.vocabSize;
const ids = (length: number, from: number) => Array.from({ length }, (_, i) => id(from + i));

async function exportedModel(from: string): Promise<string> {
  const to = join(folder, 'exported');
  if (existsSync(join(to, 'config.json'))) return to;
  mkdirSync(join(to, 'onnx'), { recursive: true });
  const recognition = recogniseOpen({ from });
  await writeModel(exportedGraph(recognition), join(to, 'onnx'));
  recognition.checkpoint.close();
  writeFileSync(join(to, 'config.json'), JSON.stringify({ ...configOf(cpmSmall), architectures: ['GPT2LMHeadModel'] }));
  return to;
}

interface Candidate extends Contender {
  choice: Omit<EngineChoice, 'numThreads'>;
}

async function candidates(keep: boolean): Promise<Candidate[]> {
  mkdirSync(folder, { recursive: true });
  const from = randomCheckpoint(folder, 'cpm-small', cpmSmall);
  const list: Candidate[] = [];
  const add = (name: string, kind: EngineChoice['kind'], library: string, model: string, weights: string[]): void => {
    const bytes = weights.reduce((sum, file) => sum + statSync(file).size, 0);
    list.push({ name, bytes, figures: new Map(), loads: [], choice: { kind, library, model: resolve(model) } });
  };
  for (const [name, quantization] of [
    ['f32', 'none'],
    ['int8', 'int8'],
    ['int4', 'int4'],
  ] as const) {
    const to = join(folder, `moxu-${quantization}`);
    if (!keep || !existsSync(join(to, manifestFile))) await buildModel({ from, to, quantization });
    add(`Moxu ${name}`, 'moxu', '', to, [join(to, 'model.onnx.data')]);
  }
  const llama = install(peers.llama);
  if ('missing' in llama) console.log(`Not measured: ${llama.missing}`);
  else
    for (const type of ['f32', 'q8_0', 'q4_0'] as const) {
      const to = join(folder, `${type}.gguf`);
      if (!existsSync(to)) writeGguf(from, to, type);
      add(`llama.cpp ${type}`, 'llama', llama.url, to, [to]);
    }
  const transformers = install(peers.transformers);
  if ('missing' in transformers) console.log(`Not measured: ${transformers.missing}`);
  else {
    const to = await exportedModel(from);
    add('transformers.js f32', 'transformers', transformers.url, to, [join(to, 'onnx', 'model.onnx.data')]);
  }
  return list;
}

/** Interleaved: each round loads every engine anew. */
async function measureLoads(list: readonly Candidate[], rounds: number, numThreads: number): Promise<void> {
  for (let round = 0; round < rounds; round++)
    for (const { choice, loads } of list) {
      // What memory a full window takes is the same in each round.
      const fill = round === 0 ? ids(contexts.at(-1) ?? 0, 1) : [];
      const { engine, load } = await EngineProcess.start({ ...choice, numThreads }, fill);
      loads.push(load);
      await engine.stop();
    }
}

async function measureTimes(list: readonly Candidate[], rounds: number, numThreads: number): Promise<void> {
  const running: { engine: EngineProcess; figures: Candidate['figures'] }[] = [];
  for (const { choice, figures } of list) {
    figures.clear();
    running.push({ figures, engine: (await EngineProcess.start({ ...choice, numThreads })).engine });
  }
  for (let round = 0; round <= rounds; round++)
    for (const { engine, figures } of running) {
      const take = (figure: string, timing: Timing): void => {
        if (round === 0)
          figures.set(figure, []); // a warm-up
        else figures.get(figure)?.push(timing);
      };
      for (const length of contexts)
        take(`decode ${length}`, await engine.decode(ids(length, 1), ids(numSteps, 10_000 + round * numSteps)));
      for (const length of prompts) take(`prefill ${length}`, await engine.prefill(ids(length, 100 * (round + 1))));
    }
  for (const { engine } of running) await engine.stop();
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      engine: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '4' },
      threads: { type: 'string', default: [...new Set([1, availableParallelism()])].join(',') },
      only: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  if (values.engine) {
    serve();
    return;
  }
  console.log(describeMachine());
  const rounds = Number(values.rounds);
  const wanted = values.only?.split(',');
  const list = (await candidates(values.keep)).filter(({ name }) => wanted?.includes(name) ?? true);
  console.error('ready to measure'); // for whoever quiets the machine meanwhile
  for (const numThreads of values.threads.split(',').filter(Boolean).map(Number)) {
    const bandwidth = await readBandwidth(numThreads);
    await measureTimes(list, rounds, numThreads);
    console.log(`\n${numThreads} thread(s); memory is read at ${(bandwidth / 1e9).toFixed(1)} GB/s.\n`);
    const clock = clockFor(numThreads);
    console.log(`${timesTable(list, bandwidth, clock)}\n\n${ratioTable(list, clock)}\n\n${agreementTable(list)}`);
  }
  await measureLoads(list, rounds, 1);
  console.log(`\nLoad, one thread.\n\n${loadTable(list, 'cpuMs')}\n\n${loadRatioTable(list, 'cpuMs')}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1); // engines may still be running
});
