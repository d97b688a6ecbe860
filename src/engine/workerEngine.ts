/**
 * The engine on a worker thread of its own. The thread starts with the first request; one that dies is reported through
 * `state`, and the next request starts another, after a pause that doubles while it keeps dying.
 */
import { EngineError } from '../errors';
import { resolveOptions } from '../options';
import type { GenerateOptions } from '../options';
import type { CandidateResult, CandidateSeed, GapFilling, GenerateResult } from '../protocol';
import type { ModelInfo, Prompt, TextDelta, TextPart } from '../protocol';
import { Backoff } from './backoff';
import type { DeviceAdviser } from './deviceAdviser';
import type { EngineState, RunSpeed, SwitchableEngine, ThreadMemory } from './engine';
import { EngineNews } from './engineNews';
import { identityIn } from './identity';
import { IdleCalibration, idleMs } from './idleCalibration';
import { Inbox } from './inbox';
import { Life } from './life';
import { Speedometer } from './speedometer';
import { WorkerThread } from './workerThread';
import type { Listener } from './workerThread';

const nothing: GenerateResult = { text: '', finishReason: 'aborted', numTokens: 0, numPromptTokens: 0 };

const noMemory: ThreadMemory = { recall: () => null, remember: () => undefined };

export class WorkerEngine implements SwitchableEngine {
  private readonly news = new EngineNews();
  private life: Life | null = null;
  /** That have not ended yet, also of lives that are over. */
  private readonly threads = new Set<WorkerThread>();
  /** Of this model: what still comes from the one before counts for nothing. */
  private speedometer = new Speedometer();
  private disposed = false;

  /**
   * @param workerFile the bundled worker.ts
   * @param modelDir the model folder to load
   * @param devices says what to run it on; null for the CPU
   * @param backoff of a thread that dies before it has answered anything
   */
  constructor(
    private readonly workerFile: string,
    private modelDir: string,
    private readonly threadMemory: ThreadMemory = noMemory,
    private readonly devices: DeviceAdviser | null = null,
    private readonly backoff = new Backoff(),
  ) {}

  get state(): EngineState {
    return this.news.state;
  }

  get speed(): RunSpeed | null {
    return this.speedometer.latest;
  }

  onStateChange(listener: (state: EngineState) => void): () => void {
    return this.news.onStateChange(listener);
  }

  onSpeed(listener: (model: ModelInfo, tokensPerSecond: number) => void): () => void {
    return this.news.onSpeed(listener);
  }

  async load(): Promise<ModelInfo> {
    for (;;) {
      await this.backoff.wait();
      const life = this.ensureLife();
      if (await life.isReady()) return life.loaded;
    }
  }

  async *generate(
    prompt: Prompt,
    options: Partial<GenerateOptions>,
    signal: AbortSignal,
  ): AsyncGenerator<TextDelta, GenerateResult> {
    const resolved = resolveOptions(options);
    const life = await this.readyLife(signal);
    if (!life) return nothing;
    const inbox = new Inbox();
    const release = life.use();
    const { speedometer } = this;
    const speedBefore = speedometer.latest;
    const requestId = life.thread.generate({ prompt, options: resolved }, inbox);
    const abort = () => life.thread.abort(requestId);
    signal.addEventListener('abort', abort);
    try {
      const result = yield* speedometer.measure(inbox.drain());
      this.backoff.worked();
      return result;
    } catch (error) {
      this.reloadIfChanged(life, error);
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      abort(); // the loop may have been left early; a finished request ignores it
      release();
      const { latest } = speedometer;
      if (latest !== null && speedometer === this.speedometer && latest !== speedBefore)
        this.news.tellSpeed(latest.tokensPerSecond);
    }
  }

  async generateCandidates(
    prompt: Prompt,
    options: Partial<Omit<GenerateOptions, 'seed'>>,
    seeds: readonly CandidateSeed[],
    signal: AbortSignal,
  ): Promise<CandidateResult[]> {
    const request = { prompt, options: resolveOptions(options), seeds: validSeeds(seeds) };
    const candidates = await this.ask<CandidateResult[]>(signal, (thread, listener) =>
      thread.generateCandidates(request, listener),
    );
    return candidates ?? seeds.map((seed) => ({ ...nothing, seed, deltas: [], logProb: 0 }));
  }

  async fillGap(
    prompt: Prompt,
    suffix: string,
    options: Partial<Omit<GenerateOptions, 'seed'>>,
    seeds: readonly CandidateSeed[],
    signal: AbortSignal,
  ): Promise<GapFilling | null> {
    const request = { prompt, suffix, options: resolveOptions(options), seeds: validSeeds(seeds) };
    return this.ask<GapFilling | null>(signal, (thread, listener) => thread.fillGap(request, listener));
  }

  async warm(prompt: Prompt, signal: AbortSignal): Promise<void> {
    await this.ask<undefined>(signal, (thread, listener) => thread.warm({ prompt }, listener));
  }

  learn(part: TextPart): Promise<void> {
    return this.tell((thread, listener) => thread.learn({ part }, listener));
  }

  forget(name: string | null): Promise<void> {
    return this.tell((thread, listener) => thread.forget({ name }, listener));
  }

  async switchModel(modelDir: string): Promise<void> {
    this.modelDir = modelDir;
    this.speedometer = new Speedometer();
    this.backoff.worked(); // it may have been the other model's fault
    await this.unload();
  }

  async renamed(name: string): Promise<void> {
    const { life } = this;
    await life?.loaded.catch(() => undefined);
    if (life && this.life === life) this.news.revise({ name });
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.unload();
    // Of a model that was switched away from a moment ago as well: the process may end now, and no thread with it.
    await Promise.all(Array.from(this.threads, ({ ended }) => ended));
    this.news.end();
  }

  /** For tests: the running thread, if there is one. */
  get thread(): WorkerThread | null {
    return this.life?.thread ?? null;
  }

  /** @returns null when `signal` was aborted before anything was sent */
  private async ask<Answer>(
    signal: AbortSignal,
    send: (thread: WorkerThread, listener: Listener<Answer>) => number,
  ): Promise<Answer | null> {
    const life = await this.readyLife(signal);
    if (!life) return null;
    let abort = (): void => undefined;
    const release = life.use();
    try {
      const answer = await new Promise<Answer>((answered, failed) => {
        const requestId = send(life.thread, { answered, failed });
        abort = () => life.thread.abort(requestId);
        signal.addEventListener('abort', abort);
      });
      this.backoff.worked();
      return answer;
    } catch (error) {
      this.reloadIfChanged(life, error);
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      release();
    }
  }

  /** Of use to a loaded model only, and not worth loading one for. */
  private async tell(send: (thread: WorkerThread, listener: Listener<undefined>) => number): Promise<void> {
    const { life } = this;
    if (this.state.kind === 'ready' && life)
      await new Promise<undefined>((answered, failed) => send(life.thread, { answered, failed }));
  }

  private async unload(): Promise<void> {
    const { life } = this;
    this.life = null;
    this.news.state = { kind: 'unloaded' };
    life?.replace();
    await life?.thread.dispose();
  }

  /** @returns null when `signal` was aborted meanwhile */
  private async readyLife(signal: AbortSignal): Promise<Life | null> {
    while (await this.backoff.wait(signal)) {
      const life = this.ensureLife();
      const isReady = await life.isReady();
      if (isReady && !signal.aborted) return life;
    }
    return null;
  }

  private ensureLife(): Life {
    if (this.disposed) throw new EngineError('disposed', 'the engine was shut down');
    return (this.life ??= this.begin());
  }

  private begin(): Life {
    const thread = new WorkerThread(this.workerFile);
    this.threads.add(thread);
    void thread.ended.then(() => this.threads.delete(thread));
    const life = new Life(thread, this.openIn(thread));
    this.news.state = { kind: 'loading' };
    life.loaded.then(
      (model) => {
        if (this.life !== life) return;
        this.news.state = { kind: 'ready', model };
        if (!model.needsCalibration) {
          this.considerDevices(life);
          return;
        }
        life.calibration = new IdleCalibration(thread, (threads) => {
          this.threadMemory.remember(model.identity, threads);
          if (this.life !== life) return;
          this.news.revise({ threads, needsCalibration: false });
          this.considerDevices(life);
        });
      },
      (error: unknown) => this.end(life, EngineError.from(error)),
    );
    void thread.ended.then((death) => {
      if (death) this.end(life, death);
    });
    return life;
  }

  /** With the threads and on the device that were found best for what lies in the folder now. */
  private async openIn(thread: WorkerThread): Promise<ModelInfo> {
    const { modelDir, threadMemory, devices } = this;
    const identity = await identityIn(modelDir);
    // A request to a thread that has ended would never be answered; if it died, that is what happened.
    if (this.life?.thread !== thread)
      throw (await thread.ended) ?? new EngineError('disposed', 'the engine was shut down');
    const device = identity === null ? 'cpu' : (devices?.choice(identity, null).device ?? 'cpu');
    const threads = identity === null ? null : threadMemory.recall(identity);
    const model = await thread.load({ modelDir, threads, device });
    if (model.refusal) devices?.failed(model.identity, model.refusal);
    return model;
  }

  /**
   * Tries what has not been tried, in a process of its own, once nobody needs the engine; then moves if it pays. A writer
   * who comes back has the processor for themselves, and the next time is left alone for longer.
   */
  private considerDevices(life: Life, restMs = idleMs): void {
    const { devices, modelDir, state } = this;
    if (!devices || state.kind !== 'ready' || state.model.device !== 'cpu') return;
    const { model } = state;
    const { device, refusal, untried } = devices.choice(model.identity, model.numParameters);
    this.news.revise({ refusal: refusal ?? model.refusal });
    if (untried.length > 0)
      life.users.whenGone(restMs, (back) => {
        const tried = devices.tryEach({ ...model, modelDir }, untried, AbortSignal.any([life.over, back]));
        void tried.then(() => this.life === life && this.considerDevices(life, back.aborted ? 2 * restMs : idleMs));
      });
    else if (device !== 'cpu') life.users.whenGone(idleMs, () => void this.reload());
  }

  /** What lies in the folder now is another model, a damaged one, or the same: loading it tells. */
  private reloadIfChanged(life: Life, error: unknown): void {
    if (this.life === life && error instanceof EngineError && error.code === 'model-changed') void this.reload();
  }

  /** Text that is being written ends as aborted. */
  private async reload(): Promise<void> {
    await this.unload();
    await this.load().catch(() => undefined); // the state says what went wrong
  }

  /** The thread died or its model did not load. Either way this life is over and the next request begins another. */
  private end(life: Life, error: EngineError): void {
    if (this.life !== life) return;
    this.life = null;
    life.end();
    if (error.code === 'worker-died') this.backoff.failed();
    else void life.thread.dispose();
    this.news.state = { kind: 'failed', error };
  }
}

function validSeeds(seeds: readonly CandidateSeed[]): CandidateSeed[] {
  return seeds.map((seed) => (seed === null ? null : resolveOptions({ seed }).seed));
}
