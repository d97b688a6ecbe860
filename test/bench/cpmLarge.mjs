// CPM-large's shape end to end: a Megatron checkpoint of random weights (two ranks, fp16, 5.2 GB) → int4 → text.
//
//     npm run build && node test/bench/cpmLarge.mjs --python PYTHON --vocabulary chinese_vocab.model [--folder DIR]
//
// PYTHON needs torch. Prints Markdown for RESULTS.md; what it wrote is removed afterwards, a checkpoint in DIR is kept.
// The conversion is what an import in VS Code does: the thread of dist/convert.js, its progress and its cancellation.
import { performance } from 'node:perf_hooks';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const text = /** @type {const} */ ({ type: 'string' });
const {
  python = 'python3',
  vocabulary,
  folder,
  convert,
} = parseArgs({
  options: { python: text, vocabulary: text, folder: text, convert: text },
}).values;

/**
 * Converts in a thread, as the extension does.
 *
 * @param {object} choice `ConversionChoice`
 * @param {number} [cancelAfterSeconds]
 */
async function convertInThread(choice, cancelAfterSeconds) {
  const worker = new Worker(resolve('dist', 'convert.js'));
  const start = performance.now();
  /** @type {{ seconds: number, share: number, secondsLeft: number | null }[]} */
  const progress = [];
  /** @type {Promise<{ type: string, message?: string }>} */
  const ended = new Promise((answered, reject) => {
    worker.once('error', reject);
    worker.on('message', (message) => {
      if (message.type !== 'progress') return answered(message);
      const { writtenBytes, totalBytes, msLeft } = message.progress;
      const seconds = (performance.now() - start) / 1000;
      progress.push({ seconds, share: writtenBytes / totalBytes, secondsLeft: msLeft === null ? null : msLeft / 1000 });
    });
  });
  worker.postMessage({ type: 'convert', requestId: 1, choice });
  let cancelledAt = NaN;
  if (cancelAfterSeconds !== undefined) {
    await setTimeout(cancelAfterSeconds * 1000);
    cancelledAt = performance.now();
    worker.postMessage({ type: 'cancel', requestId: 1 });
  }
  const { type, message } = await ended;
  await worker.terminate();
  if (type === 'failed') throw new Error(message);
  const now = performance.now();
  return { type, progress, seconds: (now - start) / 1000, secondsToStop: (now - cancelledAt) / 1000 };
}

/**
 * Runs a program of ours in a process of its own.
 *
 * @param {string} scratch
 * @param {string[]} program
 */
function measured(scratch, program) {
  const peakFile = join(scratch, 'peak');
  const preload = join(scratch, 'peak.cjs');
  writeFileSync(
    preload,
    `if (require('node:worker_threads').isMainThread) process.on('exit', () =>
      require('node:fs').writeFileSync(${JSON.stringify(peakFile)}, String(process.resourceUsage().maxRSS)));`,
  );
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', preload, ...program], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${program[0]}: ${stderr}`);
  return { seconds: (performance.now() - start) / 1000, peakMb: Number(readFileSync(peakFile, 'utf8')) / 1024, stdout };
}

/** @param {string} path */
function bytesIn(path) {
  return readdirSync(path, { recursive: true })
    .map((name) => statSync(join(path, String(name))))
    .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}

/**
 * What the time that was said to be left was worth at a share of the work.
 *
 * @param {Awaited<ReturnType<typeof convertInThread>>} conversion
 * @param {number} share
 */
function foretold({ progress, seconds }, share) {
  const then = progress.find((one) => one.share >= share);
  return then ? `${then.secondsLeft?.toFixed(0)} s (it took ${(seconds - then.seconds).toFixed(0)})` : '–';
}

/** @param {string} scratch */
async function main(scratch) {
  const from = folder ?? join(scratch, 'checkpoint');
  if (!existsSync(from))
    spawnSync(python, [join('test', 'bench', 'make_megatron.py'), from], { stdio: ['ignore', 'inherit', 'inherit'] });
  const to = join(scratch, 'model');
  const choice = { from, to, tokenizer: vocabulary, quantization: 'int4' };
  const self = fileURLToPath(import.meta.url);
  const build = measured(scratch, [self, '--convert', JSON.stringify(choice)]);
  const conversion = JSON.parse(build.stdout);
  console.error(`converted in ${build.seconds.toFixed(0)} s`);
  // Into the fifth part of the work, by when large matrices are being rounded.
  /** @type {number[]} */
  const stops = [];
  for (const quantization of ['int8', 'int4'])
    for (const seconds of [3, 8.5]) {
      const other = { ...choice, to: join(scratch, 'other'), quantization };
      stops.push((await convertInThread(other, seconds)).secondsToStop);
    }
  // Loading is in both, so that their difference is writing alone.
  const [few, many] = [8, 40];
  const write = (/** @type {number} */ max) => {
    const said = ['--model', to, '--title', '春天', '--seed', '1', '--max', String(max)];
    return measured(scratch, [join('out', 'cli', 'write.js'), ...said]);
  };
  const [short, long] = [write(few), write(many)];
  const gigabytes = (/** @type {number} */ bytes) => (bytes / 1e9).toFixed(2);
  const msPerToken = ((long.seconds - short.seconds) * 1000) / (many - few);
  console.log(`
| checkpoint, GB | model, GB | conversion, s | peak, MB | writing, peak MB | first ${few} tokens with load, s | ms/token |
| -------------- | --------- | ------------- | -------- | ---------------- | ------------------------------ | -------- |
| ${gigabytes(bytesIn(from))} | ${gigabytes(bytesIn(to))} | ${build.seconds.toFixed(0)} | ${build.peakMb.toFixed(0)} | ${long.peakMb.toFixed(0)} | ${short.seconds.toFixed(1)} | ${msPerToken.toFixed(0)} |

Time left, as shown at 10, 25, 50, 75 %: ${[0.1, 0.25, 0.5, 0.75].map((share) => foretold(conversion, share)).join(', ')}.
From cancelling to the end, int8 twice and int4 twice: ${stops.map((seconds) => seconds.toFixed(2)).join(', ')} s.
It wrote: ${long.stdout.trim()}`);
}

if (convert !== undefined) console.log(JSON.stringify(await convertInThread(JSON.parse(convert))));
else {
  if (vocabulary === undefined) throw new Error('--vocabulary: the path of chinese_vocab.model');
  const scratch = mkdtempSync(join(tmpdir(), 'moxu-large-'));
  try {
    await main(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
