// What is in a zip file, such as a VSIX. Nothing is larger than 4 GB here.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** @typedef {{ name: string, bytes: number, packed: number, at: number, isPacked: boolean }} ZipEntry */

/** The central directory. @param {Buffer} zip @returns {ZipEntry[]} */
export function zipEntries(zip) {
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const entries = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = zip.readUInt16LE(at + 28);
    entries.push({
      name: zip.toString('utf8', at + 46, at + 46 + nameLength),
      ...{ packed: zip.readUInt32LE(at + 20), bytes: zip.readUInt32LE(at + 24) },
      ...{ at: zip.readUInt32LE(at + 42), isPacked: zip.readUInt16LE(at + 10) !== 0 },
    });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

/** @param {Buffer} zip @param {ZipEntry} entry */
export function unpacked(zip, { at, packed, isPacked }) {
  const start = at + 30 + zip.readUInt16LE(at + 26) + zip.readUInt16LE(at + 28);
  const content = zip.subarray(start, start + packed);
  return isPacked ? inflateRawSync(content) : content;
}

/** Our own packages only: names are taken as they are. @param {Buffer} zip @param {string} folder */
export function unzip(zip, folder) {
  for (const entry of zipEntries(zip)) {
    if (entry.name.endsWith('/')) continue;
    mkdirSync(dirname(join(folder, entry.name)), { recursive: true });
    writeFileSync(join(folder, entry.name), unpacked(zip, entry));
  }
}
