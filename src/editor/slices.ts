/** Long work on the extension host: in slices, between which keys and everything else have their turn. */

/** Of one slice; nothing on the extension host may take longer than 2 ms. */
const sliceMs = 1;
/** Between two slices of work for which nobody waits: as long again for others, in which they need not be quick. */
const pauseMs = 1;

/** Work that is not dropped for other work. */
export async function inSlices(work: Iterator<void>): Promise<void> {
  while (!slice(work)) await new Promise((resolve) => setImmediate(resolve));
}

/** For work that nobody waits for. */
export async function inPausingSlices(work: Iterator<void>): Promise<void> {
  while (!slice(work)) await new Promise((resolve) => setTimeout(resolve, pauseMs));
}

/** @returns whether the work is done */
function slice(work: Iterator<void>): boolean {
  const deadline = performance.now() + sliceMs;
  while (performance.now() < deadline) if (work.next().done) return true;
  return false;
}

export class Slices {
  private first: NodeJS.Immediate | undefined;
  private next: NodeJS.Timeout | undefined;

  /**
   * Does the work in place of what was being done. It gives way at each yield, and before it begins: a key has much else to
   * set going, and moves the cursor besides.
   */
  start(work: Iterator<void>): void {
    this.stop();
    this.first = setImmediate(() => this.slice(work));
  }

  stop(): void {
    clearImmediate(this.first);
    clearTimeout(this.next);
  }

  private slice(work: Iterator<void>): void {
    if (!slice(work)) this.next = setTimeout(() => this.slice(work), pauseMs);
  }
}
