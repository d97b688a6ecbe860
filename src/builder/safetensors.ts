/**
 * Reads .safetensors files: 8 bytes header length (little-endian), a JSON header, then the tensors' bytes.
 * Format: https://github.com/huggingface/safetensors#format. The file may come from anyone, so nothing in the header
 * is believed before it is checked.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { EngineError } from '../errors';
import { decodeBfloat16, decodeHalf } from './halfFloats';
import { blockValues, bytesOf, numValues, rowLength, shapeText, type TensorStream } from './tensorStream';

export interface TensorInfo {
  dtype: string;
  shape: number[];
  /** First byte in the file, and the one after the last. */
  begin: number;
  end: number;
}

/** The format's own limit. */
const maxHeaderBytes = 100_000_000;

/** Bytes per value. Only the float types can be read; the others occur in files (masks), so they must parse. */
const dtypeBytes: Record<string, number> = {
  ...{ BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1, I16: 2, U16: 2, F16: 2, BF16: 2 },
  ...{ I32: 4, U32: 4, F32: 4, F64: 8, I64: 8, U64: 8 },
};

export class SafetensorsFile {
  readonly #fd: number;
  readonly #path: string;
  readonly tensors: ReadonlyMap<string, TensorInfo>;

  /** @throws EngineError 'checkpoint-invalid' saying what is wrong with the file. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#fd = openSync(path, 'r');
    } catch (cause) {
      throw new EngineError('checkpoint-invalid', `cannot open ${path}`, { cause });
    }
    try {
      this.tensors = this.#readHeader();
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** @throws EngineError 'checkpoint-invalid' when there is no such tensor or its type is not a float one. */
  stream(name: string): TensorStream {
    const info = this.tensors.get(name);
    if (!info) return this.#fail(`has no tensor ${name}`);
    if (!['F32', 'F16', 'BF16'].includes(info.dtype))
      return this.#fail(`tensor ${name} has type ${info.dtype}; F32, F16 and BF16 can be read`);
    return { name, shape: info.shape, blocks: () => this.#blocks(info) };
  }

  *#blocks({ dtype, shape, begin, end }: TensorInfo): Generator<Float32Array> {
    const rows = Math.max(1, Math.floor(blockValues / Math.max(1, rowLength(shape))));
    const size = Math.min(numValues(shape), rows * rowLength(shape));
    const values = new Float32Array(size);
    const raw = dtype === 'F32' ? bytesOf(values) : new Uint8Array(size * 2);
    for (let position = begin; position < end; position += raw.length) {
      const bytes = raw.subarray(0, Math.min(raw.length, end - position));
      this.#read(bytes, position);
      const block = values.subarray(0, (bytes.length / raw.length) * size);
      const halves = new Uint16Array(raw.buffer, 0, dtype === 'F32' ? 0 : block.length);
      if (dtype === 'F16') decodeHalf(halves, block);
      if (dtype === 'BF16') decodeBfloat16(halves, block);
      yield block;
    }
  }

  #read(into: Uint8Array, position: number): void {
    for (let done = 0; done < into.length;) {
      const count = readSync(this.#fd, into, done, into.length - done, position + done);
      if (count === 0) this.#fail('ended while it was read');
      done += count;
    }
  }

  #readHeader(): Map<string, TensorInfo> {
    const { size } = fstatSync(this.#fd);
    if (size < 8) this.#fail(`is truncated: ${size} bytes, shorter than the length of its header`);
    const prefix = Buffer.alloc(8);
    this.#read(prefix, 0);
    const headerBytes = prefix.readBigUInt64LE();
    if (headerBytes > BigInt(maxHeaderBytes))
      this.#fail(`claims a header of ${headerBytes.toString()} bytes; the format allows ${maxHeaderBytes}`);
    const dataStart = 8 + Number(headerBytes);
    if (dataStart > size) this.#fail(`is truncated: the header needs ${dataStart} bytes, the file has ${size}`);
    const header = Buffer.alloc(Number(headerBytes));
    this.#read(header, 8);
    const tensors = this.#parseHeader(header.toString('utf8'), dataStart);
    this.#checkOffsets(tensors, dataStart, size);
    return tensors;
  }

  #parseHeader(json: string, dataStart: number): Map<string, TensorInfo> {
    let header: unknown;
    try {
      header = JSON.parse(json);
    } catch {
      this.#fail('has a header that is not JSON');
    }
    if (typeof header !== 'object' || header === null || Array.isArray(header))
      return this.#fail('has a header that is not a JSON object');
    const tensors = new Map<string, TensorInfo>();
    for (const [name, entry] of Object.entries(header)) {
      if (name === '__metadata__') continue;
      tensors.set(name, this.#parseTensor(name, entry as unknown, dataStart));
    }
    return tensors;
  }

  #parseTensor(name: string, entry: unknown, dataStart: number): TensorInfo {
    if (typeof entry !== 'object' || entry === null) return this.#fail(`describes tensor ${name} by no object`);
    const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
    const itemBytes = typeof dtype === 'string' && Object.hasOwn(dtypeBytes, dtype) ? dtypeBytes[dtype] : undefined;
    if (itemBytes === undefined) return this.#fail(`tensor ${name} has unknown type ${JSON.stringify(dtype)}`);
    if (!isSizes(shape) || !Number.isSafeInteger(numValues(shape) * itemBytes))
      return this.#fail(`tensor ${name} has an impossible shape ${JSON.stringify(shape)}`);
    const [begin, end] = isSizes(offsets) ? offsets : [];
    if (begin === undefined || end === undefined || begin > end)
      return this.#fail(`tensor ${name} has impossible data_offsets ${JSON.stringify(offsets)}`);
    const expected = numValues(shape) * itemBytes;
    if (end - begin !== expected)
      return this.#fail(
        `tensor ${name}: ${dtype as string} ${shapeText(shape)} takes ${expected} bytes, data_offsets give ${end - begin}`,
      );
    return { dtype: dtype as string, shape, begin: dataStart + begin, end: dataStart + end };
  }

  #checkOffsets(tensors: Map<string, TensorInfo>, dataStart: number, size: number): void {
    let lastEnd = dataStart;
    let lastName = '';
    for (const [name, { begin, end }] of [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
      if (begin < lastEnd) this.#fail(`tensors ${lastName} and ${name} overlap`);
      if (end > size) this.#fail(`is truncated: tensor ${name} ends at byte ${end}, the file has ${size}`);
      lastEnd = end;
      lastName = name;
    }
  }

  #fail(what: string): never {
    throw new EngineError('checkpoint-invalid', `${basename(this.#path)} ${what}`);
  }
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}
