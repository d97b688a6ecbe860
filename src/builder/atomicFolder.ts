/** A folder that appears complete or not at all. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EngineError } from '../errors';
import { manifestFile } from '../manifest';
import { renameFolder } from '../renaming';

/** In the hidden folder: the process that fills it. */
const ownerFile = 'owner';

/** An owner that has not shown itself for so long is dead, whoever has its process id now. */
const silenceMs = 120_000;

/**
 * Lets `fill` write into a hidden folder beside `target`, then gives it the target's name. If `fill` throws, the hidden
 * folder is removed and `target` is as it was; if the process is killed, the next call with the same `contents` fills
 * the same folder, in which `fill` finds what it has left there. A model folder that stands at `target` is replaced;
 * what a person added to it (a model card) is carried over.
 * @param contents tells apart what may be filled in
 * @param scratch names of files that `fill` needs only while it works
 * @throws EngineError 'model-invalid' when `target` holds something that is not a model folder; 'busy' when another
 *   process is making a folder of this name, whatever it fills in: the later one would replace the other; 'disk-full'
 *   when there is no room left; 'not-writable' where nothing may be written, no file of such a size, or no name of such a
 *   length.
 */
export async function writeFolder<T>(
  target: string,
  contents: unknown,
  scratch: readonly string[],
  fill: (folder: string) => Promise<T>,
): Promise<T> {
  // Behind a link, as to a larger disk, it is what the link leads to that is replaced.
  const to = existsSync(target) ? realpathSync(target) : resolve(target);
  try {
    return await fillFolder(to, contents, scratch, fill);
  } catch (error) {
    throw writingError(error as NodeJS.ErrnoException, to);
  }
}

async function fillFolder<T>(
  to: string,
  contents: unknown,
  scratch: readonly string[],
  fill: (folder: string) => Promise<T>,
): Promise<T> {
  makeFolder(dirname(to));
  const key = createHash('sha256').update(JSON.stringify(contents)).digest('hex').slice(0, 36);
  const temporary = join(dirname(to), `.${basename(to)}.building-${key}`);
  if (unfinished(to).some(isOccupied))
    throw new EngineError(
      'busy',
      `a model is being made as ${to} in another window or terminal; wait until it is done, or choose another name`,
    );
  await restore(to);
  const strangers = foreignFiles(to);
  const release = occupy(temporary);
  try {
    sweep(to);
    const result = await fill(temporary);
    for (const name of strangers)
      if (!existsSync(join(temporary, name))) cpSync(join(to, name), join(temporary, name), { recursive: true });
    for (const name of [...scratch, ownerFile]) rmSync(join(temporary, name), { force: true });
    syncFolder(temporary);
    await replace(temporary, to);
    return result;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  } finally {
    release();
  }
}

/** What the system says of writing `to`, in our terms; everything else as it is: a source beside it may be unreadable. */
function writingError(error: NodeJS.ErrnoException, to: string): unknown {
  const folder = dirname(to);
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    return new EngineError('disk-full', 'the disk is full; make room and try again', { cause: error });
  const refused = (why: string): EngineError =>
    new EngineError('not-writable', `${to} cannot be written: ${why}`, {
      cause: error,
      subject: folder.replaceAll('\\', '/'),
    });
  if (error.code === 'EFBIG')
    return refused('its disk takes no file of that size; FAT32, as on many USB sticks, none of 4 GB and more');
  if (error.code === 'ENAMETOOLONG') return refused('the name is too long; choose one of at most 60 characters');
  // Where a file system allows no writing, Node.js says of a folder to be made that it is not there.
  const isReadOnly = error.code === 'EROFS' || (error.code === 'ENOENT' && error.syscall === 'mkdir');
  const isDenied = error.code === 'EACCES' || error.code === 'EPERM' || isReadOnly;
  const { path } = error;
  const ours = [to, join(folder, `.${basename(to)}.`)];
  if (!isDenied || path === undefined || (path !== folder && !ours.some((own) => path.startsWith(own)))) return error;
  return refused(error.message);
}

/** Whether another process is filling it. */
function isOccupied(folder: string): boolean {
  const path = join(folder, ownerFile);
  return (
    existsSync(path) && isAlive(Number(readFileSync(path, 'utf8'))) && Date.now() - statSync(path).mtimeMs < silenceMs
  );
}

/** @returns a function that ends it */
function occupy(folder: string): () => void {
  const path = join(folder, ownerFile);
  makeFolder(folder);
  rmSync(path, { force: true }); // so that the folder counts as touched today
  writeFileSync(path, String(process.pid));
  const timer = setInterval(() => {
    const now = new Date();
    if (existsSync(path)) utimesSync(path, now, now);
  }, silenceMs / 4);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * With those above it. Not by Node.js's `recursive`, which tries without end where a file system makes no folders and says
 * that they are not there, as /proc does.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made it.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Another process; what this one began and did not end, it has lost. */
function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Names in an existing model folder that its manifest does not list. */
function foreignFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  if (!statSync(folder).isDirectory())
    throw new EngineError('model-invalid', `${folder} is a file; name a folder, which is made where there is none`);
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

/** The folders that builds of `to` fill, or left when they were killed. */
function unfinished(to: string): string[] {
  const parent = dirname(to);
  const prefix = `.${basename(to)}.building-`;
  return readdirSync(parent)
    .filter((name) => name.startsWith(prefix) && /^[0-9a-f-]{36}(?:\.replaced)?$/.test(name.slice(prefix.length)))
    .map((name) => join(parent, name));
}

/** Killed between the two renames, a build leaves the earlier model under such a name, and nothing under its own. */
async function restore(to: string): Promise<void> {
  const earlier = existsSync(to) ? undefined : unfinished(to).find((path) => path.endsWith('.replaced'));
  if (earlier !== undefined) await renameFolder(earlier, to);
}

/** Removes what builds of `to` left that were killed and that nobody has touched for a day. */
function sweep(to: string): void {
  for (const path of unfinished(to))
    if (Date.now() - statSync(path).mtimeMs > dayMs) rmSync(path, { recursive: true, force: true });
}

/** No system call swaps two folders on every platform; between the renames `to` is absent, never half-written. */
async function replace(from: string, to: string): Promise<void> {
  const aside = existsSync(to) ? `${from}.replaced` : undefined;
  // What a build has left there that was killed while it removed it; a folder takes no name that is not free.
  if (aside) rmSync(aside, { recursive: true, force: true });
  if (aside) await renameFolder(to, aside);
  try {
    await renameFolder(from, to);
  } catch (error) {
    if (aside) await renameFolder(aside, to);
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
