/** Where figures were measured: a figure without it is worth nothing. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';

export function describeMachine(): string {
  const [cpu] = cpus();
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  return [
    `Machine: ${cpu?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GB, ${process.platform}-${process.arch}, Node ${process.version}`,
    `Load average at the start: ${loadavg()
      .map((load) => load.toFixed(2))
      .join(' ')}; commit ${commit}`,
  ].join('\n');
}

/** The value below which a share `p` of `values` lies. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? NaN;
}

/** "median (p5 – p95)" in milliseconds. */
export function spread(values: readonly number[]): string {
  const [middle, low, high] = [0.5, 0.05, 0.95].map((p) => percentile(values, p).toFixed(1));
  return `${middle} (${low} – ${high})`;
}
