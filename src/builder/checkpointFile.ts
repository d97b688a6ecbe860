/** A file of a checkpoint, open for reading. It may come from anyone: what it says is checked before it is believed. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { EngineError } from '../errors';

/** What to do about a file that is cut or changed. */
export const copyAgain = 'the file is incomplete or damaged: copy or download it again';

export class CheckpointFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly #fd: number;

  /** @throws EngineError 'checkpoint-invalid' when it cannot be opened. */
  constructor(path: string) {
    this.name = basename(path);
    try {
      this.#fd = openSync(path, 'r');
    } catch (cause) {
      throw new EngineError('checkpoint-invalid', `cannot open ${path}: check that it exists and may be read`, {
        cause,
      });
    }
    this.size = fstatSync(this.#fd).size;
    const pointer = 'version https://git-lfs';
    if (
      this.size > pointer.length &&
      this.size < 1024 &&
      this.bytes(0, pointer.length).toString('latin1') === pointer
    ) {
      this.close();
      this.fail('is a pointer of Git LFS, not the weights: run "git lfs pull", or download the file itself');
    }
  }

  /** Fills `into` from byte `position` on. @throws EngineError 'checkpoint-invalid' when the file ends before. */
  read(into: Uint8Array, position: number): void {
    for (let done = 0; done < into.length;) {
      const count = readSync(this.#fd, into, done, into.length - done, position + done);
      if (count === 0) this.fail(`ended at byte ${position + done} while it was read; ${copyAgain}`);
      done += count;
    }
  }

  /** @param length must be bounded by the caller: it is allocated. */
  bytes(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    this.read(bytes, position);
    return bytes;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /**
   * @param refused the tensor, class or instruction that it is about, by its name
   * @throws EngineError 'checkpoint-invalid', always, with the file's name before `what`.
   */
  fail(what: string, refused?: string): never {
    const subject = refused === undefined ? this.name : `${this.name}: ${refused}`;
    throw new EngineError('checkpoint-invalid', `${this.name} ${what}`, { subject });
  }
}

/** Opens a reader over a file, which is closed again when the reader finds it unusable. */
export function withFile<T>(path: string, read: (file: CheckpointFile) => T): T {
  const file = new CheckpointFile(path);
  try {
    return read(file);
  } catch (error) {
    file.close();
    throw error;
  }
}
