/** The converting thread from the host's side. It starts with the first request, and ends with the last answer. */
import { Worker } from 'node:worker_threads';
import type {
  CheckpointChoice,
  ConversionChoice,
  ConversionProgress,
  ConversionReply,
  ConversionRequest,
  Recognised,
} from '../../conversion';
import { EngineError } from '../../errors';

export interface Watch {
  onProgress(progress: ConversionProgress): void;
  signal: AbortSignal;
}

type Terminal = Exclude<ConversionReply, { type: 'progress' }>;
type Body = ConversionRequest extends infer R ? (R extends ConversionRequest ? Omit<R, 'requestId'> : never) : never;

const unwatched: Watch = { onProgress: () => undefined, signal: new AbortController().signal };

export class ConversionThread {
  private nextRequestId = 1;

  /** @param file the bundled builder/thread.ts */
  constructor(private readonly file: string) {}

  /** @throws EngineError 'tokenizer-missing', 'checkpoint-invalid' */
  async recognise(choice: CheckpointChoice): Promise<Recognised> {
    const reply = await this.ask({ type: 'recognise', choice }, unwatched);
    return (reply as Extract<Terminal, { type: 'recognised' }>).recognised;
  }

  /** @returns false when it was cancelled @throws EngineError */
  async convert(choice: ConversionChoice, watch: Watch): Promise<boolean> {
    return (await this.ask({ type: 'convert', choice }, watch)).type === 'written';
  }

  /** @returns false when it was cancelled @throws EngineError */
  async copy(from: string, to: string, watch: Watch): Promise<boolean> {
    return (await this.ask({ type: 'copy', from, to }, watch)).type === 'written';
  }

  /** @returns names of damaged files; null when it was cancelled @throws EngineError */
  async verify(modelDir: string, watch: Watch): Promise<string[] | null> {
    const reply = await this.ask({ type: 'verify', modelDir }, watch);
    return reply.type === 'verified' ? reply.damaged : null;
  }

  private async ask(body: Body, watch: Watch): Promise<Terminal> {
    const { signal } = watch;
    const requestId = this.nextRequestId++;
    const worker = new Worker(this.file, { name: 'moxu-converter' });
    const cancel = (): void => worker.postMessage({ type: 'cancel', requestId } satisfies ConversionRequest);
    signal.addEventListener('abort', cancel);
    try {
      const reply = await new Promise<Terminal>((resolve, reject) => {
        worker.on('message', (message: ConversionReply) => {
          if (message.type === 'progress') watch.onProgress(message.progress);
          else resolve(message);
        });
        worker.on('error', (error: unknown) => reject(EngineError.from(error)));
        worker.on('exit', (code) => reject(new EngineError('internal', `the converting thread ended (${code})`)));
        worker.postMessage({ ...body, requestId });
        if (signal.aborted) cancel();
      });
      if (reply.type === 'failed') throw new EngineError(reply.code, reply.message, reply.facts);
      return reply;
    } finally {
      signal.removeEventListener('abort', cancel);
      void worker.terminate();
    }
  }
}
