/**
 * The engine without VS Code: load, first token, tokens per second, stop, ghost text, several candidates, memory.
 * `npm run bench -- engine [model folder]`
 *
 * What three candidates cost is measured on the model, and on random weights of CPM-small's shape.
 */
import { join, resolve } from 'node:path';
import { buildModel } from '../../src/builder/buildModel';
import { GhostBuilder, defaultGhostSettings, ghostOptions } from '../../src/context/ghost';
import { WorkerEngine } from '../../src/engine/workerEngine';
import type { GenerateOptions } from '../../src/options';
import type { Prompt } from '../../src/protocol';
import { describeMachine, percentile, spread } from './machine';
import { cpmSmall, randomCheckpoint } from './randomCheckpoint';

const rounds = 15;
const essay =
  '故乡的雨总是下得很慢。清晨推开窗，瓦檐上的水一滴一滴落进天井，青石板上长着薄薄的苔，像是谁用旧毛笔轻轻点上去的。' +
  '母亲在灶间烧火，柴烟贴着屋顶散开，和雨雾混在一起，分不清哪里是炊烟，哪里是雨。\n';

const promptOf = (length: number): Prompt => ({
  title: '故乡的雨',
  text: essay.repeat(Math.ceil(length / essay.length)).slice(0, length),
  fromStart: true,
});

interface Timing {
  firstMs: number;
  msPerToken: number;
  promptTokens: number;
}

async function time(engine: WorkerEngine, prompt: Prompt, options: Partial<GenerateOptions>): Promise<Timing> {
  const stream = engine.generate(prompt, options, new AbortController().signal);
  const start = performance.now();
  let firstMs = NaN;
  for (;;) {
    const next = await stream.next();
    const now = performance.now() - start;
    if (next.done) {
      const { numTokens, numPromptTokens: promptTokens } = next.value;
      return {
        firstMs: Number.isNaN(firstMs) ? now : firstMs,
        msPerToken: (now - firstMs) / (numTokens - 1),
        promptTokens,
      };
    }
    if (Number.isNaN(firstMs)) firstMs = now;
  }
}

async function measure<T>(count: number, once: (round: number) => Promise<T>): Promise<T[]> {
  const values: T[] = [];
  for (let round = 0; round < count; round++) values.push(await once(round));
  return values;
}

const row = (what: string, value: string) => console.log(`| ${what} | ${value} |`);

/** One candidate and three of the same prompt, in turns, each with a prompt of which nothing is cached. */
async function compareCandidates(what: string, modelDir: string): Promise<void> {
  const engine = new WorkerEngine(resolve('dist/worker.js'), modelDir);
  await engine.load();
  // None ends before the others.
  const options = { maxNewTokens: 40, minCharacters: 1000, repeatable: false };
  const timeOf = async (round: number, seeds: number[]): Promise<number> => {
    const prompt = { ...promptOf(100), title: `${round}${seeds.length}` };
    const start = performance.now();
    await engine.generateCandidates(prompt, options, seeds, new AbortController().signal);
    return performance.now() - start;
  };
  const times = await measure(
    rounds,
    async (round) => [await timeOf(round, [1]), await timeOf(round, [1, 2, 3])] as const,
  );
  await engine.dispose();
  const [one, three] = [times.map(([ms]) => ms), times.map(([, ms]) => ms)];
  row(`${what}: one candidate of 40 tokens`, spread(one));
  row(`${what}: three candidates`, `${spread(three)}, × ${(percentile(three, 0.5) / percentile(one, 0.5)).toFixed(2)}`);
}

/**
 * @returns the folder of a model of CPM-small's shape, about as sure of its tokens as the built-in one: 7 bits each. All
 * but equal probabilities, as plain random weights give them, would be the sampler's longest work.
 */
async function randomModel(quantization: 'int8' | 'int4'): Promise<string> {
  const folder = join('.cache', 'bench', 'engine');
  const to = join(folder, `${quantization}-sure`);
  await buildModel({ from: randomCheckpoint(folder, 'cpm-small-sure', cpmSmall, 6), to, quantization });
  return to;
}

async function main(): Promise<void> {
  const modelDir = process.argv[2] ?? 'models/builtin';
  const newEngine = () => new WorkerEngine(resolve('dist/worker.js'), modelDir);
  console.log(describeMachine());

  const baseline = process.memoryUsage.rss();
  const starts = await measure(rounds, async () => {
    const engine = newEngine();
    const start = performance.now();
    const model = await engine.load();
    const ms = performance.now() - start;
    await engine.dispose();
    return { ms, model };
  });
  const model = starts[0]?.model;
  console.log(
    `Model: ${model?.name}, ${((model?.numParameters ?? 0) / 1e6).toFixed(1)}M parameters, ${model?.quantization}, window ${model?.contextLength}, ${model?.threads.numThreads} thread(s)\n`,
  );
  console.log('| what | ms: median (p5 – p95) |\n| --- | --- |');
  row('thread started and model loaded', spread(starts.map(({ ms }) => ms)));

  const engine = newEngine();
  await engine.load();
  for (const length of [20, 100, 200, 400]) {
    // Another first character each time: nothing of the prompt is in the cache.
    const cold = await measure(rounds, (round) => {
      const prompt = promptOf(length);
      return time(engine, { ...prompt, title: String(round) }, { maxNewTokens: 1 });
    });
    row(
      `first token, prompt of ${cold[0]?.promptTokens} tokens, nothing cached`,
      spread(cold.map(({ firstMs }) => firstMs)),
    );
  }
  const decode = await measure(rounds, (seed) =>
    time(engine, promptOf(40), { maxNewTokens: 100, seed, repeatable: false }),
  );
  const perToken = decode.map(({ msPerToken }) => msPerToken);
  row(`each further token (${(1000 / percentile(perToken, 0.5)).toFixed(0)} tokens/s)`, spread(perToken));

  // A writer types the essay character by character: each prompt extends the one before.
  const keystrokes: number[] = [];
  for (let length = 40; length < 110; length++) {
    const prompt = promptOf(length);
    const start = performance.now();
    const ghost = new GhostBuilder('', defaultGhostSettings);
    for await (const delta of engine.generate(prompt, ghostOptions(defaultGhostSettings), new AbortController().signal))
      if (!ghost.push(delta)) break;
    keystrokes.push(performance.now() - start);
  }
  row('ghost text after one more character', spread(keystrokes));

  const stops = await measure(rounds, async () => {
    const abort = new AbortController();
    const stream = engine.generate(promptOf(40), { maxNewTokens: 10_000 }, abort.signal);
    for (let i = 0; i < 10; i++) await stream.next();
    const start = performance.now();
    abort.abort();
    while (!(await stream.next()).done);
    return performance.now() - start;
  });
  row('abort → stopped', spread(stops));
  await engine.dispose();
  const megabytes = (process.memoryUsage.rss() - baseline) / 2 ** 20;
  await compareCandidates(model?.name ?? '', modelDir);
  for (const quantization of ['int8', 'int4'] as const)
    await compareCandidates(`CPM-small's shape, ${quantization}`, await randomModel(quantization));
  console.log(`\nMemory of the process over a bare Node.js: ${megabytes.toFixed(0)} MB`);
}

void main();
