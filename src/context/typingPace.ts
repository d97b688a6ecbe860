/**
 * How long to wait before a suggestion is asked for. Where the model answers between two keys, asking at once is right:
 * the ghost is there before the next key, and the writer may type along it. Where it does not, each request would be
 * aborted by the next key; so it waits until a key is late, that is, until the writer pauses.
 */
export class TypingPace {
  private lastKeyMs = -Infinity;
  /** Running mean of the time between keys; pauses are none. */
  private intervalMs: number | undefined;
  /** Running mean of how long a new suggestion took. */
  private latencyMs = 0;

  /** A key, or what an input method commits. @param nowMs any steady clock */
  key(nowMs: number): void {
    const interval = nowMs - this.lastKeyMs;
    this.lastKeyMs = nowMs;
    if (interval > longestIntervalMs) return;
    this.intervalMs = mean(this.intervalMs, interval);
  }

  /** A suggestion was answered, `ms` after it was asked for. */
  answered(ms: number): void {
    this.latencyMs = mean(this.latencyMs === 0 ? undefined : this.latencyMs, ms);
  }

  /** @param alreadyMs since the latest key, as VS Code waits by itself */
  delayMs(alreadyMs: number): number {
    const { intervalMs, latencyMs } = this;
    if (intervalMs === undefined || alreadyMs + latencyMs <= intervalMs) return 0;
    return Math.min(longestDelayMs, Math.max(0, lateness * intervalMs - alreadyMs));
  }

  /** After how long without a key the writer can be taken to rest. */
  restMs(): number {
    return Math.min(longestDelayMs, lateness * (this.intervalMs ?? longestDelayMs));
  }
}

/** Longer than this, the writer was thinking. */
const longestIntervalMs = 1000;
/** A key is late when this times the usual interval has passed. */
const lateness = 1.25;
const longestDelayMs = 300;
const weight = 0.2;

function mean(before: number | undefined, value: number): number {
  return before === undefined ? value : before + weight * (value - before);
}
