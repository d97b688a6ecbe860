/** Held-out and training documents: one JSON object a line, `.jsonl` or `.jsonl.xz` (through the program `xz`). */
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { toModelText } from '../context/modelText';

export interface EvaluationDocument {
  title: string;
  /** In the model's form; a writer's keystrokes are those of this text. */
  text: string;
  genre: string;
  /** Where the document is from; documents of one source are of one writer, or of one group of writers. */
  source: string;
}

const keys = ['title', 'text', 'genre', 'source', 'lic'] as const;

/** `lic` is pd, free, gpl or web; held-out sets may have none. */
type Line = Partial<Record<(typeof keys)[number], string>>;

/**
 * @param licences keeps only documents of these classes; all when left out
 * @throws RangeError that names the line which is no document
 */
export async function* readDocuments(
  file: string,
  licences?: readonly string[],
): AsyncGenerator<EvaluationDocument, void> {
  const { stream, closed } = open(file);
  let number = 0;
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    number++;
    // Some editors begin a file with a mark of its byte order.
    const json = number === 1 ? line.replace(/^\ufeff/, '') : line;
    if (json.trim() === '') continue;
    const { title = '', text, genre = 'unknown', source = '', lic } = parse(json, `${file}, line ${number}`);
    if (text === undefined) throw new RangeError(`${file}, line ${number}: a document without text`);
    if (!licences || (lic !== undefined && licences.includes(lic)))
      yield { title, text: toModelText(text), genre, source };
  }
  await closed;
}

/** What is null is left out. */
function parse(json: string, place: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new RangeError(`${place}: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RangeError(`${place}: not a JSON object`);
  const found = value as Record<string, unknown>;
  const line: Line = {};
  for (const key of keys) {
    const part = found[key] ?? undefined;
    if (part === undefined) continue;
    if (typeof part !== 'string') throw new RangeError(`${place}: “${key}” is not a string`);
    line[key] = part;
  }
  return line;
}

function open(file: string): { stream: Readable; closed: Promise<void> } {
  if (!file.endsWith('.xz')) return { stream: createReadStream(file, 'utf8'), closed: Promise.resolve() };
  const xz = spawn('xz', ['--decompress', '--stdout', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise<void>((resolve, reject) => {
    xz.on('error', reject);
    xz.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`xz ended with ${String(code)} on ${file}`));
    });
  });
  // A failure is reported where it is awaited; until then it must not count as unhandled.
  closed.catch(() => undefined);
  return { stream: xz.stdout.setEncoding('utf8'), closed };
}

/** Unicode characters, the unit of every “per character”: one for each code point. */
export function numCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Groups in the order in which they first occur, after one of all. */
export function byGenre<T extends { genre: string }>(items: readonly T[]): [group: string, items: T[]][] {
  const genres = [...new Set(items.map(({ genre }) => genre))];
  return [['all', [...items]], ...genres.map((name): [string, T[]] => [name, items.filter((i) => i.genre === name)])];
}
