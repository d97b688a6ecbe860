/** A model folder from somewhere else → one of our own, each file compared with its digest; and the comparison alone. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import { EngineError } from '../errors';
import { manifestFile, parseManifest } from '../manifest';
import type { Manifest } from '../manifest';
import { writeFolder } from './atomicFolder';
import { checkSpace, freeBytesOf } from './diskSpace';
import { writeDurably, type WriteOptions } from './onnx/writeModel';
import { ByteProgress } from './progress';

/** @throws EngineError 'model-missing' when it is no model folder, 'model-invalid' or 'model-damaged' from the manifest. */
function readManifest(folder: string): Manifest {
  const path = join(folder, manifestFile);
  if (!existsSync(path)) throw new EngineError('model-missing', `${folder} has no ${manifestFile}`);
  return parseManifest(readFileSync(path, 'utf8'));
}

function progressOf({ files }: Manifest, { onProgress }: WriteOptions): ByteProgress {
  const total = Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
  return new ByteProgress(total, onProgress);
}

/** Bytes; the longest licence has a few ten thousand. */
const longestNote = 1 << 20;

/**
 * What a person has put beside the model to be read, its card and its licence above all, which go where it goes. Whatever
 * else lies there may be large, or mean harm, and is nobody's that the manifest knows.
 */
function notesIn(folder: string, { files }: Manifest): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !Object.hasOwn(files, entry.name) && isNote(entry.name))
    .map(({ name }) => name)
    .filter((name) => statSync(join(folder, name)).size <= longestNote);
}

const isNote = (name: string): boolean =>
  /^[^.].*\.(?:md|txt|rst)$|^(?:readme|licen[cs]e|notice|copying)(?:[-.].*)?$/i.test(name);

/**
 * With the notes beside it.
 * @throws EngineError 'model-damaged' naming the file; `to` is then untouched.
 */
export async function copyModel(from: string, to: string, options: WriteOptions = {}): Promise<void> {
  const manifest = readManifest(from);
  const files = Object.entries(manifest.files);
  const progress = progressOf(manifest, options);
  await writeFolder(to, ['copy', manifest.files], [], async (folder) => {
    checkSpace(
      folder,
      files.reduce((sum, [, { bytes }]) => sum + bytes, 0),
      options.freeBytes ?? freeBytesOf,
    );
    for (const [name, { sha256 }] of files) {
      const target = openSync(join(folder, name), 'w');
      try {
        const found = await readThrough(join(from, name), progress, options.signal, (chunk) => {
          for (let done = 0; done < chunk.length;) done += writeSync(target, chunk, done);
        });
        if (found !== sha256)
          throw new EngineError('model-damaged', `${name} in ${from} is incomplete or damaged; copy it again`);
        fsyncSync(target);
      } finally {
        closeSync(target);
      }
    }
    for (const name of notesIn(from, manifest)) writeDurably(join(folder, name), readFileSync(join(from, name)));
    writeDurably(join(folder, manifestFile), readFileSync(join(from, manifestFile)));
  });
}

/** @returns the names of files that are missing or not what they were */
export async function verifyModel(folder: string, options: WriteOptions = {}): Promise<string[]> {
  const manifest = readManifest(folder);
  const progress = progressOf(manifest, options);
  const damaged: string[] = [];
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    const isWhole = existsSync(path) && statSync(path).size === bytes;
    if (!isWhole || (await readThrough(path, progress, options.signal)) !== sha256) damaged.push(name);
  }
  return damaged;
}

/** @returns the file's SHA-256 */
async function readThrough(
  path: string,
  progress: ByteProgress,
  signal: AbortSignal | undefined,
  use: (chunk: Uint8Array) => void = () => undefined,
): Promise<string> {
  if (!existsSync(path) || !statSync(path).isFile()) return 'missing'; // a pipe would be waited for without end
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(1 << 21);
  const fd = openSync(path, 'r');
  try {
    for (let count = 0; (count = readSync(fd, chunk)) > 0;) {
      await setImmediate();
      signal?.throwIfAborted();
      const part = chunk.subarray(0, count);
      hash.update(part);
      use(part);
      progress.advance(count);
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}
