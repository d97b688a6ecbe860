/**
 * How long to wait before a suggestion is asked for. Where the model answers between two keys, asking at once is right:
 * the ghost is there before the next key, and the writer may type along it. Where it does not, each request would be
 * aborted by the next key; so it waits until a key is late, that is, until the writer pauses. Now and then it is asked all
 * the same: a model that was slow once, as at its first answer, would else be taken for slow as long as the writer types.
 */
export class TypingPace {
  private keys = 0;
  private lastKeyMs = -Infinity;
  /** Running mean of the time between keys; pauses are none. */
  private intervalMs: number | undefined;
  /** Running mean of how long a new suggestion took. */
  private latencyMs = 0;

  /** A key, or what an input method commits. @param nowMs any steady clock */
  key(nowMs: number): void {
    this.keys++;
    const interval = nowMs - this.lastKeyMs;
    this.lastKeyMs = nowMs;
    if (interval > longestIntervalMs) return;
    this.intervalMs = mean(this.intervalMs, interval);
  }

  /** A suggestion was answered, `ms` after it was asked for. */
  answered(ms: number): void {
    const { latencyMs } = this;
    // Much can make an answer late; an early one shows what can be had.
    this.latencyMs = ms < latencyMs ? (latencyMs + ms) / 2 : mean(latencyMs === 0 ? undefined : latencyMs, ms);
  }

  /** @param alreadyMs since the latest key, as VS Code waits by itself */
  delayMs(alreadyMs: number): number {
    const { intervalMs, latencyMs } = this;
    const isTrial = this.keys % keysToTrial === 0;
    if (intervalMs === undefined || alreadyMs + latencyMs <= intervalMs || isTrial) return 0;
    return Math.min(longestDelayMs, Math.max(0, lateness * intervalMs - alreadyMs));
  }

  /** How many keys are typed while the model answers. */
  keysPerAnswer(): number {
    const { intervalMs, latencyMs } = this;
    return intervalMs === undefined ? 1 : Math.ceil(latencyMs / Math.max(1, intervalMs));
  }

  /** After how long without a key the writer can be taken to rest. */
  restMs(): number {
    return Math.min(longestDelayMs, lateness * (this.intervalMs ?? longestDelayMs));
  }
}

/** At one key of so many the model is asked though it is taken for slow. */
const keysToTrial = 8;
/** Longer than this, the writer was thinking. */
const longestIntervalMs = 1000;
/** A key is late when this times the usual interval has passed. */
const lateness = 1.25;
const longestDelayMs = 300;
const weight = 0.2;

function mean(before: number | undefined, value: number): number {
  return before === undefined ? value : before + weight * (value - before);
}
