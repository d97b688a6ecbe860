/**
 * Reader of `dictionary.bin.br`, made by makeDictionary.py. Brotli around little-endian arrays without padding:
 *
 *     "moxujb01" │ u32 W words, U suffix units, L logs, C characters, P probabilities │ 4 bytes │ f64 log(total)
 *     f64 start[4] │ f64 transition[4 from][4 to] │ f64 probability[P] │ f64 log[L]      states B, M, E, S
 *     u16 frequency[W]   index into log
 *     u16 suffix[U]      all words in order, each without what it shares with the one before
 *     u16 character[C] │ u16 emission[4][C]   1 + index into probability, or 0
 *     u8 shared[W] │ u8 suffixLength[W]
 */
import { brotliDecompressSync } from 'node:zlib';
import { EngineError } from '../../errors';
import { SortedWords } from './sortedWords';

/** Python jieba's stand-in for log(0). */
const logOfZero = -3.14e100;

export interface JiebaDictionary {
  words: SortedWords;
  /** [number of words], an index into `logFrequencies` each. */
  frequencies: Uint16Array;
  /** log(frequency), rounded as Python rounds it. */
  logFrequencies: Float64Array;
  logTotal: number;
  hmm: {
    start: Float64Array; // [4 states], log probabilities
    transition: Float64Array; // [4 from, 4 to]
    /** Position of a UTF-16 unit's emissions in `emission`; 0 for a unit that has none. */
    row: Uint16Array; // [65536]
    emission: Float64Array; // [1 + C, 4 states]; row 0 is `logOfZero`
  };
}

const headerBytes = 40;

/** @throws EngineError 'model-invalid' when the file is damaged. */
export function readJiebaDictionary(compressed: Uint8Array): JiebaDictionary {
  let bytes: Buffer;
  try {
    bytes = brotliDecompressSync(compressed);
  } catch (cause) {
    throw new EngineError('model-invalid', 'jieba dictionary: not a Brotli file, or damaged', { cause });
  }
  // A copy, because typed arrays must begin at multiples of their element size.
  const data = new Uint8Array(bytes).buffer;
  const view = new DataView(data);
  const magic = bytes.subarray(0, 8).toString('latin1');
  const size = (index: number): number => view.getUint32(8 + index * 4, true);
  if (data.byteLength < headerBytes || magic !== 'moxujb01')
    throw new EngineError('model-invalid', 'jieba dictionary: unknown format');
  const [numWords, numUnits, numLogs, numCharacters, numProbabilities] = [size(0), size(1), size(2), size(3), size(4)];
  const expected =
    headerBytes +
    8 * (4 + 16 + numProbabilities + numLogs) +
    2 * (numWords + numUnits + 5 * numCharacters) +
    2 * numWords;
  if (data.byteLength !== expected)
    throw new EngineError('model-invalid', `jieba dictionary: ${data.byteLength} bytes instead of ${expected}`);

  let at = headerBytes;
  const doubles = (length: number): Float64Array => {
    at += length * 8;
    return new Float64Array(data, at - length * 8, length);
  };
  const shorts = (length: number): Uint16Array => {
    at += length * 2;
    return new Uint16Array(data, at - length * 2, length);
  };
  const octets = (length: number): Uint8Array => {
    at += length;
    return new Uint8Array(data, at - length, length);
  };
  const start = doubles(4);
  const transition = doubles(16);
  const probabilities = doubles(numProbabilities);
  const logFrequencies = doubles(numLogs);
  const frequencies = shorts(numWords);
  const suffixes = shorts(numUnits);
  const characters = shorts(numCharacters);
  const emissions = shorts(4 * numCharacters);
  const words = SortedWords.unpack(suffixes, octets(numWords), octets(numWords));

  const row = new Uint16Array(65536);
  const emission = new Float64Array((1 + numCharacters) * 4).fill(logOfZero);
  for (const [index, character] of characters.entries()) {
    row[character] = index + 1;
    for (let state = 0; state < 4; state++) {
      const probability = emissions[state * numCharacters + index] as number;
      if (probability > 0) emission[(index + 1) * 4 + state] = probabilities[probability - 1] ?? NaN;
    }
  }
  // Views would keep the whole file alive.
  return {
    words,
    frequencies: frequencies.slice(),
    logFrequencies: logFrequencies.slice(),
    logTotal: view.getFloat64(32, true),
    hmm: { start: start.slice(), transition: transition.slice(), row, emission },
  };
}
