/**
 * Ghost text is paused for a while. Known to this window only, and not kept: whoever opens VS Code anew, or switches ghost
 * text on, does not find it silent. While it lasts one timer waits for its end; nothing ticks.
 */
import * as vscode from 'vscode';

export class Pause implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** It began, was prolonged, or ended. */
  readonly onChange = this.changed.event;
  private end: NodeJS.Timeout | undefined;
  private endsAt = 0;

  /** When it ends, in milliseconds since 1970; null when there is none. A machine that slept through its end has none. */
  get until(): number | null {
    return this.endsAt > Date.now() ? this.endsAt : null;
  }

  /** In place of a pause that there is. */
  start(minutes: number): void {
    this.set(Date.now() + minutes * 60_000);
  }

  resume(): void {
    if (this.endsAt > 0) this.set(0);
  }

  dispose(): void {
    clearTimeout(this.end);
    this.changed.dispose();
  }

  private set(endsAt: number): void {
    clearTimeout(this.end);
    this.endsAt = endsAt;
    if (endsAt > 0) this.end = setTimeout(() => this.resume(), endsAt - Date.now());
    this.changed.fire();
  }
}
