/** Whether there is room for what is to be written; asked before, so that nobody's disk is filled to the brim. */
import { statfsSync } from 'node:fs';
import { EngineError } from '../errors';

/** Free bytes on the disk that holds `folder`. */
export type FreeBytes = (folder: string) => number;

export const freeBytesOf: FreeBytes = (folder) => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

/** For the graph, the manifest, and everybody else who writes to the disk meanwhile. */
const reserveBytes = 32e6;

/** @throws EngineError 'disk-full' saying how much is needed and free. */
export function checkSpace(folder: string, neededBytes: number, freeBytes: FreeBytes): void {
  const free = freeBytes(folder);
  if (free >= neededBytes + reserveBytes) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  throw new EngineError(
    'disk-full',
    `${megabytes(neededBytes + reserveBytes)} are needed on the disk of ${folder}, and ${megabytes(free)} are free; make room, or choose another disk or a stronger quantisation`,
    { space: { neededBytes: neededBytes + reserveBytes, freeBytes: free } },
  );
}
