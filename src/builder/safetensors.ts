/**
 * Reads .safetensors files: 8 bytes header length (little-endian), a JSON header, then the tensors' bytes.
 * Format: https://github.com/huggingface/safetensors#format. The file may come from anyone, so nothing in the header
 * is believed before it is checked.
 */
import { copyAgain, withFile, type CheckpointFile } from './checkpointFile';
import { denseStrides, streamStored, valueBytes } from './storedTensor';
import { parseJsonObject } from './strictJson';
import { numValues, shapeText, type TensorInfo, type TensorSource, type TensorStream } from './tensorStream';

export interface SafetensorsEntry extends TensorInfo {
  /** First byte in the file, and the one after the last. */
  begin: number;
  end: number;
}

/** The format allows 100 MB, which would take gigabytes to parse; a model of a thousand tensors has 0.1 MB. */
const maxHeaderBytes = 16 << 20;

export class SafetensorsFile implements TensorSource {
  readonly #file: CheckpointFile;
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;

  private constructor(file: CheckpointFile) {
    this.#file = file;
    this.tensors = readHeader(file);
  }

  /** @throws EngineError 'checkpoint-invalid' saying what is wrong with the file. */
  static open(path: string): SafetensorsFile {
    return withFile(path, (file) => new SafetensorsFile(file));
  }

  close(): void {
    this.#file.close();
  }

  stream(name: string, rows?: { from: number; to: number }): TensorStream {
    const entry = this.tensors.get(name);
    if (!entry) return this.#file.fail(`has no tensor ${name}`, name);
    return streamStored(name, { ...entry, source: this.#file, strides: denseStrides(entry.shape) }, rows);
  }
}

function readHeader(file: CheckpointFile): Map<string, SafetensorsEntry> {
  if (file.size < 8) file.fail(`is truncated: ${file.size} bytes, shorter than the length of its header; ${copyAgain}`);
  const headerBytes = file.bytes(0, 8).readBigUInt64LE();
  if (headerBytes > BigInt(maxHeaderBytes))
    file.fail(`claims a header of ${headerBytes.toString()} bytes; at most ${maxHeaderBytes} are read. ${copyAgain}`);
  const dataStart = 8 + Number(headerBytes);
  if (dataStart > file.size)
    file.fail(`is truncated: the header needs ${dataStart} bytes, the file has ${file.size}; ${copyAgain}`);
  const json = file.bytes(8, Number(headerBytes)).toString('utf8');
  const header = parseJsonObject(json, (what) => file.fail(`has a header that ${what}; ${copyAgain}`));
  const tensors = new Map<string, SafetensorsEntry>();
  for (const [name, entry] of Object.entries(header))
    if (name !== '__metadata__') tensors.set(name, parseEntry(file, name, entry, dataStart));
  checkOffsets(file, tensors, dataStart);
  return tensors;
}

function parseEntry(file: CheckpointFile, name: string, entry: unknown, dataStart: number): SafetensorsEntry {
  if (typeof entry !== 'object' || entry === null) return file.fail(`describes tensor ${name} by no object`, name);
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  const itemBytes = typeof dtype === 'string' && Object.hasOwn(valueBytes, dtype) ? valueBytes[dtype] : undefined;
  if (itemBytes === undefined) return file.fail(`tensor ${name} has unknown type ${inShort(dtype)}`, name);
  if (!isSizes(shape) || !Number.isSafeInteger(numValues(shape) * itemBytes))
    return file.fail(`tensor ${name} has an impossible shape ${inShort(shape)}`, name);
  const [begin, end] = isSizes(offsets) ? offsets : [];
  if (begin === undefined || end === undefined || begin > end)
    return file.fail(`tensor ${name} has impossible data_offsets ${inShort(offsets)}`, name);
  const expected = numValues(shape) * itemBytes;
  if (end - begin !== expected)
    return file.fail(
      `tensor ${name}: ${dtype as string} ${shapeText(shape)} takes ${expected} bytes, data_offsets give ${end - begin}`,
      name,
    );
  return { file: file.name, dtype: dtype as string, shape, begin: dataStart + begin, end: dataStart + end };
}

function checkOffsets(file: CheckpointFile, tensors: Map<string, SafetensorsEntry>, dataStart: number): void {
  let lastEnd = dataStart;
  let lastName = '';
  for (const [name, { begin, end }] of [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (begin < lastEnd) file.fail(`tensors ${lastName} and ${name} overlap; ${copyAgain}`, name);
    if (end > file.size)
      file.fail(`is truncated: tensor ${name} ends at byte ${end}, the file has ${file.size}; ${copyAgain}`, name);
    lastEnd = end;
    lastName = name;
  }
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

/** As JSON, but not longer than a message should be. */
function inShort(value: unknown): string {
  return JSON.stringify(value ?? null).slice(0, 200);
}
