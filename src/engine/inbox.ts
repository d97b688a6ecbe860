/** Turns a request's replies into an async generator. */
import type { EngineError } from '../errors';
import type { GenerateResult, TextDelta } from '../protocol';
import type { GenerateListener } from './workerThread';

export class Inbox implements GenerateListener {
  private readonly deltas: TextDelta[] = [];
  private outcome: { result: GenerateResult } | { error: EngineError } | null = null;
  private wake: () => void = () => undefined;

  delta(delta: TextDelta): void {
    this.deltas.push(delta);
    this.wake();
  }

  finished(result: GenerateResult): void {
    this.outcome = { result };
    this.wake();
  }

  failed(error: EngineError): void {
    this.outcome = { error };
    this.wake();
  }

  async *drain(): AsyncGenerator<TextDelta, GenerateResult> {
    for (;;) {
      for (let delta = this.deltas.shift(); delta; delta = this.deltas.shift()) yield delta;
      if (this.outcome) break;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    if ('error' in this.outcome) throw this.outcome.error;
    return this.outcome.result;
  }
}
