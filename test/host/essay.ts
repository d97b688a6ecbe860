/** The sample essay. People and tests write in copies of it, so that the checkout stays clean. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const essayName = '故乡的雨.md';

/** It ends in an unfinished sentence: the file's last line break belongs to the repository. */
export const essayText = (): string => readFileSync(join('test', 'host', 'sample', essayName), 'utf8').trimEnd();

/** @returns the copy */
export function copyEssay(folder: string): string {
  const copy = join(folder, essayName);
  mkdirSync(folder, { recursive: true });
  writeFileSync(copy, essayText());
  return copy;
}
