/** The models that are there: the built-in one, the imported ones in one folder, and one that the settings name. */
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { EngineError } from '../../errors';
import { manifestFile, parseManifest } from '../../manifest';
import type { Manifest } from '../../manifest';
import { renameFolder } from '../../renaming';

const removed = '.removed-';

/** As builder/atomicFolder.ts names what it fills. */
const unfinished = /^\..+\.building-[0-9a-f]{36}$/;
const dayMs = 24 * 3600 * 1000;

export interface ListedModel {
  dir: string;
  origin: 'builtin' | 'imported' | 'elsewhere';
  /** What is wrong with it takes the place of what it is. */
  manifest: Manifest | EngineError;
}

export class ModelLibrary {
  /** @param builtin the built-in model's folder @param folder where imported ones are, each in a folder of its own */
  constructor(
    readonly builtin: string,
    readonly folder: string,
  ) {}

  /** @param named the folder that the settings name; '' where they name none */
  async list(named: string): Promise<ListedModel[]> {
    const names = existsSync(this.folder) ? await readdir(this.folder) : [];
    const imported = names.filter((name) => !name.startsWith('.')).map((name) => join(this.folder, name));
    const models: ListedModel[] = [await listed(this.builtin, 'builtin')];
    for (const dir of imported.sort()) models.push(await listed(dir, 'imported'));
    const isThere = named === '' || models.some(({ dir }) => resolve(dir) === resolve(named));
    if (!isThere) models.push(await listed(named, 'elsewhere'));
    return models;
  }

  /** A folder for a model of this name that does not exist yet. */
  freeFolder(name: string): string {
    const plain = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '').slice(0, 60);
    const slug = plain.replace(/[\ud800-\udbff]$/, '').replace(/[.-]+$/, '') || 'model'; // nor half a character
    for (let count = 1; ; count++) {
      const dir = join(this.folder, count === 1 ? slug : `${slug}-${count}`);
      if (!existsSync(dir)) return dir;
    }
  }

  /**
   * The name is in the manifest, so that it goes where the folder goes.
   * @throws EngineError 'model-missing', 'not-writable', 'disk-full'; the name is then as it was
   */
  async rename(dir: string, name: string): Promise<void> {
    const path = join(dir, manifestFile);
    const draft = `${path}.new`;
    try {
      const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest;
      await writeFile(draft, `${JSON.stringify({ ...manifest, name }, null, 2)}\n`);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw inOurTerms(error, dir);
    }
  }

  /**
   * First under a name that is not listed, so that one that cannot be removed whole is not half a model. One that is gone
   * already, as when another window has removed it, is what was wanted.
   * @throws EngineError 'not-writable'
   */
  async remove(dir: string): Promise<void> {
    try {
      if (existsSync(dir)) await renameFolder(dir, join(this.folder, `${removed}${basename(dir)}-${Date.now()}`));
      await this.sweep();
    } catch (error) {
      throw inOurTerms(error, dir);
    }
  }

  /**
   * Removes what is large and nobody's any more: models whose files were in use when they were removed, and imports that
   * were killed and not begun again for a day.
   */
  async sweep(): Promise<void> {
    const names = existsSync(this.folder) ? await readdir(this.folder) : [];
    for (const name of names) {
      const path = join(this.folder, name);
      const isLost = unfinished.test(name) && Date.now() - (await stat(path)).mtimeMs > dayMs;
      if (isLost || name.startsWith(removed)) await rm(path, { recursive: true, force: true });
    }
  }
}

/** What the system says of a model's folder. */
export function inOurTerms(error: unknown, dir: string): EngineError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new EngineError('model-missing', message, { cause: error });
  if (code === 'ENOSPC' || code === 'EDQUOT') return new EngineError('disk-full', message, { cause: error });
  if (!['EACCES', 'EPERM', 'EROFS', 'EBUSY'].includes(code)) return EngineError.from(error);
  return new EngineError('not-writable', message, { cause: error, subject: dir.replaceAll('\\', '/') });
}

async function listed(dir: string, origin: ListedModel['origin']): Promise<ListedModel> {
  try {
    return { dir, origin, manifest: parseManifest(await readFile(join(dir, manifestFile), 'utf8')) };
  } catch (error) {
    return { dir, origin, manifest: EngineError.from(error, 'model-missing') };
  }
}
