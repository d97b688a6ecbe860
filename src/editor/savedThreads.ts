/** What calibration found, kept for each model on this machine. */
import { availableParallelism } from 'node:os';
import type * as vscode from 'vscode';
import type { ThreadMemory } from '../engine/workerEngine';
import type { Threads } from '../protocol';
import { processorName } from './processor';

const stateKey = 'moxu.threads';

export class SavedThreads implements ThreadMemory {
  /** @param state the user's; never synchronised, as it speaks of this machine */
  constructor(private readonly state: vscode.Memento) {}

  recall(modelDir: string): Threads | null {
    return this.all()[onThisMachine(modelDir)] ?? null;
  }

  remember(modelDir: string, threads: Threads): void {
    void this.state.update(stateKey, { ...this.all(), [onThisMachine(modelDir)]: threads });
  }

  private all(): Record<string, Threads> {
    return this.state.get<Record<string, Threads>>(stateKey, {});
  }
}

/** A folder that is taken to another machine is measured again. */
export function onThisMachine(modelDir: string): string {
  return [modelDir, processorName(), availableParallelism()].join('|');
}
