/** One life of the engine's thread with a model: who uses it, and what is done while nobody does. */
import type { ModelInfo } from '../protocol';
import type { IdleCalibration } from './idleCalibration';
import { Users } from './users';
import type { WorkerThread } from './workerThread';

export class Life {
  readonly users = new Users();
  calibration: IdleCalibration | null = null;
  private readonly ending = new AbortController();
  private isLoading = true;
  private isReplaced = false;
  private tellReplaced = (): void => undefined;
  private readonly replaced = new Promise<void>((tell) => (this.tellReplaced = tell));

  constructor(
    readonly thread: WorkerThread,
    readonly loaded: Promise<ModelInfo>,
  ) {
    const settled = () => (this.isLoading = false);
    loaded.then(settled, settled);
  }

  /** Aborted when this life ends. */
  get over(): AbortSignal {
    return this.ending.signal;
  }

  /**
   * Waits until the model is there.
   * @returns false, at once, where another life takes the place of this one
   * @throws EngineError why it could not be loaded
   */
  async isReady(): Promise<boolean> {
    // Once it is there nobody waits: `replaced` would keep each of them until the end of this life.
    await (this.isLoading ? Promise.race([this.replaced, this.loaded]) : this.loaded);
    return !this.isReplaced;
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

  /** Whoever waits for its model is to wait for another's. */
  replace(): void {
    this.isReplaced = true;
    this.tellReplaced();
    this.end();
  }

  /** Ends idle work; the thread is the caller's to end. */
  end(): void {
    this.calibration?.stop();
    this.users.stop();
    this.ending.abort();
  }
}
