/**
 * ONNX Runtime maps a model's weights into memory instead of reading them. Who writes into their file changes the model
 * under way, and who shortens it (a copy over it begins so) ends the whole process at the next touch, the extension host
 * with it. So the file is looked at before each run, which takes some microseconds. Within a run nothing touches what is
 * mapped but, in models whose token table is larger than 4 MB, the first node of the graph, which looks up the token
 * (`../builder/onnx/writeModel.ts`); in folders that an earlier version built it may be any node. A load reads all of it.
 * A file that was put in its place, or deleted, harms nobody: what was opened stays.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { EngineError } from '../errors';

export class WeightsInUse {
  private fd: number | null;
  private readonly opened: ReturnType<typeof stampOf>;

  /** To be made before the file is mapped. @throws what `openSync` throws */
  constructor(private readonly file: string) {
    this.fd = openSync(file, 'r');
    this.opened = stampOf(this.fd);
  }

  /** @throws EngineError 'model-changed' where the file is no longer what was mapped */
  check(): void {
    if (this.fd === null) return;
    const now = stampOf(this.fd);
    if (now.size !== this.opened.size || now.mtimeMs !== this.opened.mtimeMs)
      throw new EngineError('model-changed', `${this.file} was written to while it was in use`);
  }

  close(): void {
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }
}

/** What changes when somebody writes into the file. */
function stampOf(fd: number) {
  const { size, mtimeMs } = fstatSync(fd);
  return { size, mtimeMs };
}
