/**
 * The graphs alone, without sampler and thread: decode, prefill, several texts, load, size, memory, for each way to store
 * weights and cache. `npm run bench -- graph [cpm-small|next|builtin]… [--rounds 9] [--keep] [--only int8-int8,int8-int8-tiled]`
 * `--keep` takes models that an earlier call has built as they are; `--only` those with these weights and this cache, with
 * nothing else in memory: one, as in use, or two to be compared.
 *
 * Weights are random, of the shape named: speed and size do not depend on what a model knows. Models are interleaved
 * round by round in one process, one thread each. Figures are CPU ms, which other programs on the machine disturb less
 * than they do the clock; wall ms stand beside them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildModel } from '../../src/builder/buildModel';
import { Graph } from '../../src/engine/graph';
import { KvCache } from '../../src/engine/kvCache';
import { manifestFile, parseManifest } from '../../src/manifest';
import type { KvCacheType, Manifest, Quantization } from '../../src/manifest';
import type { Sizes } from '../unit/builder/tinyCheckpoint';
import { describeMachine, percentile } from './machine';
import { cpmSmall, randomCheckpoint } from './randomCheckpoint';

const folder = join('.cache', 'bench', 'graph');
const chunkLength = 64;
const stepsEach = 12;

const shapes: Record<string, () => Sizes> = {
  'cpm-small': () => cpmSmall,
  next: () => ({ vocabSize: 10_000, numPositions: 512, hiddenSize: 320, numLayers: 6, numHeads: 5 }),
  builtin: () => {
    const manifest = readManifest(join('models', 'builtin'));
    return { ...manifest, numPositions: manifest.contextLength };
  },
};

interface Variant {
  name: string;
  dir: string;
  manifest: Manifest;
  graph: Graph;
  caches: Map<string, KvCache>;
  figures: Map<string, { cpu: number[]; wall: number[] }>;
}

function readManifest(dir: string): Manifest {
  return parseManifest(readFileSync(join(dir, manifestFile), 'utf8'));
}

const tokens = (length: number, from: number, vocabSize: number) =>
  Array.from({ length }, (_, i) => ((from + i) * 7919) % vocabSize);

async function open(shape: string, quantization: Quantization, kvCache: KvCacheType, keep: boolean): Promise<Variant> {
  const name = `${quantization === 'none' ? 'f32' : quantization}, cache ${kvCache === 'float32' ? 'f32' : kvCache}`;
  const dir = join(folder, `${shape}-${quantization}-${kvCache}`);
  if (!keep || !existsSync(join(dir, manifestFile))) {
    const from = randomCheckpoint(folder, shape, (shapes[shape] as () => Sizes)());
    await buildModel({ from, to: dir, quantization, kvCache });
  }
  const manifest = readManifest(dir);
  const graph = await Graph.load(join(dir, 'model.onnx'), { numThreads: 1, spinning: false }, manifest.isOptimized);
  return { name, dir, manifest, graph, caches: new Map(), figures: new Map() };
}

async function prefill({ graph, manifest }: Variant, length: number): Promise<KvCache> {
  const cache = new KvCache(manifest);
  for (let done = 0; done < length; done += chunkLength) {
    const count = Math.min(chunkLength, length - done);
    await graph.run(cache, tokens(count, done, manifest.vocabSize), done, done + count < length ? count : count - 1);
  }
  return cache;
}

/** The same at each call: a prefill of each length is measured by itself. */
async function cacheOf(variant: Variant, length: number): Promise<KvCache> {
  const key = String(length);
  let cache = variant.caches.get(key);
  if (!cache) variant.caches.set(key, (cache = await prefill(variant, length)));
  return cache;
}

/** Times what is not the first of its kind. */
async function time(variant: Variant, what: string, count: number, work: () => Promise<unknown>): Promise<void> {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = (performance.now() - start) / count;
  const { user, system } = process.cpuUsage(cpuBefore);
  const figure = variant.figures.get(what);
  if (!figure)
    variant.figures.set(what, { cpu: [], wall: [] }); // a warm-up
  else {
    figure.cpu.push((user + system) / 1000 / count);
    figure.wall.push(wall);
  }
}

/** Steps behind `length − 1` tokens, of one text or of several that share these. */
async function decode({ graph, manifest }: Variant, cache: KvCache, length: number, texts: number): Promise<void> {
  const [base, row] = [length - 1, length - 1];
  for (let step = 0; step < stepsEach; step++) {
    const ids = tokens(texts, step, manifest.vocabSize);
    if (texts === 1) await graph.run(cache, ids, base, 0);
    else
      await graph.runBranches(
        cache,
        ids.map((id, i) => ({ id, position: base, base, rows: [row + i] })),
        base,
        ids.map((_, i) => i),
      );
  }
}

/** Time and memory of a load, in a process of its own. */
function load({ dir }: Variant): { ms: number; megabytes: number } {
  const program = spawnSync(process.execPath, [__filename, '--load', dir], { encoding: 'utf8' });
  return JSON.parse(program.stdout) as { ms: number; megabytes: number };
}

async function reportLoad(dir: string): Promise<void> {
  const before = process.memoryUsage.rss();
  const start = performance.now();
  const manifest = readManifest(dir);
  const graph = await Graph.load(join(dir, 'model.onnx'), { numThreads: 1, spinning: false }, manifest.isOptimized);
  const ms = performance.now() - start;
  await graph.run(new KvCache(manifest), tokens(chunkLength, 0, manifest.vocabSize), 0, chunkLength - 1);
  console.log(JSON.stringify({ ms, megabytes: (process.memoryUsage.rss() - before) / 2 ** 20 }));
}

async function measure(shape: string, rounds: number, keep: boolean, only: string | undefined): Promise<void> {
  const variants: Variant[] = [];
  for (const quantization of ['none', 'int8', 'int4'] as const)
    for (const kvCache of ['float32', 'int8', 'int8-tiled'] as const)
      if (only === undefined || only.split(',').includes(`${quantization}-${kvCache}`))
        variants.push(await open(shape, quantization, kvCache, keep));
  if (variants.length === 0)
    throw new RangeError(`--only ${only}: none of none, int8, int4 with -float32, -int8 or -int8-tiled`);
  const window = variants[0]?.manifest.contextLength ?? 0;
  const contexts = [64, 256, 1000]
    .map((length) => Math.min(length, window))
    .filter((c, i, all) => all.indexOf(c) === i);
  const prompts = [128, 512].filter((length) => length <= window);
  for (let round = 0; round <= rounds; round++) {
    // For whoever quiets the machine for the rounds that count.
    if (round === 1) console.error(`${shape}: warmed up`);
    for (const variant of variants) {
      for (const length of contexts)
        for (const texts of [1, 3]) {
          const cache = await cacheOf(variant, length - 1);
          await decode(variant, cache, length, texts); // brings the weights back into the processor's caches
          const what = texts === 1 ? `decode@${length}` : `${texts} texts@${length}`;
          await time(variant, what, stepsEach, () => decode(variant, cache, length, texts));
        }
      for (const length of prompts) await time(variant, `prefill ${length}`, 1, () => prefill(variant, length));
    }
  }

  const { numLayers, hiddenSize, vocabSize } = (variants[0] as Variant).manifest;
  console.log(`\n### ${shape}: ${numLayers} × ${hiddenSize}, vocabulary ${vocabSize}, window ${window}\n`);
  const whats = [...(variants[0] as Variant).figures.keys()];
  const columns = [...whats, `${contexts.at(-1)} : 64`, '3 texts : 1', 'load ms', 'file MB', 'memory MB'];
  console.log(`| weights, cache | ${columns.join(' | ')} |\n|${' --- |'.repeat(columns.length + 1)}`);
  for (const variant of variants) {
    const cpu = (what: string) => percentile(variant.figures.get(what)?.cpu ?? [], 0.5);
    const cells = whats.map((what) => {
      const { cpu: values = [], wall = [] } = variant.figures.get(what) ?? {};
      const [low, middle, high] = [0.1, 0.5, 0.9].map((p) => percentile(values, p).toFixed(2));
      return `${middle} (${low}–${high}; wall ${percentile(wall, 0.5).toFixed(1)})`;
    });
    const growth = cpu(`decode@${contexts.at(-1)}`) / cpu('decode@64');
    const ratios = contexts.map((length) => (cpu(`3 texts@${length}`) / cpu(`decode@${length}`)).toFixed(2));
    const bytes = Object.values(variant.manifest.files).reduce((sum, file) => sum + file.bytes, 0);
    const { ms, megabytes } = load(variant);
    const rest = [growth.toFixed(2), ratios.join(' / '), ms.toFixed(0), (bytes / 1e6).toFixed(1), megabytes.toFixed(0)];
    console.log(`| ${variant.name} | ${[...cells, ...rest].join(' | ')} |`);
    await variant.graph.release();
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      load: { type: 'string' },
      rounds: { type: 'string', default: '9' },
      keep: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
    allowPositionals: true,
  });
  if (values.load !== undefined) return reportLoad(values.load);
  const named = positionals.length > 0 ? positionals : Object.keys(shapes);
  const unknown = named.find((name) => !Object.hasOwn(shapes, name));
  if (unknown !== undefined) throw new RangeError(`${unknown} is none of ${Object.keys(shapes).join(', ')}`);
  mkdirSync(folder, { recursive: true });
  console.log(describeMachine());
  console.log('One thread; median CPU ms (p10–p90; median wall ms), per token or prompt.');
  for (const name of named) await measure(name, Number(values.rounds), values.keep, values.only);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
