/** Which files of a folder may be read: those in it, whatever names an index or a link in it gives. */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { EngineError, type CheckpointFault } from '../errors';
import { readWhole } from './checkpointFile';
import { parseJsonObject } from './strictJson';

/** Bytes; a configuration has a few thousand, the index of a large model some hundred thousand. */
const maxJsonBytes = 8 << 20;

/** Names of what is in the folder. @throws EngineError 'checkpoint-invalid' when it is no folder. */
export function fileNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new EngineError('checkpoint-invalid', `${folder} is not a folder that can be read; choose another`, {
      cause,
    });
  }
}

/**
 * The path of a file of the folder, or undefined when there is none of this name.
 * @throws EngineError 'checkpoint-invalid' when the name or a link leads out of the folder, or to something that is not
 *   a file (a pipe would be waited for without end).
 */
export function fileIn(folder: string, name: string): string | undefined {
  if (name === '' || name !== basename(name) || name === '..' || name === '.' || /[\\/\0]/.test(name))
    return fail(`${JSON.stringify(name.slice(0, 200))} is not the name of a file in ${folder}`);
  const path = join(resolve(folder), name);
  let target: string;
  try {
    target = realpathSync(path);
  } catch {
    return undefined;
  }
  const home = realpathSync(folder);
  if (!isInside(target, home) && !isInside(target, blobsOf(home)))
    return fail(`${name} is a link that leads out of ${folder}; copy the file itself into the folder`, 'link', name);
  if (!statSync(target).isFile()) return fail(`${name} in ${folder} is not a file`);
  return path;
}

/** @throws EngineError 'checkpoint-invalid' when there is no such file, too. */
export function requiredFileIn(folder: string, name: string): string {
  return fileIn(folder, name) ?? fail(`${folder} has no ${name}`, 'missing-part', name);
}

/** Reads a JSON object. @throws EngineError 'checkpoint-invalid' naming the file. */
export function readJsonIn(folder: string, name: string): Record<string, unknown> {
  const path = requiredFileIn(folder, name);
  const json = readWhole(path, maxJsonBytes).toString('utf8');
  // Some editors on Windows begin a file with a mark of its encoding.
  return parseJsonObject(json.replace(/^\uFEFF/, ''), (what) => fail(`${name} ${what}`, 'incomplete', name));
}

/** The Hugging Face cache keeps files in `<model>/blobs` and links to them from `<model>/snapshots/<revision>`. */
function blobsOf(home: string): string {
  const snapshots = dirname(home);
  return basename(snapshots) === 'snapshots' ? join(dirname(snapshots), 'blobs') : home;
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function fail(what: string, fault?: CheckpointFault, subject?: string): never {
  throw new EngineError('checkpoint-invalid', what, { fault, subject });
}
