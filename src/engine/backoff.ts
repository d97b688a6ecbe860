/** How long something that keeps failing is left alone before the next try: twice as long after each failure in a row. */
import { setTimeout } from 'node:timers/promises';

const firstMs = 250;
const longestMs = 30_000;

export class Backoff {
  private failures = 0;
  private failedAt = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  failed(): void {
    this.failures++;
    this.failedAt = this.now();
  }

  worked(): void {
    this.failures = 0;
  }

  /** From now to the next try; 0 where nothing failed, or long ago. */
  get msLeft(): number {
    if (this.failures === 0) return 0;
    const pause = Math.min(longestMs, firstMs * 2 ** (this.failures - 1));
    return Math.max(0, this.failedAt + pause - this.now());
  }

  /** Until the next try may begin. @returns false as soon as `signal` is aborted */
  async wait(signal?: AbortSignal): Promise<boolean> {
    if (this.msLeft > 0) await setTimeout(this.msLeft, undefined, signal && { signal }).catch(() => undefined);
    return !signal?.aborted;
  }
}
