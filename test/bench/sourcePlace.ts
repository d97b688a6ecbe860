/** Where in our sources something of the packaged extension.js is: its own names are short. */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import type { SourceMapPayload } from 'node:module';
import { basename, join } from 'node:path';

/** package.mjs leaves it there. */
const mapFile = join('.cache', 'vsix', 'extension.js.map');

let map: SourceMap | undefined;

/** @param where as "name:line:column" @returns as "documentStyles.ts:62"; `where` itself where there is no map */
export function sourcePlace(where: string): string {
  if (!existsSync(mapFile)) return where;
  map ??= new SourceMap(JSON.parse(readFileSync(mapFile, 'utf8')) as SourceMapPayload);
  const [, line, column] = where.split(':').map(Number);
  const entry = map.findEntry((line ?? 1) - 1, (column ?? 1) - 1);
  return 'originalSource' in entry ? `${basename(entry.originalSource)}:${entry.originalLine + 1}` : where;
}
