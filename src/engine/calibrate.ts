/**
 * How many threads a model should run on, found out by running it on this machine.
 *
 * Sharing a step among threads pays only where the step is long, and what it pays depends on cores, memory and what else
 * runs. Steps of a model under 50M parameters are too short to be shared (0.6 ms of the built-in one's, in some 200
 * pieces): it gets one thread without being asked. A larger one is measured once, when it has nothing else to do; the
 * caller keeps the answer for this model on this machine.
 */
import { setImmediate } from 'node:timers/promises';
import type { Manifest } from '../manifest';
import type { Threads } from '../protocol';
import { Graph } from './graph';
import { KvCache } from './kvCache';

export const oneThread: Threads = { numThreads: 1, spinning: false };

/**
 * Whether there is anything to find out; `oneThread` is the answer for tiny models. Models over 500M parameters are not
 * measured either: two of them in memory at once are too much to ask of a laptop.
 */
export function needsCalibration({ numParameters }: Pick<Manifest, 'numParameters'>, numCores: number): boolean {
  return numParameters >= 50e6 && numParameters <= 500e6 && numCores > 1;
}

/** What to try, the most modest first. Beyond eight, threads wait for the memory rather than for each other. */
export function candidates(numCores: number): Threads[] {
  const counts = [1, 2, 4, 8].filter((count) => count <= numCores);
  const quiet = counts.map((numThreads) => ({ numThreads, spinning: false }));
  const most = counts.at(-1) ?? 1;
  return most > 1 ? [...quiet, { numThreads: most, spinning: true }] : quiet;
}

/** What a challenger must gain to replace a choice that takes less of the machine. */
const requiredGain = { quiet: 0.9, spinning: 0.75 };

/** @param ms of a step each, taken in turns, so that a busy moment hits both. */
export function isWorthIt(
  challenger: Threads,
  ms: { incumbent: readonly number[]; challenger: readonly number[] },
): boolean {
  const ratio = median(ms.challenger) / median(ms.incumbent);
  return ratio < (challenger.spinning ? requiredGain.spinning : requiredGain.quiet);
}

/** A loaded model that can be timed. */
export interface Contestant {
  /** Takes one decoding step. */
  step(): Promise<void>;
  release(): Promise<void>;
}

const roundsEach = 12;

/**
 * Lets each candidate in turn run against the best so far. Two are loaded at a time. A step cannot be interrupted, but
 * between steps the event loop has its turn, and an abort ends it all.
 * @returns null when `signal` was aborted
 */
export async function findThreads(
  open: (threads: Threads) => Promise<Contestant>,
  numCores: number,
  signal: AbortSignal,
  now: () => number = () => performance.now(),
): Promise<Threads | null> {
  const [first = oneThread, ...others] = candidates(numCores);
  let best = { threads: first, contestant: await open(first) };
  try {
    for (const threads of others) {
      if (signal.aborted) return null;
      const challenger = { threads, contestant: await open(threads) };
      const ms = await race(best.contestant, challenger.contestant, signal, now).catch(async (error: unknown) => {
        await challenger.contestant.release();
        throw error;
      });
      const [winner, loser] = ms && isWorthIt(threads, ms) ? [challenger, best] : [best, challenger];
      best = winner;
      await loser.contestant.release();
      if (!ms) return null;
    }
    return best.threads;
  } finally {
    await best.contestant.release();
  }
}

async function race(
  incumbent: Contestant,
  challenger: Contestant,
  signal: AbortSignal,
  now: () => number,
): Promise<{ incumbent: number[]; challenger: number[] } | null> {
  const ms = { incumbent: [] as number[], challenger: [] as number[] };
  // The first round warms up.
  for (let round = 0; round <= roundsEach; round++)
    for (const [name, contestant] of [
      ['incumbent', incumbent],
      ['challenger', challenger],
    ] as const) {
      await setImmediate();
      if (signal.aborted) return null;
      const start = now();
      await contestant.step();
      if (round > 0) ms[name].push(now() - start);
    }
  return ms;
}

/** Tokens before the step that is timed. */
const context = 200;

/** A model folder's graph to be timed; its cache is empty rows, which cost what full ones do. */
export function contestants(graphFile: string, manifest: Manifest): (threads: Threads) => Promise<Contestant> {
  return async (threads) => {
    const graph = await Graph.load(graphFile, threads, manifest.isOptimized);
    const cache = new KvCache(manifest);
    const pastLength = Math.min(context, manifest.contextLength - 1);
    cache.reserve(pastLength + 1, 0);
    return {
      step: async () => {
        await graph.run(cache, [0], pastLength, 0);
      },
      release: () => graph.release(),
    };
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}
