/**
 * What a model's training text went on with after one to four tokens: a table that lies beside the network and is laid over
 * its probabilities. models/recipe/ngrams.py makes it and describes the file.
 */
import { EngineError } from '../errors';
import type { EvidenceLevel, EvidenceSource } from './evidence';

const magic = 0x4d52474e; // "NGRM"
const format = 1;
const bucketCount = 32;

/** Contexts of one length. Entries of context i are [firsts[i], firsts[i + 1]) of `tokens` and `codes`. */
interface Section {
  /** Ascending. */
  hashes: Uint32Array;
  firsts: Uint32Array;
  buckets: Uint8Array;
  tokens: Uint16Array;
  /** −16 · log2 of a count's share of its context's largest. */
  codes: Uint8Array;
}

const shareOfCode = Float32Array.from({ length: 256 }, (_, code) => 2 ** (-code / 16));

export class NgramTable implements EvidenceSource {
  private constructor(
    /** [longest context, bucketCount] */
    private readonly shares: Float32Array,
    /** By length; contexts of one token first. */
    private readonly sections: readonly Section[],
  ) {}

  /** Keeps views of `file`. @throws EngineError 'model-damaged', or 'model-invalid' where it belongs to another model. */
  static read(file: Uint8Array, vocabSize: number): NgramTable {
    const input = new Sections(file);
    const [found, version, longest, vocabulary] = input.uint32(4);
    if (found !== magic || version !== format) throw new EngineError('model-invalid', 'ngrams.bin: unknown format');
    if (vocabulary !== vocabSize)
      throw new EngineError('model-invalid', `ngrams.bin is for ${vocabulary} tokens, the model has ${vocabSize}`);
    const shares = input.float32((longest as number) * bucketCount);
    // A share of 1 would leave nothing to the network, and one that is no number nothing to anybody.
    if (!shares.every((share) => share >= 0 && share < 1)) throw damaged();
    const sections = Array.from({ length: longest as number }, () => readSection(input, vocabSize));
    input.end();
    return new NgramTable(shares, sections);
  }

  levels(context: readonly number[]): EvidenceLevel[] {
    const levels: EvidenceLevel[] = [];
    for (let length = Math.min(this.sections.length, context.length); length > 0; length--) {
      const section = this.sections[length - 1] as Section;
      const at = indexOf(section.hashes, contextHash(context, length));
      if (at < 0) continue;
      const [first, end] = [section.firsts[at] as number, section.firsts[at + 1] as number];
      levels.push({
        share: this.shares[(length - 1) * bucketCount + (section.buckets[at] as number)] as number,
        tokenIds: section.tokens.subarray(first, end),
        counts: counts(section.codes, first, end),
      });
    }
    return levels;
  }
}

function readSection(input: Sections, vocabSize: number): Section {
  const [numContexts, numEntries] = input.uint32(2) as unknown as [number, number];
  const hashes = input.uint32(numContexts);
  const sizes = input.uint16(numContexts);
  const buckets = input.uint8(numContexts);
  const tokens = input.uint16(numEntries);
  const codes = input.uint8(numEntries);
  const firsts = new Uint32Array(numContexts + 1);
  for (let i = 0; i < numContexts; i++) firsts[i + 1] = (firsts[i] as number) + (sizes[i] as number);
  const isWhole = firsts[numContexts] === numEntries && areBelow(bucketCount, buckets) && areBelow(vocabSize, tokens);
  if (!isWhole) throw damaged();
  return { hashes, firsts, buckets, tokens, codes };
}

/** A loop: `every` calls a function for each of three million, which took a sixth of the built-in model's load. */
function areBelow(limit: number, values: Uint8Array | Uint16Array): boolean {
  for (let i = 0; i < values.length; i++) if ((values[i] as number) >= limit) return false;
  return true;
}

/** A loop: `Float32Array.from` takes as long for the thousands that follow a comma as a layer of the network. */
function counts(codes: Uint8Array, first: number, end: number): Float32Array {
  const decoded = new Float32Array(end - first);
  for (let i = first; i < end; i++) decoded[i - first] = shareOfCode[codes[i] as number] as number;
  return decoded;
}

/** Of the last `length` tokens, oldest first. The table has 32 bits of it: one context in ten thousand meets a stranger. */
function contextHash(context: readonly number[], length: number): number {
  let hash = length;
  for (let i = context.length - length; i < context.length; i++) {
    hash = Math.imul(hash ^ (context[i] as number), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

/** Binary search. @returns −1 where it is not */
function indexOf(ascending: Uint32Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === value ? low : -1;
}

/** Typed views, one after the other, each beginning at a multiple of 4 bytes. */
class Sections {
  private at: number;

  constructor(private readonly file: Uint8Array) {
    // Views of 32 bits need aligned memory; a file that was read whole has it, a slice of a pool may not.
    if (file.byteOffset % 4 !== 0) this.file = file.slice();
    this.at = 0;
  }

  uint32(count: number): Uint32Array {
    return new Uint32Array(...this.take(count, 4));
  }

  float32(count: number): Float32Array {
    return new Float32Array(...this.take(count, 4));
  }

  uint16(count: number): Uint16Array {
    return new Uint16Array(...this.take(count, 2));
  }

  uint8(count: number): Uint8Array {
    return new Uint8Array(...this.take(count, 1));
  }

  end(): void {
    if (this.at !== this.file.byteLength) throw damaged();
  }

  private take(count: number, bytesEach: number): [ArrayBuffer, number, number] {
    const start = this.at;
    const bytes = count * bytesEach;
    if (start + bytes > this.file.byteLength) throw damaged();
    this.at = Math.min(this.file.byteLength, start + bytes + (-bytes & 3));
    return [this.file.buffer as ArrayBuffer, this.file.byteOffset + start, count];
  }
}

function damaged(): EngineError {
  return new EngineError('model-damaged', 'ngrams.bin is incomplete or damaged');
}
