import type { Memento } from 'vscode';

/** VS Code's store, with the number of times that it was written to. */
export class MemoryState implements Memento {
  writes = 0;
  private values: Record<string, unknown> = {};

  keys(): readonly string[] {
    return Object.keys(this.values);
  }

  get<T>(key: string, otherwise?: T): T {
    return (this.values[key] ?? otherwise) as T;
  }

  update(key: string, value: unknown): Promise<void> {
    this.writes++;
    this.values[key] = JSON.parse(JSON.stringify(value)); // what a restart would leave
    return Promise.resolve();
  }
}
