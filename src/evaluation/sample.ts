/**
 * Which stretches of a data set the simulated writer types: the committed sample. The rule and the seed are fixed here,
 * the texts are not in the repository.
 *
 *   1. Every document is cut into blocks of `blockLength` UTF-16 units; the last one may be shorter.
 *   2. The blocks of a genre, in the order of the file, are numbered 0, 1, 2, …
 *   3. Those whose number is ≡ start (mod step) are taken. `step` is the same for every genre, so that each genre and,
 *      where it is long enough, each document is there in proportion to its length, and sums over the sample estimate
 *      sums over the whole; `start` is drawn for each genre from `sampleSeed`, among its own blocks where it has fewer
 *      than `step`, so that none is left out.
 */
import { seededRandom } from '../generation/random';
import type { EvaluationDocument } from './documents';

/** Long enough for ghosts to be typed through, short enough for many places. */
export const blockLength = 100;
const sampleSeed = 20261124;

export interface Stretch {
  /** Index of the document. */
  document: number;
  /** UTF-16 offsets; `end` is exclusive. */
  start: number;
  end: number;
}

/** @param numPositions about how many positions to take; Infinity takes every document from beginning to end */
export function sampleStretches(
  documents: readonly Pick<EvaluationDocument, 'text' | 'genre'>[],
  numPositions: number,
): Stretch[] {
  if (numPositions === Infinity)
    return documents.map(({ text }, document) => ({ document, start: 0, end: text.length }));
  const total = documents.reduce((sum, { text }) => sum + text.length, 0);
  const step = Math.max(1, Math.round(total / numPositions));
  const random = seededRandom(sampleSeed);
  const numBlocks = new Map<string, number>();
  for (const { text, genre } of documents)
    numBlocks.set(genre, (numBlocks.get(genre) ?? 0) + Math.ceil(text.length / blockLength));
  const next = new Map<string, number>();
  const stretches: Stretch[] = [];
  documents.forEach(({ text, genre }, document) => {
    let untilNext = next.get(genre) ?? Math.floor(random() * Math.min(step, numBlocks.get(genre) ?? step));
    for (let start = 0; start < text.length; start += blockLength)
      if (untilNext-- === 0) {
        stretches.push({ document, ...wholeCharacters(text, start, Math.min(text.length, start + blockLength)) });
        untilNext = step - 1;
      }
    next.set(genre, untilNext);
  });
  return stretches;
}

/** The first of a seeded systematic sample of n indices below `count`, in order; all of them if n is not smaller. */
export function sampleIndices(count: number, n: number): number[] {
  if (n >= count) return Array.from({ length: count }, (_, i) => i);
  const start = seededRandom(sampleSeed)();
  return Array.from({ length: n }, (_, i) => Math.floor(((i + start) * count) / n));
}

/** A character of two units is not cut. */
function wholeCharacters(text: string, start: number, end: number): { start: number; end: number } {
  const whole = (at: number) => (/[\udc00-\udfff]/.test(text[at] ?? '') ? at + 1 : at);
  return { start: whole(start), end: whole(end) };
}
