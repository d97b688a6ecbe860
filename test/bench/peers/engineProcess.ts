/** An engine in a process of its own: its memory and its threads are nobody else's. One order at a time. */
import { fork, type ChildProcess } from 'node:child_process';
import type { PeerEngine, PeerLibrary, PeerText } from './engine';
import type { peers } from './install';

export interface EngineChoice {
  kind: 'moxu' | keyof typeof peers;
  /** URL of the library; none for Moxu. */
  library: string;
  model: string;
  numThreads: number;
}

export interface Duration {
  wallMs: number;
  cpuMs: number;
}

export interface Timing extends Duration {
  /** The most probable next tokens on the way. */
  tokens: number[];
}

export interface LoadTiming {
  library: Duration;
  model: Duration;
  firstToken: Duration;
  /** Beyond what a bare Node.js takes, after `fill`. */
  megabytes: number;
}

export type Order =
  | { do: 'load'; choice: EngineChoice; fill: readonly number[] }
  | { do: 'prefill'; ids: readonly number[] }
  /** Steps behind `ids`, after as many that are not counted. */
  | { do: 'decode'; ids: readonly number[]; steps: readonly number[] };

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export class EngineProcess {
  private constructor(private readonly child: ChildProcess) {
    running.add(child);
    child.once('exit', () => running.delete(child));
  }

  /** @param fill ids of a text that is computed to see what memory it takes; empty for none */
  static async start(
    choice: EngineChoice,
    fill: readonly number[] = [],
  ): Promise<{ engine: EngineProcess; load: LoadTiming }> {
    const engine = new EngineProcess(
      fork(process.argv[1] ?? '', ['--engine'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    );
    return { engine, load: await engine.ask<LoadTiming>({ do: 'load', choice, fill }) };
  }

  prefill(ids: readonly number[]): Promise<Timing> {
    return this.ask({ do: 'prefill', ids });
  }

  decode(ids: readonly number[], steps: readonly number[]): Promise<Timing> {
    return this.ask({ do: 'decode', ids, steps });
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL'); // it computes nothing now, and some libraries do not end by themselves
    await gone;
  }

  private ask<Answer>(order: Order): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const died = (code: number | null) => {
        reject(new Error(`the engine's process ended with ${code}`));
      };
      this.child.once('exit', died);
      this.child.once('message', (answer: { answer: Answer } | { error: string }) => {
        this.child.off('exit', died);
        if ('error' in answer) reject(new Error(answer.error));
        else resolve(answer.answer);
      });
      this.child.send(order);
    });
  }
}

/** In the process itself: answers orders until it is stopped. */
export function serve(): void {
  let engine: PeerEngine | undefined;
  const texts = new Map<number, Promise<PeerText>>();
  const answer = async (order: Order): Promise<unknown> => {
    if (order.do === 'load') {
      const loaded = await load(order.choice, order.fill);
      engine = loaded.engine;
      return loaded.timing;
    }
    const peer = engine;
    if (!peer) throw new Error('nothing is loaded');
    const { ids } = order;
    if (order.do === 'prefill') return timed(async () => [await peer.prefill(ids)]);
    let opened = texts.get(ids.length);
    if (!opened) texts.set(ids.length, (opened = peer.open(ids)));
    const text = await opened;
    const steps = async () => {
      const tokens: number[] = [];
      for (const id of order.steps) tokens.push(await text.step(id));
      return tokens;
    };
    await steps(); // brings the weights back into the processor's caches
    await text.rewind();
    const timing = await timed(steps);
    await text.rewind();
    return timing;
  };
  process.on('message', (order: Order) => {
    answer(order).then(
      (answer) => process.send?.({ answer }),
      (error: unknown) =>
        process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}

async function timed(work: () => Promise<number[]>): Promise<Timing> {
  const clock = new Stopwatch();
  const tokens = await work();
  return { ...clock.lap(), tokens };
}

class Stopwatch {
  private start = performance.now();
  private cpu = process.cpuUsage();

  /** Since the last lap. */
  lap(): Duration {
    const [start, { user, system }] = [this.start, process.cpuUsage(this.cpu)];
    this.start = performance.now();
    this.cpu = process.cpuUsage();
    return { wallMs: this.start - start, cpuMs: (user + system) / 1000 };
  }
}

async function load({ kind, library: url, model: path, numThreads }: EngineChoice, fill: readonly number[]) {
  const bare = process.memoryUsage.rss();
  const clock = new Stopwatch();
  const code = await libraryOf(kind, url);
  const library = clock.lap();
  const engine = await code.load(path, numThreads);
  const model = clock.lap();
  await engine.prefill([1]);
  const firstToken = clock.lap();
  if (fill.length > 0) await engine.prefill(fill);
  const megabytes = (process.memoryUsage.rss() - bare) / 2 ** 20;
  return { engine, timing: { library, model, firstToken, megabytes } satisfies LoadTiming };
}

/** Imported here, so that a process holds the code of its own engine only. */
async function libraryOf(kind: EngineChoice['kind'], library: string): Promise<PeerLibrary> {
  switch (kind) {
    case 'moxu':
      return (await import('./moxuEngine')).moxu;
    case 'llama':
      return (await import('./llamaEngine')).llamaCpp(library);
    case 'transformers':
      return (await import('./transformersEngine')).transformersJs(library);
  }
}
