/**
 * Calibrates a freshly loaded model's threads when nobody needs the engine, and gives way when somebody does: between two
 * steps, or when the graph that is just being loaded is there.
 */
import type { Threads } from '../protocol';
import type { WorkerThread } from './workerThread';

/** The writer must have rested for so long. */
export const idleMs = 3000;

export class IdleCalibration {
  private timer: NodeJS.Timeout | null = null;
  private requestId: number | null = null;
  private users = 0;
  private done = false;

  /** @param remember is told what was found, once */
  constructor(
    private readonly thread: WorkerThread,
    private readonly remember: (threads: Threads) => void,
  ) {
    this.wait();
  }

  /** Somebody needs the engine. @returns a function to call when they have what they wanted. */
  interrupt(): () => void {
    this.users++;
    if (this.timer) clearTimeout(this.timer);
    if (this.requestId !== null) this.thread.abort(this.requestId);
    return () => {
      this.users--;
      this.wait();
    };
  }

  stop(): void {
    this.done = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private wait(): void {
    if (this.done || this.users > 0 || this.requestId !== null) return;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.start(), idleMs);
    this.timer.unref();
  }

  private start(): void {
    this.requestId = this.thread.calibrate({
      answered: (threads) => {
        this.requestId = null;
        if (threads) {
          this.done = true;
          this.remember(threads);
        } else {
          this.wait();
        }
      },
      // What is wrong with the model shows when it is used; without a choice it runs as its size suggests.
      failed: () => this.stop(),
    });
  }
}
