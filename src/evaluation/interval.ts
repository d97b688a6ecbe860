/**
 * Figures with their uncertainty. Every figure is a ratio of sums over documents, Σ numerator / Σ denominator. A text's
 * characters are not independent of each other, documents are: the interval is the percentile bootstrap over documents
 * (Efron 1979), with a seed, so that the same data give the same digits. It says how much hangs on the documents that were
 * drawn; those of one author resemble each other, so for other authors it is too narrow.
 */
import { seededRandom } from '../generation/random';

export interface Ratio {
  numerator: number;
  denominator: number;
}

export interface Estimate {
  /** NaN where nothing was counted. */
  value: number;
  /** 2.5 % and 97.5 % of the resampled values. */
  low: number;
  high: number;
}

const numResamples = 2000;

/** @param perDocument one ratio for each document; its parts are summed before they are divided */
export function ratioEstimate(perDocument: readonly Ratio[], seed = 1): Estimate {
  const random = seededRandom(seed);
  const value = quotient(perDocument);
  const resampled: number[] = [];
  for (let r = 0; r < numResamples; r++) {
    const drawn = perDocument.map(() => perDocument[Math.floor(random() * perDocument.length)] as Ratio);
    const drawnValue = quotient(drawn);
    // A resample in which nothing was counted says nothing.
    if (!Number.isNaN(drawnValue)) resampled.push(drawnValue);
  }
  resampled.sort((a, b) => a - b);
  return { value, low: percentile(resampled, 0.025), high: percentile(resampled, 0.975) };
}

function quotient(ratios: readonly Ratio[]): number {
  let numerator = 0;
  let denominator = 0;
  for (const ratio of ratios) {
    numerator += ratio.numerator;
    denominator += ratio.denominator;
  }
  return denominator === 0 ? NaN : numerator / denominator;
}

/** Nearest rank. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
