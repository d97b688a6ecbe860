/** Gives a folder another name, on Windows too, where others may be looking into it. */
import { rename } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

const firstMs = 20;
/** Ten seconds, all together. */
const maxTries = 10;

/** What a test plays. */
interface System {
  once: (from: string, to: string) => Promise<void>;
  platform: NodeJS.Platform;
  pause: (ms: number) => Promise<unknown>;
}

/**
 * Windows renames no folder in which any program has a file open: a virus scanner at files just written, or the engine's
 * thread that is giving up a model. Both are done in a moment, so it is tried again, after pauses twice as long each.
 */
export async function renameFolder(
  from: string,
  to: string,
  { once, platform, pause }: System = { once: rename, platform: process.platform, pause: setTimeout },
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await once(from, to);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isInUse = code === 'EPERM' || code === 'EACCES' || code === 'EBUSY';
      if (platform !== 'win32' || !isInUse || tries === maxTries) throw error;
      await pause(firstMs * 2 ** (tries - 1));
    }
  }
}
