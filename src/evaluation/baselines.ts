/** Baselines from the shipped weights' training text: every corpus file, documents of the classes pd and free only. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { numCharacters, readDocuments } from './documents';
import type { EvaluationDocument } from './documents';
import type { KneserNey } from './kneserNey';
import { NgramTrainer, ngramOrder } from './ngramBaseline';
import { PpmdPriming, find7Zip } from './ppmd';

const licences = ['pd', 'free'];

/** All training documents, in the order of the files' names. */
export async function* trainingDocuments(corpusDir: string): AsyncGenerator<EvaluationDocument, void> {
  const files = (await readdir(corpusDir)).filter((name) => /\.jsonl(?:\.xz)?$/.test(name) && !/^heldout/.test(name));
  if (files.length === 0) throw new Error(`no corpus in ${corpusDir}`);
  for (const file of files.sort()) yield* readDocuments(join(corpusDir, file), licences);
}

/** @param progress told the orders that are done: 1 when all is read, 2, … */
export async function trainNgram(corpusDir: string, progress: (order: number) => void): Promise<KneserNey> {
  const trainer = new NgramTrainer();
  for await (const document of trainingDocuments(corpusDir)) trainer.add(document);
  progress(1);
  return trainer.train(ngramOrder, progress);
}

/** Bits per character of all documents together, or why there are none. @param progress told how far it is, 0 … 1 */
export async function ppmdBits(
  corpusDir: string,
  folder: string,
  documents: readonly EvaluationDocument[],
  progress: (share: number) => void,
): Promise<number | string> {
  const program = find7Zip();
  if (program === null) return 'skipped: neither 7zz nor 7z is installed (Debian: 7zip)';
  const priming = new PpmdPriming(folder);
  for await (const document of trainingDocuments(corpusDir)) await priming.add(document);
  const texts = documents.map(({ text }) => text);
  return (await priming.bits(program, texts, progress)) / texts.reduce((sum, text) => sum + numCharacters(text), 0);
}
