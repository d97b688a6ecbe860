/** How fast each model has written on this machine. */
import type * as vscode from 'vscode';
import { devices } from '../../protocol';
import type { Device } from '../../protocol';
import { processorName } from '../processor';
import { savedTable } from '../savedTable';

const stateKey = 'moxu.speeds';

/** Less is noise, and not worth writing to the disk at every suggestion. */
const noticeableChange = 0.15;

export interface SavedSpeed {
  tokensPerSecond: number;
  device: Device;
}

export class SavedSpeeds {
  /** @param state the user's; never synchronised, as it speaks of this machine */
  constructor(private readonly state: vscode.Memento) {}

  recall(identity: string): SavedSpeed | null {
    return this.all()[keyOf(identity)] ?? null;
  }

  remember(identity: string, speed: SavedSpeed): void {
    const known = this.recall(identity);
    const change = known ? Math.abs(speed.tokensPerSecond / known.tokensPerSecond - 1) : Infinity;
    if (known?.device === speed.device && change < noticeableChange) return;
    void this.state.update(stateKey, { ...this.all(), [keyOf(identity)]: speed });
  }

  private all(): Record<string, SavedSpeed> {
    return savedTable(this.state, stateKey, isSpeed);
  }
}

function isSpeed({ tokensPerSecond, device }: { tokensPerSecond?: unknown; device?: unknown }): boolean {
  return Number.isFinite(tokensPerSecond) && devices.some((known) => known === device);
}

function keyOf(identity: string): string {
  return `${identity}|${processorName()}`;
}
