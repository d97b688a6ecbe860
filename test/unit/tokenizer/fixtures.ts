/** Reads what `test/fixtures/tokenizer/make.py` made. Paths are relative to the repository root, where tests run. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join('test', 'fixtures', 'tokenizer');

/** What Python's sentencepiece says about one text; long texts are `text` × `times` with a digest of their ids. */
export type FixtureRow =
  { text: string; ids: number[]; decoded: string } | { text: string; times: number; count: number; sha256: string };

export interface Fixture {
  /** sha256 of the model file the rows were recorded with. */
  model: string;
  rows: FixtureRow[];
}

export function readFixture(name: string): Fixture {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Fixture;
}

export function readModel(name: string): Uint8Array {
  return readBytes(`${name}.model`);
}

export function readBytes(file: string): Uint8Array {
  return readFileSync(join(folder, file));
}

/** A file outside the fixtures; null when it is not there. */
export function readIfThere(...path: string[]): Uint8Array | null {
  const file = join(...path);
  return existsSync(file) ? readFileSync(file) : null;
}

export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}
