/** One life of the engine's thread with a model: who uses it, and what is done while nobody does. */
import type { ModelInfo } from '../protocol';
import type { IdleCalibration } from './idleCalibration';
import { Users } from './users';
import type { WorkerThread } from './workerThread';

export class Life {
  readonly users = new Users();
  calibration: IdleCalibration | null = null;
  private readonly ending = new AbortController();

  constructor(
    readonly thread: WorkerThread,
    readonly loaded: Promise<ModelInfo>,
  ) {}

  /** Aborted when this life ends. */
  get over(): AbortSignal {
    return this.ending.signal;
  }

  /** Idle work gives way. @returns a function to call when the user has what they wanted */
  use(): () => void {
    const leave = this.users.enter();
    const release = this.calibration?.interrupt();
    return () => {
      leave();
      release?.();
    };
  }

  /** Ends idle work; the thread is the caller's to end. */
  end(): void {
    this.calibration?.stop();
    this.users.stop();
    this.ending.abort();
  }
}
