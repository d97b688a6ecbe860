/** Progress and time left on stderr: one line that is rewritten in a terminal, now and then a new one elsewhere. */

export class Progress {
  private readonly started: number;
  private shown = -Infinity;

  /** @param total in any unit that grows evenly with time */
  constructor(
    private readonly what: string,
    private readonly total: number,
    private readonly out: { write(text: string): unknown; isTTY?: boolean } = process.stderr,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.started = clock();
  }

  at(done: number): void {
    const now = this.clock();
    const last = done >= this.total;
    if (!last && now - this.shown < (this.out.isTTY ? 200 : 10_000)) return;
    this.shown = now;
    const seconds = (now - this.started) / 1000;
    const left = done > 0 ? (seconds * (this.total - done)) / done : NaN;
    const percent = this.total > 0 ? Math.floor((100 * Math.min(done, this.total)) / this.total) : 100;
    const time = last ? duration(seconds) : `${duration(seconds)}, ${duration(left)} left`;
    const line = `${this.what}: ${percent} %, ${time}`;
    this.out.write(this.out.isTTY ? `\r\x1b[K${line}${last ? '\n' : ''}` : `${line}\n`);
  }
}

/** 75 → "1:15"; "?" where it is not known yet. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
