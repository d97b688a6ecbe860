// CPM-large's shape end to end: a Megatron checkpoint of random weights (two ranks, fp16, 5.2 GB) → int4 → text.
//
//     npm run build && node test/bench/cpmLarge.mjs --python PYTHON --vocabulary chinese_vocab.model [--folder DIR]
//
// PYTHON needs torch. Prints Markdown for RESULTS.md; what it wrote is removed afterwards, a checkpoint in DIR is kept.
import { performance } from 'node:perf_hooks';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

const text = /** @type {const} */ ({ type: 'string' });
const {
  python = 'python3',
  vocabulary,
  folder,
} = parseArgs({
  options: { python: text, vocabulary: text, folder: text },
}).values;
if (vocabulary === undefined) throw new Error('--vocabulary: the path of chinese_vocab.model');

const scratch = mkdtempSync(join(tmpdir(), 'moxu-large-'));
const peakFile = join(scratch, 'peak');
writeFileSync(
  join(scratch, 'peak.cjs'),
  `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(peakFile)}, String(process.resourceUsage().maxRSS)));`,
);

/**
 * Runs a terminal command of ours.
 *
 * @param {string} name
 * @param {string[]} args
 */
function measured(name, args) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', join(scratch, 'peak.cjs'), join('out', 'cli', `${name}.js`), ...args],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  return { seconds: (performance.now() - start) / 1000, peakMb: Number(readFileSync(peakFile, 'utf8')) / 1024, stdout };
}

/** @param {string} path */
function bytesIn(path) {
  return readdirSync(path, { recursive: true })
    .map((name) => statSync(join(path, String(name))))
    .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}

try {
  const from = folder ?? join(scratch, 'checkpoint');
  if (!existsSync(from))
    spawnSync(python, [join('test', 'bench', 'make_megatron.py'), from], { stdio: ['ignore', 'inherit', 'inherit'] });
  const to = join(scratch, 'model');
  const build = measured('buildModel', ['--from', from, '--to', to, '--tokenizer', vocabulary, '--quantize', 'int4']);
  // Loading is in both, so that their difference is writing alone.
  const [few, many] = [8, 40];
  const write = (/** @type {number} */ max) =>
    measured('write', ['--model', to, '--title', '春天', '--seed', '1', '--max', String(max)]);
  const [short, long] = [write(few), write(many)];
  const gigabytes = (/** @type {number} */ bytes) => (bytes / 1e9).toFixed(2);
  console.log(`
| checkpoint, GB | model, GB | conversion, s | peak, MB | writing, peak MB | first ${few} tokens with load, s | tokens/s |
| -------------- | --------- | ------------- | -------- | ---------------- | ------------------------------ | -------- |
| ${gigabytes(bytesIn(from))} | ${gigabytes(bytesIn(to))} | ${build.seconds.toFixed(0)} | ${build.peakMb.toFixed(0)} | ${long.peakMb.toFixed(0)} | ${short.seconds.toFixed(1)} | ${((many - few) / (long.seconds - short.seconds)).toFixed(2)} |

It wrote: ${long.stdout.trim()}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
