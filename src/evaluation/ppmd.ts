/**
 * PPMd (7-Zip's variant H, order 12, 1.5 GB), primed with the training text: the bits by which the archive grows when the
 * held-out texts follow the training text. Bytes, not characters; titles are in the training text and not in the held-out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { copyFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { EvaluationDocument } from './documents';

const method = ['-t7z', '-m0=PPMd:o=12:mem=1536m', '-mhc=off', '-mtm=off'];
/** Nothing on stdout but how far it is: “12% + file”, each over the one before. */
const output = ['-bso0', '-bsp1'];

/** Debian's 7zip has `7zz`, p7zip-full `7z`. @returns null where there is none */
export function find7Zip(): string | null {
  return ['7zz', '7z'].find((program) => spawnSync(program, ['--help'], { stdio: 'ignore' }).status === 0) ?? null;
}

/** Writes training text for `ppmdBits`: a file in `folder`, which is not kept in memory. */
export class PpmdPriming {
  readonly file: string;
  private readonly out;

  constructor(private readonly folder: string) {
    this.file = join(folder, 'ppmd-training.txt');
    this.out = createWriteStream(this.file);
  }

  async add({ title, text }: Pick<EvaluationDocument, 'title' | 'text'>): Promise<void> {
    if (!this.out.write(`${title}\n${text}\n\n`))
      await new Promise<void>((resolve) => this.out.once('drain', () => resolve()));
  }

  /**
   * @param progress told how far it is, 0 … 1
   * @returns bits for all of `texts` together. Two compressions of the training text: minutes.
   */
  async bits(program: string, texts: readonly string[], progress: (share: number) => void): Promise<number> {
    this.out.end();
    await finished(this.out);
    const both = join(this.folder, 'ppmd-both.txt');
    try {
      await copyFile(this.file, both);
      const more = createWriteStream(both, { flags: 'a' });
      more.end(texts.map((text) => `${text}\n\n`).join(''));
      await finished(more);
      // One after the other: each takes 1.5 GB.
      const before = await compressedSize(program, this.file, (share) => progress(share / 2));
      const after = await compressedSize(program, both, (share) => progress((1 + share) / 2));
      return 8 * (after - before);
    } finally {
      await Promise.all([this.file, both].map((file) => rm(file, { force: true })));
    }
  }
}

async function compressedSize(program: string, file: string, progress: (share: number) => void): Promise<number> {
  const archive = `${file}.7z`;
  await rm(archive, { force: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const packing = spawn(program, ['a', ...method, ...output, archive, file], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      packing.stdout.on('data', (data: Buffer) => {
        const percent = /(\d+)%(?!.*\d%)/s.exec(data.toString())?.[1];
        if (percent !== undefined) progress(Number(percent) / 100);
      });
      packing.on('error', reject);
      packing.on('close', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`${program} ended with ${String(code)}`));
      });
    });
    return (await stat(archive)).size;
  } finally {
    await rm(archive, { force: true });
  }
}
