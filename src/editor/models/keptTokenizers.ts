/** Vocabularies that somebody has named for checkpoints without one: each is asked for once, and kept for the next time. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CheckpointChoice, Recognised } from '../../conversion';
import { EngineError } from '../../errors';

export type RecognisedChoice = CheckpointChoice & { is: Recognised };

export class KeptTokenizers {
  /** @param folder of the kept files @param note gets why a kept one does not fit */
  constructor(
    private readonly folder: string,
    private readonly recognise: (choice: CheckpointChoice) => Promise<Recognised>,
    private readonly note: (why: string) => void,
  ) {}

  /**
   * Recognises a folder with its own tokenizer, or with a kept one, or with the one that is asked for.
   * @param ask for a file; null when nobody names one
   * @returns null when nobody names one @throws EngineError when the folder, or the file that was named, cannot be used,
   *   or the file is another model's by its size: this one would write nonsense with it
   */
  async complete(choice: CheckpointChoice, ask: () => Promise<string | null>): Promise<RecognisedChoice | null> {
    try {
      return { ...choice, is: await this.recognise(choice) };
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'tokenizer-missing') throw error;
    }
    const kept = await this.keptFor(choice);
    if (kept) return kept;
    const file = await ask();
    if (file === null) return null;
    const is = await this.recognise({ ...choice, tokenizer: file });
    if (!isSizeOf(is))
      throw new EngineError(
        'checkpoint-invalid',
        `${file} has ${is.numTokens} tokens, but the model has ${is.vocabSize} rows`,
        { fault: 'tokenizer', subject: basename(file) },
      );
    return { ...choice, tokenizer: await this.keep(file), is };
  }

  /** Any vocabulary that is small enough could be read, but only the model's own has as many tokens as it has rows. */
  private async keptFor(choice: CheckpointChoice): Promise<RecognisedChoice | undefined> {
    const fitting: RecognisedChoice[] = [];
    for (const tokenizer of await this.latestFirst())
      try {
        const is = await this.recognise({ ...choice, tokenizer });
        if (isSizeOf(is)) fitting.push({ ...choice, tokenizer, is });
        else this.note(`a kept vocabulary has ${is.numTokens} tokens, but the model has ${is.vocabSize} rows`);
      } catch (error) {
        // It belongs to another model: this one's may be named.
        this.note(EngineError.from(error).message);
      }
    return fitting.sort((a, b) => b.is.numTokens - a.is.numTokens)[0];
  }

  private async latestFirst(): Promise<string[]> {
    if (!existsSync(this.folder)) return [];
    const files = (await readdir(this.folder)).filter((name) => name.endsWith('.model'));
    const dated = files.map(async (name) => {
      const path = join(this.folder, name);
      return { path, at: (await stat(path)).mtimeMs };
    });
    return (await Promise.all(dated)).sort((a, b) => b.at - a.at).map(({ path }) => path);
  }

  /** Under a name of its content: another vocabulary takes nothing from this one. */
  private async keep(file: string): Promise<string> {
    const digest = createHash('sha256').update(await readFile(file));
    const kept = join(this.folder, `${digest.digest('hex').slice(0, 16)}.model`);
    await mkdir(this.folder, { recursive: true });
    await copyFile(file, kept);
    return kept;
  }
}

/** Rows are padded so that kernels run fast, and so that ranks of a parallel training get as many each: by 128 in each. */
const paddings = [1, 8, 16, 32, 64, ...[1, 2, 3, 4, 5, 6, 7, 8].map((numRanks) => 128 * numRanks)];

function isSizeOf({ numTokens, vocabSize }: Recognised): boolean {
  return paddings.some((multiple) => Math.ceil(numTokens / multiple) * multiple === vocabSize);
}
