/**
 * The directory of a zip archive, ZIP64 included. torch.save stores entries as they are, so that each is a part of the
 * file; compressed ones are refused, and nothing is ever inflated.
 * Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.
 */
import { copyAgain, type CheckpointFile } from '../checkpointFile';
import { ByteReader } from './byteReader';

export interface ZipEntry {
  /** First byte in the file, and the one after the last. */
  begin: number;
  end: number;
}

const endBytes = 22;
const maxCommentBytes = 0xffff;
/** A hundred bytes an entry, an entry a tensor. */
const maxDirectoryBytes = 32 << 20;

/** @throws EngineError 'checkpoint-invalid' when the directory contradicts itself or the file. */
export function readZip(file: CheckpointFile): Map<string, ZipEntry> {
  const { count, position, bytes } = findDirectory(file);
  if (bytes > maxDirectoryBytes || position + bytes > file.size)
    file.fail(`is truncated or no zip archive: its directory would end at byte ${position + bytes}; ${copyAgain}`);
  const reader = new ByteReader(file, position, position + bytes);
  const entries = new Map<string, ZipEntry>();
  for (let i = 0; i < count; i++) {
    const { name, ...entry } = readEntry(file, reader);
    if (entries.has(name)) file.fail(`holds two entries ${name.slice(0, 200)}; ${copyAgain}`);
    entries.set(name, entry);
  }
  checkOverlap(file, entries, position);
  return entries;
}

function findDirectory(file: CheckpointFile): { count: number; position: number; bytes: number } {
  const tailBytes = Math.min(file.size, endBytes + maxCommentBytes);
  const tail = file.bytes(file.size - tailBytes, tailBytes);
  let at = tail.length - endBytes;
  while (at >= 0 && tail.readUInt32LE(at) !== 0x06054b50) at--;
  if (at < 0) return file.fail(`is truncated: the directory at its end is missing; ${copyAgain}`);
  if (tail.readUInt16LE(at + 4) !== 0 && tail.readUInt16LE(at + 4) !== 0xffff)
    file.fail('is one part of a zip archive in several');
  const found = {
    count: tail.readUInt16LE(at + 10),
    bytes: tail.readUInt32LE(at + 12),
    position: tail.readUInt32LE(at + 16),
  };
  const needs64 = found.count === 0xffff || found.bytes === 0xffffffff || found.position === 0xffffffff;
  const locator = file.size - tailBytes + at - 20;
  if (!needs64 || locator < 0) return found;
  const pointer = file.bytes(locator, 20);
  if (pointer.readUInt32LE() !== 0x07064b50) return found;
  const position = safe(file, pointer.readBigUInt64LE(8));
  if (position + 56 > file.size) return file.fail(`is truncated: its directory is at byte ${position}; ${copyAgain}`);
  const end = file.bytes(position, 56);
  if (end.readUInt32LE() !== 0x06064b50) return file.fail(`has no directory where one should be; ${copyAgain}`);
  return {
    count: safe(file, end.readBigUInt64LE(32)),
    bytes: safe(file, end.readBigUInt64LE(40)),
    position: safe(file, end.readBigUInt64LE(48)),
  };
}

function readEntry(file: CheckpointFile, reader: ByteReader): ZipEntry & { name: string } {
  const head = Buffer.from(reader.bytes(46));
  if (head.readUInt32LE() !== 0x02014b50) file.fail(`has a damaged directory; ${copyAgain}`);
  const name = reader.bytes(head.readUInt16LE(28)).toString('utf8');
  const extra = Buffer.from(reader.bytes(head.readUInt16LE(30)));
  reader.bytes(head.readUInt16LE(32)); // comment
  const method = head.readUInt16LE(10);
  if (method !== 0)
    file.fail(
      `holds ${name.slice(0, 200)} compressed (zip method ${method}); torch.save does not compress: use the file as ` +
        `PyTorch wrote it, or unpack it and pack it again with zip -0`,
    );
  if ((head.readUInt16LE(8) & 1) !== 0)
    file.fail(`holds ${name.slice(0, 200)} encrypted; use the file without password`);
  const large = zip64Values(file, extra);
  const [size, stored, local] = [24, 20, 42].map((field) => {
    const value = head.readUInt32LE(field);
    return value === 0xffffffff ? (large.shift() ?? value) : value;
  }) as [number, number, number];
  if (size !== stored) file.fail(`says that ${name.slice(0, 200)} has ${size} bytes and ${stored}; ${copyAgain}`);
  const begin = localData(file, name, local);
  if (begin + size > file.size)
    file.fail(
      `is truncated: ${name.slice(0, 200)} ends at byte ${begin + size}, the file has ${file.size}; ${copyAgain}`,
    );
  return { name, begin, end: begin + size };
}

/** Sizes and position that do not fit 32 bits, in the order size, stored size, position; those that fit are left out. */
function zip64Values(file: CheckpointFile, extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length;) {
    const bytes = extra.readUInt16LE(at + 2);
    const field = extra.subarray(at + 4, at + 4 + bytes);
    if (extra.readUInt16LE(at) === 1)
      return Array.from({ length: Math.floor(field.length / 8) }, (_, i) => safe(file, field.readBigUInt64LE(8 * i)));
    at += 4 + bytes;
  }
  return [];
}

/** Where the entry's bytes begin: its local header may be longer than the directory says, to align them. */
function localData(file: CheckpointFile, name: string, position: number): number {
  if (position + 30 > file.size)
    file.fail(
      `is truncated: ${name.slice(0, 200)} begins at byte ${position}, the file has ${file.size}; ${copyAgain}`,
    );
  const head = file.bytes(position, 30);
  if (head.readUInt32LE() !== 0x04034b50)
    file.fail(`has no entry ${name.slice(0, 200)} where it should be; ${copyAgain}`);
  return position + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
}

function checkOverlap(file: CheckpointFile, entries: Map<string, ZipEntry>, directory: number): void {
  let last = { name: '', end: 0 };
  for (const [name, { begin, end }] of [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (begin < last.end || end > directory)
      file.fail(`holds entries that overlap (${last.name.slice(0, 200)}, ${name.slice(0, 200)}); ${copyAgain}`);
    last = { name, end };
  }
}

function safe(file: CheckpointFile, value: bigint): number {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : file.fail(`has impossible sizes; ${copyAgain}`);
}
