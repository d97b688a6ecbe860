/**
 * One life of the worker thread, from the host's side: sends requests, matches replies to them, and answers every
 * pending request with an error when the thread dies. It is never terminated from outside (see worker.ts).
 */
import './noTelemetry';
import { Worker } from 'node:worker_threads';
import { EngineError, assertNever } from '../errors';
import type { EngineErrorCode } from '../errors';
import type {
  CandidateResult,
  EngineReply,
  EngineRequest,
  GapFilling,
  GenerateResult,
  ModelInfo,
  TextDelta,
  Threads,
} from '../protocol';

export interface GenerateListener {
  delta(delta: TextDelta): void;
  finished(result: GenerateResult): void;
  failed(error: EngineError): void;
}

/** Of a request that has one answer. */
export interface Listener<Answer> {
  answered(answer: Answer): void;
  failed(error: EngineError): void;
}

/** What a request says beyond its type and id. */
type Body<Type extends EngineRequest['type']> = Omit<EngineRequest & { type: Type }, 'type' | 'requestId'>;

export class WorkerThread {
  private readonly worker: Worker;
  private readonly generating = new Map<number, GenerateListener>();
  private readonly writing = new Map<number, Listener<CandidateResult[]>>();
  private readonly filling = new Map<number, Listener<GapFilling | null>>();
  private readonly warming = new Map<number, Listener<undefined>>();
  private readonly learning = new Map<number, Listener<undefined>>();
  private readonly loading = new Map<number, Listener<ModelInfo>>();
  private readonly calibrating = new Map<number, Listener<Threads | null>>();
  /** What waits for replies, of all kinds. */
  private readonly pending: readonly Map<number, { failed(error: EngineError): void }>[] = [
    this.generating,
    this.writing,
    this.filling,
    this.warming,
    this.learning,
    this.loading,
    this.calibrating,
  ];
  private nextRequestId = 1;
  private disposing = false;
  /** Resolves when the thread has ended, with the reason if it was not asked to. */
  readonly ended: Promise<EngineError | null>;

  constructor(workerFile: string) {
    this.worker = new Worker(workerFile, { name: 'moxu-engine' });
    let death: EngineError | null = null;
    this.worker.on('message', (reply: EngineReply) => this.receive(reply));
    this.worker.on('error', (error: unknown) => (death = EngineError.from(error, codeOf(error))));
    this.ended = new Promise((resolve) =>
      this.worker.on('exit', (exitCode) => {
        if (!this.disposing) death ??= new EngineError('worker-died', `the engine's thread ended (${exitCode})`);
        this.failAll(death ?? new EngineError('disposed', 'the engine was shut down'));
        resolve(this.disposing ? null : death);
      }),
    );
  }

  load(request: Body<'load'>): Promise<ModelInfo> {
    return new Promise((answered, failed) => {
      this.begin(this.loading, { answered, failed }, (requestId) => ({ type: 'load', requestId, ...request }));
    });
  }

  /** @returns the request's id, for `abort`; so do the others. */
  calibrate(listener: Listener<Threads | null>): number {
    return this.begin(this.calibrating, listener, (requestId) => ({ type: 'calibrate', requestId }));
  }

  generate(request: Body<'generate'>, listener: GenerateListener): number {
    return this.begin(this.generating, listener, (requestId) => ({ type: 'generate', requestId, ...request }));
  }

  generateCandidates(request: Body<'generateCandidates'>, listener: Listener<CandidateResult[]>): number {
    return this.begin(this.writing, listener, (requestId) => ({ type: 'generateCandidates', requestId, ...request }));
  }

  fillGap(request: Body<'fillGap'>, listener: Listener<GapFilling | null>): number {
    return this.begin(this.filling, listener, (requestId) => ({ type: 'fillGap', requestId, ...request }));
  }

  warm(request: Body<'warm'>, listener: Listener<undefined>): number {
    return this.begin(this.warming, listener, (requestId) => ({ type: 'warm', requestId, ...request }));
  }

  learn(request: Body<'learn'>, listener: Listener<undefined>): number {
    return this.begin(this.learning, listener, (requestId) => ({ type: 'learn', requestId, ...request }));
  }

  forget(request: Body<'forget'>, listener: Listener<undefined>): number {
    return this.begin(this.learning, listener, (requestId) => ({ type: 'forget', requestId, ...request }));
  }

  abort(requestId: number): void {
    if (this.pending.some((requests) => requests.has(requestId))) this.send({ type: 'abort', requestId });
  }

  async dispose(): Promise<void> {
    this.disposing = true;
    this.send({ type: 'dispose' });
    await this.ended;
  }

  /** Sends as is. Public for tests that must send what the protocol forbids. */
  send(request: EngineRequest): void {
    this.worker.postMessage(request);
  }

  private begin<Kind>(
    requests: Map<number, Kind>,
    listener: Kind,
    request: (requestId: number) => EngineRequest,
  ): number {
    const requestId = this.nextRequestId++;
    requests.set(requestId, listener);
    this.send(request(requestId));
    return requestId;
  }

  private receive(reply: EngineReply): void {
    switch (reply.type) {
      case 'loaded':
        answer(this.loading, reply.requestId, reply.model);
        break;
      case 'delta':
        this.generating.get(reply.requestId)?.delta(reply.delta);
        break;
      case 'finished':
        this.generating.get(reply.requestId)?.finished(reply.result);
        this.generating.delete(reply.requestId);
        break;
      case 'candidates':
        answer(this.writing, reply.requestId, reply.candidates);
        break;
      case 'filled':
        answer(this.filling, reply.requestId, reply.filling);
        break;
      case 'warmed':
        answer(this.warming, reply.requestId, undefined);
        break;
      case 'learnt':
        answer(this.learning, reply.requestId, undefined);
        break;
      case 'calibrated':
        answer(this.calibrating, reply.requestId, reply.threads);
        break;
      case 'failed':
        for (const pending of this.pending) {
          pending.get(reply.requestId)?.failed(new EngineError(reply.code, reply.message));
          pending.delete(reply.requestId);
        }
        break;
      case 'disposed':
        break; // the thread's exit follows
      default:
        assertNever(reply);
    }
  }

  private failAll(error: EngineError): void {
    for (const pending of this.pending) {
      for (const listener of pending.values()) listener.failed(error);
      pending.clear();
    }
  }
}

/** A library that cannot be loaded will not be at the next try either, unlike what else ends a thread. */
function codeOf(error: unknown): EngineErrorCode {
  const isLibrary = error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_DLOPEN_FAILED';
  return isLibrary ? 'runtime-missing' : 'worker-died';
}

function answer<Answer>(requests: Map<number, Listener<Answer>>, requestId: number, value: Answer): void {
  requests.get(requestId)?.answered(value);
  requests.delete(requestId);
}
