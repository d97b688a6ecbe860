/** The models that are there: the built-in one, the imported ones in one folder, and one that the settings name. */
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { EngineError } from '../../errors';
import { manifestFile, parseManifest } from '../../manifest';
import type { Manifest } from '../../manifest';
import { renameFolder } from '../../renaming';

const removed = '.removed-';

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
    const slug = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+|[.-]+$/g, '').slice(0, 60) || 'model';
    for (let count = 1; ; count++) {
      const dir = join(this.folder, count === 1 ? slug : `${slug}-${count}`);
      if (!existsSync(dir)) return dir;
    }
  }

  /** The name is in the manifest, so that it goes where the folder goes. */
  async rename(dir: string, name: string): Promise<void> {
    const path = join(dir, manifestFile);
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest;
    await writeFile(`${path}.new`, `${JSON.stringify({ ...manifest, name }, null, 2)}\n`);
    await rename(`${path}.new`, path);
  }

  /** First under a name that is not listed, so that one that cannot be removed whole is not half a model. */
  async remove(dir: string): Promise<void> {
    await renameFolder(dir, join(this.folder, `${removed}${basename(dir)}-${Date.now()}`));
    // And what was left of others, whose files were in use then: they are large.
    for (const name of await readdir(this.folder))
      if (name.startsWith(removed)) await rm(join(this.folder, name), { recursive: true, force: true });
  }
}

async function listed(dir: string, origin: ListedModel['origin']): Promise<ListedModel> {
  try {
    return { dir, origin, manifest: parseManifest(await readFile(join(dir, manifestFile), 'utf8')) };
  } catch (error) {
    return { dir, origin, manifest: EngineError.from(error, 'model-missing') };
  }
}
