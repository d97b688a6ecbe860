/** Long work on the extension host: in slices, between which keys and everything else have their turn. */

/** Of one slice; nothing on the extension host may take longer than 2 ms. */
const sliceMs = 1;

export class Slices {
  private next: NodeJS.Immediate | undefined;

  /** Does the work in place of what was being done: the first slice at once, the others soon. It gives way at each yield. */
  start(work: Iterator<void>): void {
    this.stop();
    this.slice(work);
  }

  stop(): void {
    clearImmediate(this.next);
  }

  private slice(work: Iterator<void>): void {
    const deadline = performance.now() + sliceMs;
    while (performance.now() < deadline) if (work.next().done) return;
    this.next = setImmediate(() => this.slice(work));
  }
}
