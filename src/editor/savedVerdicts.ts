/** What trials of devices found, kept for each model on this machine until Moxu, and with it ONNX Runtime, is another. */
import type * as vscode from 'vscode';
import type { Gpu, Verdict, VerdictMemory } from '../engine/deviceAdvice';
import { savedTable } from './savedTable';
import { onThisMachine } from './savedThreads';

const stateKey = 'moxu.devices';

export class SavedVerdicts implements VerdictMemory {
  /** @param state the user's; never synchronised, as it speaks of this machine */
  constructor(
    private readonly state: vscode.Memento,
    private readonly version: string,
  ) {}

  recall(identity: string, device: Gpu): Verdict | null {
    return this.all()[this.keyOf(identity, device)] ?? null;
  }

  remember(identity: string, verdict: Verdict): void {
    // What other versions found is of no use any more, and would pile up.
    const current = Object.entries(this.all()).filter(([key]) => key.split('|').at(-2) === this.version);
    const known = Object.fromEntries(current);
    void this.state.update(stateKey, { ...known, [this.keyOf(identity, verdict.device)]: verdict });
  }

  private all(): Record<string, Verdict> {
    return savedTable(this.state, stateKey, isVerdict);
  }

  private keyOf(identity: string, device: Gpu): string {
    return [onThisMachine(identity), this.version, device].join('|');
  }
}

/** Entries are this version's own: what is looked at is that none is cut short. */
function isVerdict({ device, refusal, figures }: { device?: unknown; refusal?: unknown; figures?: unknown }): boolean {
  return typeof device === 'string' && typeof refusal === 'object' && typeof figures === 'object';
}
