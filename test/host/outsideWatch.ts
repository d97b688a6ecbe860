/** Has a server's processes watched for what they ask for outside this machine; outside.ts does it in each of them. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Noted } from './outside';

const program = resolve('out', 'host', 'outside.js');

export class OutsideWatch {
  private readonly file: string;

  constructor(folder: string) {
    this.file = join(folder, 'outside.jsonl');
  }

  /** For the processes to be watched, which give it to theirs, and to their threads. */
  get environment(): NodeJS.ProcessEnv {
    const options = [process.env['NODE_OPTIONS'], `--require ${JSON.stringify(program)}`];
    return { NODE_OPTIONS: options.filter(Boolean).join(' '), MOXU_OUTSIDE_FILE: this.file };
  }

  noted(): Noted[] {
    if (!existsSync(this.file)) return [];
    const lines = readFileSync(this.file, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Noted);
  }
}
