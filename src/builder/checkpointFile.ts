/** A file of a checkpoint, open for reading. It may come from anyone: what it says is checked before it is believed. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { EngineError, type CheckpointFault } from '../errors';
import { saveAgain } from './torch/pickleValues';

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
      if (!statSync(path).isFile()) throw new Error('it is not a file'); // a pipe would be waited for without end
      this.#fd = openSync(path, 'r');
    } catch (cause) {
      throw new EngineError('checkpoint-invalid', `cannot open ${path}: check that it exists and may be read`, {
        ...{ cause, fault: 'unreadable', subject: this.name },
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
      this.fail(
        'is a pointer of Git LFS, not the file itself: run "git lfs pull", or download the file',
        undefined,
        'pointer',
      );
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
   * @param fault by default what the advice at the end of `what` is for
   * @throws EngineError 'checkpoint-invalid', always, with the file's name before `what`.
   */
  fail(what: string, refused?: string, fault = faultOf(what)): never {
    const subject = refused === undefined ? this.name : `${this.name}: ${refused}`;
    throw new EngineError('checkpoint-invalid', `${this.name} ${what}`, { subject, fault });
  }
}

/** What is advised in English tells what is to be advised in the writer's language. */
function faultOf(what: string): CheckpointFault | undefined {
  if (what.endsWith(copyAgain)) return 'incomplete';
  return what.endsWith(saveAgain) ? 'not-only-tensors' : undefined;
}

/** The first bytes of a file, whatever it is. */
export function readStart(path: string, maxBytes: number): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(maxBytes);
    return bytes.subarray(0, readSync(fd, bytes, 0, maxBytes, 0));
  } finally {
    closeSync(fd);
  }
}

/**
 * All of a file that is small unless it means harm.
 * @throws EngineError 'checkpoint-invalid' when it is larger than `maxBytes`, too.
 */
export function readWhole(path: string, maxBytes: number): Buffer {
  return withFile(path, (file) => {
    if (file.size > maxBytes) file.fail(`has ${file.size} bytes; at most ${maxBytes} are read. ${copyAgain}`);
    const bytes = file.bytes(0, file.size);
    file.close();
    return bytes;
  });
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
