/**
 * A second extension, for benchmarks only: it looks at Moxu from inside the extension host, so that what is measured is
 * the extension as it is packaged. It answers on a port of this machine, which it writes into MOXU_PROBE_FILE.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { stretchesOf } from './stretches';
import type { Stretch } from './stretches';

/** Of VS Code's requests for ghost text. Times are milliseconds since 1970. */
export interface Ask {
  at: number;
  answeredAt: number;
  /** What was suggested before answered it. */
  wasKnown: boolean;
  /** The writer had typed on. */
  wasLate: boolean;
  ghost: string;
}

export interface Report {
  counts: MoxuApi['ghostText']['counts'];
  asks: Ask[];
  /** Seconds of processor time since the start: of that thread, and of all others in the process. */
  hostCpu: number;
  engineCpu: number;
}

const samplingIntervalUs = 200;

const now = (): number => performance.timeOrigin + performance.now();

/** Seconds: of the main thread, and of all. */
function cpuTimes(): { main: number; all: number } {
  const seconds = (file: string): number => {
    const fields = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  };
  const threads = readdirSync('/proc/self/task');
  return {
    main: seconds(`/proc/self/task/${process.pid}/stat`),
    all: threads.reduce((sum, id) => sum + seconds(`/proc/self/task/${id}/stat`), 0),
  };
}

function insertedText(item: vscode.InlineCompletionItem | undefined): string {
  return typeof item?.insertText === 'string' ? item.insertText : '';
}

/** Of the main thread, whose id is the process's. Without the rights, or on another system, nothing happens. */
function schedule(policy: string, priority: number): void {
  spawnSync('chrt', [policy, '--pid', String(priority), String(process.pid)]);
}

/** As long as most of our stretches. */
const idleWorkMs = 0.25;

/** Sums, for nothing: no memory, no functions, nothing that is run for the first time. */
function idleWork(rounds: number): number {
  let sum = 0;
  for (let i = 0; i < rounds; i++) sum = Math.imul(sum ^ i, 0x9e3779b1);
  return sum;
}

/** @returns how many rounds take `idleWorkMs` where nothing disturbs them */
function idleRounds(): number {
  const rounds = 100_000;
  let best = Infinity;
  for (let i = 0; i < 50; i++) {
    const start = performance.now();
    idleWork(rounds);
    best = Math.min(best, performance.now() - start);
  }
  return Math.round((rounds * idleWorkMs) / best);
}

class Probe {
  private readonly session = new Session();
  private readonly rounds = idleRounds();
  private control: NodeJS.Timeout | undefined;
  private asks: Ask[] = [];
  private countsBefore: Report['counts'] | undefined;
  private cpuBefore = cpuTimes();

  constructor(private readonly moxu: MoxuApi) {
    this.session.connect();
    const { ghostText } = moxu;
    const provide = ghostText.provideInlineCompletionItems.bind(ghostText);
    ghostText.provideInlineCompletionItems = async (document, position, context, token) => {
      const { version } = document;
      const { known } = ghostText.counts;
      const at = now();
      const items = await provide(document, position, context, token);
      // Another request that was answered meanwhile would be counted here; it is cancelled, and that is noted.
      const wasKnown = ghostText.counts.known > known;
      this.asks.push({
        at,
        answeredAt: now(),
        wasKnown,
        wasLate: token.isCancellationRequested || document.version !== version,
        ghost: insertedText(items[0]),
      });
      return items;
    };
  }

  start(): void {
    this.asks = [];
    this.countsBefore = { ...this.moxu.ghostText.counts };
    this.cpuBefore = cpuTimes();
  }

  stop(): Report {
    const { main, all } = cpuTimes();
    const before = this.cpuBefore;
    const counts = { ...this.moxu.ghostText.counts };
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] -= this.countsBefore?.[name] ?? 0;
    return {
      counts,
      asks: this.asks,
      hostCpu: main - before.main,
      engineCpu: all - main - (before.all - before.main),
    };
  }

  /**
   * A profile costs time itself, so none is taken while the rest is measured. Where we may, the thread is let run before all
   * others for so long: what is ours is looked for, not what other programs take of two processors.
   */
  async startProfile(): Promise<void> {
    schedule('--fifo', 1);
    await this.session.post('Profiler.enable');
    await this.session.post('Profiler.setSamplingInterval', { interval: samplingIntervalUs });
    await this.session.post('Profiler.start');
  }

  /** Work of known length on the same thread, until the profile ends: what it is held up by holds ours up, too. */
  startControl(): void {
    this.control = setInterval(() => idleWork(this.rounds), 20);
  }

  /** @returns how long Moxu had the thread on which all extensions run, and the control */
  async stopProfile(): Promise<{ ours: Stretch[]; control: Stretch[] }> {
    clearInterval(this.control);
    const { profile } = await this.session.post('Profiler.stop');
    await this.session.post('Profiler.disable');
    schedule('--other', 0);
    const of = (pattern: RegExp): Stretch[] =>
      stretchesOf(profile, samplingIntervalUs, (url, name) => pattern.test(`${url} ${name}`));
    return {
      ours: of(/moxu\.moxu-[^/]*\/dist\/[^/]*\.js /),
      control: of(/moxu-bench\.probe-[^/]*\/probe\.js idleWork$/),
    };
  }
}

/** Milliseconds; without what VS Code waits for meanwhile. */
export interface ActivationTimes {
  /** In which dist/extension.js was read, compiled and run. */
  load: number;
  /** In which its `activate` ran. */
  activate: number;
}

function activationTimes({ activateMs }: MoxuApi): ActivationTimes {
  const { MonacoPerformanceMarks: vscodeMarks } = globalThis as unknown as {
    MonacoPerformanceMarks: { getMarks(): { name: string; startTime: number }[] };
  };
  const at = (name: string): number =>
    vscodeMarks.getMarks().find((mark) => mark.name === `code/extHost/${name}/moxu.moxu`)?.startTime ?? NaN;
  return { load: at('didLoadExtensionCode') - at('willLoadExtensionCode'), activate: activateMs };
}

export async function activate(): Promise<void> {
  const moxu = await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate();
  if (!moxu) throw new Error('Moxu is not installed');
  const probe = new Probe(moxu);
  const answers: Record<string, () => unknown> = {
    '/start': () => probe.start(),
    '/stop': () => probe.stop(),
    '/startProfile': () => probe.startProfile(),
    '/startControl': () => probe.startControl(),
    '/stopProfile': () => probe.stopProfile(),
    '/activation': () => activationTimes(moxu),
  };
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    Promise.resolve(answer ? answer() : Promise.reject(new Error(`no ${request.url}`))).then(
      (value) => response.end(JSON.stringify(value ?? null)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1', () => {
    writeFileSync(process.env['MOXU_PROBE_FILE'] ?? '', String((server.address() as AddressInfo).port));
  });
}
