/**
 * `npm run eval -- --model DIR --data FILE.jsonl [--full] [--out DIR]`: how well a model helps to write.
 *
 * It runs the product's own code in this thread: openModel and Session, promptWindow, generate with its sampler,
 * ghostOptions, GhostBuilder and SuggestionTrie; only the thread and the editor in between are left out. The same model,
 * data and options give the same figures on one kind of processor, times aside; on another the last digit may differ,
 * since its 8-bit products are rounded otherwise. What each figure means stands at the head of its file:
 * evaluation/bitsPerCharacter.ts, writer.ts (the formula of the savings), sample.ts (which positions), articles.ts,
 * kneserNey.ts, ppmd.ts, interval.ts (the 95 % intervals).
 *
 * Progress goes to stderr, figures as Markdown to stdout and, with --json, to a file.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultGhostSettings } from '../context/ghost';
import { openModel } from '../engine/modelFolder';
import type { OpenModel } from '../engine/modelFolder';
import { Measurement } from '../evaluation/measurement';
import { ownWordsScopes } from '../evaluation/earlierTexts';
import { readDocuments } from '../evaluation/documents';
import { lowestFloor } from '../evaluation/ghostRule';
import type { EvaluationDocument } from '../evaluation/documents';
import { report } from '../evaluation/report';
import { EngineError } from '../errors';
import { JiebaSegmenter } from '../tokenizer/jieba/jieba';
import { readJiebaDictionary } from '../tokenizer/jieba/jiebaDictionary';

const usage = `Usage: npm run eval -- --data FILE.jsonl [options]
  --model DIR        a model folder (models/builtin)
  --data FILE        held-out documents: title, text, genre, one JSON object a line
  --only LIST        of bits,savings,articles (these three), cuts: bits behind random cut points, healed or not
  --positions N      about how many positions the simulated writer types (8000)
  --cuts N           how many cut points (2000)
  --articles N       how many titles to write on (80)
  --full             all positions, all titles
  --floor N          confidence floor (the product's)
  --floors           the curve of precision and coverage over floors
  --variants         other rules for showing a ghost
  --own-words SCOPE  which earlier texts count: off, document, source: also the source's earlier documents (document)
  --no-healing       savings without token healing
  --baselines        5-gram and PPMd; needs --corpus
  --corpus DIR       the training text: *.jsonl.xz
  --out DIR          where articles.md goes (.cache/eval)
  --json FILE        the figures as JSON`;

function readArguments() {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    options: {
      ...{ model: { ...text, default: join('models', 'builtin') }, data: text, corpus: text, json: text, floor: text },
      'own-words': { ...text, default: 'document' },
      ...{ only: { ...text, default: 'bits,savings,articles' }, out: { ...text, default: join('.cache', 'eval') } },
      ...{ positions: { ...text, default: '8000' }, articles: { ...text, default: '80' } },
      cuts: { ...text, default: '2000' },
      ...{ full: flag, floors: flag, variants: flag, 'no-healing': flag, baselines: flag, help: flag },
    },
  });
  return values;
}

async function evaluate(given: ReturnType<typeof readArguments>): Promise<void> {
  const { model: modelDir, data, corpus, out, json, only, full } = given;
  if (!data) throw new RangeError('--data is needed');
  if (given.baselines && !corpus) throw new RangeError('--baselines needs --corpus');
  const wanted = only.split(',');
  const unknown = wanted.find((part) => !['bits', 'savings', 'articles', 'cuts'].includes(part));
  if (unknown !== undefined) throw new RangeError(`--only: ${unknown} is not one of bits, savings, articles, cuts`);
  const ownWords = ownWordsScopes.find((scope) => scope === given['own-words']);
  if (!ownWords) throw new RangeError(`--own-words: ${given['own-words']} is not one of ${ownWordsScopes.join(', ')}`);
  const numPositions = full ? Infinity : positive('--positions', given.positions);
  const numArticles = full ? Infinity : positive('--articles', given.articles);
  const floor = given.floor === undefined ? defaultGhostSettings.confidenceFloor : positive('--floor', given.floor);
  // What would fail after minutes fails at once.
  if (floor > 1) throw new RangeError(`--floor: ${floor} is more than 1`);
  if ((given.floors || given.variants) && floor < lowestFloor)
    throw new RangeError(`--floor: with --floors and --variants not below ${lowestFloor}`);
  const numCuts = positive('--cuts', given.cuts);

  const documents: EvaluationDocument[] = [];
  for await (const document of readDocuments(data)) documents.push(document);
  if (documents.length === 0) throw new RangeError(`${data} has no documents`);
  if (documents.every(({ text }) => text === '')) throw new RangeError(`${data}: no document has any text`);
  for (const folder of [out, dirname(json ?? out)]) await mkdir(folder, { recursive: true });
  const dictionary = join(__dirname, '..', '..', 'dist', 'dictionary.bin.br');
  const jieba = new JiebaSegmenter(readJiebaDictionary(await readFile(dictionary)));
  const model: OpenModel = await openModel(modelDir, dictionary);
  try {
    const settings = { numPositions, floor, ownWords, model: modelDir, data: basename(data) };
    const measurement = new Measurement(documents, settings, (text) => jieba.cut(text));
    const save = async () => {
      if (json) await writeFile(json, `${JSON.stringify(measurement.evaluation, null, 1)}\n`);
    };
    if (wanted.includes('bits')) await measurement.bits(model).then(save);
    if (wanted.includes('cuts')) await measurement.cuts(model, numCuts).then(save);
    if (wanted.includes('savings'))
      await measurement.savings(model, { ...given, healing: !given['no-healing'] }).then(save);
    if (wanted.includes('articles')) await measurement.articles(model, numArticles, out).then(save);
    if (given.baselines && corpus) {
      await measurement.fivegram(corpus, { savings: wanted.includes('savings'), floors: given.floors }).then(save);
      if (wanted.includes('bits')) await measurement.ppmd(corpus, out).then(save);
    }
    process.stdout.write(report(measurement.evaluation));
  } finally {
    await model.network.release();
  }
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new RangeError(`${name}: ${value} is not a number above 0`);
  return number;
}

async function main(): Promise<void> {
  try {
    const given = readArguments();
    if (given.help) process.stderr.write(`${usage}\n`);
    else await evaluate(given);
  } catch (error) {
    const known = error instanceof RangeError || error instanceof EngineError || error instanceof TypeError;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${known ? `\n${usage}\n` : ''}`);
    process.exitCode = 1;
  }
}

void main();
