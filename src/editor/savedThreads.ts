/** What calibration found, kept for each model on this machine. */
import { availableParallelism } from 'node:os';
import type * as vscode from 'vscode';
import type { ThreadMemory } from '../engine/engine';
import type { Threads } from '../protocol';
import { processorName } from './processor';
import { savedTable } from './savedTable';

const stateKey = 'moxu.threads';

export class SavedThreads implements ThreadMemory {
  /** @param state the user's; never synchronised, as it speaks of this machine */
  constructor(private readonly state: vscode.Memento) {}

  recall(identity: string): Threads | null {
    return this.all()[onThisMachine(identity)] ?? null;
  }

  remember(identity: string, threads: Threads): void {
    void this.state.update(stateKey, { ...this.all(), [onThisMachine(identity)]: threads });
  }

  private all(): Record<string, Threads> {
    return savedTable(this.state, stateKey, isThreads);
  }
}

function isThreads({ numThreads, spinning }: { numThreads?: unknown; spinning?: unknown }): boolean {
  return Number.isInteger(numThreads) && Number(numThreads) > 0 && typeof spinning === 'boolean';
}

/** A model that is taken to another machine is measured again; one that is renamed or moved is not. */
export function onThisMachine(identity: string): string {
  return [identity, processorName(), availableParallelism()].join('|');
}
