/** What lies in a model folder, before it is loaded: what is known of it decides how it is. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identityOf, manifestFile, parseManifest } from '../manifest';

/** @returns null where there is no model; loading it says why */
export async function identityIn(modelDir: string): Promise<string | null> {
  try {
    return identityOf(parseManifest(await readFile(join(modelDir, manifestFile), 'utf8')));
  } catch {
    return null;
  }
}
