/** A folder that appears complete or not at all. */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EngineError } from '../errors';
import { manifestFile } from '../manifest';

/**
 * Lets `fill` write into a hidden folder beside `target`, then gives it the target's name. If `fill` throws, the hidden
 * folder is removed and `target` is as it was. A model folder that stands at `target` is replaced; what a person added
 * to it (a model card) is carried over.
 * @throws EngineError 'model-invalid' when `target` holds something that is not a model folder.
 */
export async function writeFolder<T>(target: string, fill: (folder: string) => Promise<T>): Promise<T> {
  const to = resolve(target);
  const strangers = foreignFiles(to);
  mkdirSync(dirname(to), { recursive: true });
  sweep(to);
  const temporary = join(dirname(to), `.${basename(to)}.building-${randomUUID()}`);
  mkdirSync(temporary);
  try {
    const result = await fill(temporary);
    for (const name of strangers)
      if (!existsSync(join(temporary, name))) cpSync(join(to, name), join(temporary, name), { recursive: true });
    syncFolder(temporary);
    replace(temporary, to);
    return result;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Names in an existing model folder that its manifest does not list. */
function foreignFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder);
  if (names.length === 0) return [];
  if (!names.includes(manifestFile))
    throw new EngineError('model-invalid', `${folder} exists and is not a model folder; name another one or empty it`);
  let own: string[];
  try {
    const { files } = JSON.parse(readFileSync(join(folder, manifestFile), 'utf8')) as {
      files: Record<string, unknown>;
    };
    own = [manifestFile, ...Object.keys(files)];
  } catch (cause) {
    throw new EngineError('model-invalid', `${folder} has an unreadable ${manifestFile}; remove the folder first`, {
      cause,
    });
  }
  return names.filter((name) => !own.includes(name));
}

const dayMs = 24 * 3600 * 1000;

/** Removes what builds of `to` left that were killed: folders of their names that nobody has touched for a day. */
function sweep(to: string): void {
  const parent = dirname(to);
  const prefix = `.${basename(to)}.building-`;
  for (const name of readdirSync(parent)) {
    const isOurs = name.startsWith(prefix) && /^[0-9a-f-]{36}(?:\.replaced)?$/.test(name.slice(prefix.length));
    // Killed between the two renames, a build leaves the earlier model under such a name, and nothing under its own.
    if (!isOurs || (name.endsWith('.replaced') && !existsSync(to))) continue;
    const path = join(parent, name);
    if (Date.now() - statSync(path).mtimeMs > dayMs) rmSync(path, { recursive: true, force: true });
  }
}

/** No system call swaps two folders on every platform; between the renames `to` is absent, never half-written. */
function replace(from: string, to: string): void {
  const aside = existsSync(to) ? `${from}.replaced` : undefined;
  if (aside) renameSync(to, aside);
  try {
    renameSync(from, to);
  } catch (error) {
    if (aside) renameSync(aside, to);
    throw error;
  }
  syncFolder(dirname(to));
  if (aside) rmSync(aside, { recursive: true, force: true });
}

/** Makes the names in a folder durable. Windows cannot open folders, and needs no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
