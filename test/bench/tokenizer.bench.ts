/**
 * Tokenizer speed: is it linear in the text, whatever the text, and how far from the keystroke budget?
 * Prints Markdown. The built-in model's tokenizer where it is there, else the small one of the fixtures.
 */
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { createTokenizer } from '../../src/tokenizer/createTokenizer';
import type { Tokenizer } from '../../src/tokenizer/tokenizer';

const builtin = join('models', 'builtin', 'tokenizer.model');
const file = existsSync(builtin) ? builtin : join('test', 'fixtures', 'tokenizer', 'bytes.model');
const sentences = readFileSync(join('test', 'fixtures', 'tokenizer', 'sentences.txt'), 'utf8');

const sizes = [10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000];
const kinds: Record<string, string> = {
  'Chinese prose': sentences,
  'one character (的)': '的',
  'one unknown character (龘, bytes)': '龘',
  'one space': ' ',
  'one emoji (😀, surrogates)': '😀',
  'longest piece again and again': '',
  'English letters': 'the quick brown fox jumps over the lazy dog ',
};

function fill(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}

/** Best of several runs, in ms: the load of the machine only ever adds. */
function time(run: () => void): number {
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** k where the time grows as the text's length to the power of k, by least squares: 1 is linear. */
function exponent(times: readonly number[]): number {
  const [x, y] = [sizes, times].map((values) => {
    const logs = values.map(Math.log);
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    return logs.map((log) => log - mean);
  }) as [number[], number[]];
  const product = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  return product(x, y) / product(x, x);
}

function printHead(): void {
  console.log(
    `| text | ${sizes.map((size) => `${size / 1000}k`).join(' | ')} | ms per 1000 | last doubling | exponent |`,
  );
  console.log(`|---|${sizes.map(() => '--:').join('|')}|--:|--:|--:|`);
}

function printRow(kind: string, unit: string, tokenizer: Tokenizer): void {
  const times = sizes.map((size) => {
    const text = fill(unit, size);
    return time(() => tokenizer.encode(text));
  });
  const last = times.at(-1) ?? 0;
  const perThousand = (last / (sizes.at(-1) ?? 1)) * 1000;
  const doubling = last / (times.at(-2) ?? 1);
  const row = times.map((ms) => ms.toFixed(1)).join(' | ');
  const figures = [perThousand.toFixed(3), `× ${doubling.toFixed(2)}`, exponent(times).toFixed(2)];
  console.log(`| ${kind} | ${row} | ${figures.join(' | ')} |`);
}

async function main(): Promise<void> {
  const bytes = readFileSync(file);
  const cold = performance.now();
  const tokenizer = await createTokenizer('sentencepiece-unigram', bytes);
  const coldMs = performance.now() - cold;
  const pieces = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.decode([id]));
  kinds['longest piece again and again'] = pieces.reduce((longest, piece) =>
    piece.length > longest.length ? piece : longest,
  );

  console.log(`## Tokenizer: ${file}, ${tokenizer.vocabSize} pieces\n`);
  const load = loadavg()[0]?.toFixed(1);
  console.log(
    `${cpus()[0]?.model ?? 'unknown CPU'} × ${cpus().length}, one thread, load ${load}, Node ${process.version}.`,
  );
  console.log(`Created in ${coldMs.toFixed(0)} ms (cold).\n`);
  console.log(`Encode, ms, best of 5, by characters:\n`);
  printHead();
  for (const [kind, unit] of Object.entries(kinds)) printRow(kind, unit, tokenizer);
  const ids = tokenizer.encode(fill(sentences, 640_000));
  console.log(`\nDecode of 640k characters of prose: ${time(() => tokenizer.decode(ids)).toFixed(1)} ms.`);
}

/** With the small CPM vocabulary of the fixtures: its size changes little, the dictionary is the real one. */
async function cpm(): Promise<void> {
  const vocabulary = brotliDecompressSync(readFileSync(join('test', 'fixtures', 'tokenizer', 'cpm.model.br')));
  const before = process.memoryUsage().arrayBuffers;
  const cold = performance.now();
  const tokenizer = await createTokenizer('cpm-hf46', vocabulary, () =>
    readFile(join('src', 'tokenizer', 'jieba', 'dictionary.bin.br')),
  );
  const coldMs = performance.now() - cold;
  const megabytes = (process.memoryUsage().arrayBuffers - before) / 1e6;
  console.log(`\n## CPM tokenizer (jieba, hf46)\n`);
  console.log(`Created in ${coldMs.toFixed(0)} ms (cold), ${megabytes.toFixed(0)} MB of arrays.\n`);
  printHead();
  for (const kind of ['Chinese prose', 'one character (的)', 'one unknown character (龘, bytes)', 'English letters'])
    printRow(kind.replace(', bytes', ''), kinds[kind] ?? '', tokenizer);
}

void main().then(cpm);
