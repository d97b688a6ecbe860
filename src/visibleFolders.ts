import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Paths of the folders in a folder; hidden ones hold what is unfinished, was removed, or is not for people. None where it
 * cannot be read. Links are not followed.
 */
export function visibleFolders(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries
      .filter((one) => one.isDirectory() && !one.name.startsWith('.'))
      .map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}
