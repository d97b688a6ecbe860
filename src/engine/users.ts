/** Counts who is using something, and tells when nobody has for a while. */
export class Users {
  private count = 0;
  private timer: NodeJS.Timeout | null = null;
  private waiting: { ms: number; then: (back: AbortSignal) => void } | null = null;
  private away: AbortController | null = null;

  /** @returns a function to call when they have what they wanted */
  enter(): () => void {
    this.count++;
    if (this.timer) clearTimeout(this.timer);
    this.away?.abort();
    this.away = null;
    return () => {
      this.count--;
      this.wait();
    };
  }

  /**
   * Calls `then` once, when nobody has been here for `ms`; in place of what was waiting before. It is given a signal that
   * somebody is back.
   */
  whenGone(ms: number, then: (back: AbortSignal) => void): void {
    this.waiting = { ms, then };
    this.wait();
  }

  stop(): void {
    this.waiting = null;
    if (this.timer) clearTimeout(this.timer);
  }

  private wait(): void {
    if (this.timer) clearTimeout(this.timer);
    if (this.count > 0 || !this.waiting) return;
    const { ms, then } = this.waiting;
    this.timer = setTimeout(() => {
      this.waiting = null;
      this.away = new AbortController();
      then(this.away.signal);
    }, ms);
    this.timer.unref();
  }
}
