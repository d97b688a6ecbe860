/** Knows for each model which devices have been tried, tries those that have not, and says which one to use. */
import type { DeviceRefusal, Threads } from '../protocol';
import { chooseDevice, type DeviceChoice, type DeviceSetting } from './chooseDevice';
import { candidateDevices, type Gpu } from './devices';
import { tryDevice, type Verdict } from './deviceTrials';

/** Keeps verdicts, for each model on this machine. */
export interface VerdictMemory {
  recall(identity: string, device: Gpu): Verdict | null;
  remember(identity: string, verdict: Verdict): void;
}

export interface TriedModel {
  modelDir: string;
  identity: string;
  /** Of the CPU, with which a device is compared. */
  threads: Threads;
}

export class DeviceAdviser {
  /** @param program the bundled deviceTrial.ts */
  constructor(
    private readonly program: string,
    private readonly memory: VerdictMemory,
    readonly setting: () => DeviceSetting,
    private readonly candidates = candidateDevices(process.platform, process.arch),
  ) {}

  /** @param numParameters null before the model has been loaded */
  choice(identity: string, numParameters: number | null): DeviceChoice {
    const model = { numParameters: numParameters ?? Infinity };
    return chooseDevice(this.setting(), this.candidates, model, (device) => this.memory.recall(identity, device));
  }

  /** Tries devices one after the other. One that cannot be had is not worth a second look before the next version. */
  async tryEach(
    { modelDir, identity, threads }: TriedModel,
    devices: readonly Gpu[],
    signal: AbortSignal,
    onVerdict: (verdict: Verdict) => void = () => undefined,
  ): Promise<void> {
    for (const device of devices) {
      const software = this.setting() === device ? 'tried' : 'refused';
      const verdict = await tryDevice(this.program, { modelDir, device, threads }, software, signal);
      if (signal.aborted) return;
      this.memory.remember(identity, verdict);
      onVerdict(verdict);
    }
  }

  /** It worked when it was tried, and does not now. */
  failed(identity: string, refusal: DeviceRefusal): void {
    if (refusal.device === 'cpu') return;
    const known = this.memory.recall(identity, refusal.device);
    if (known) this.memory.remember(identity, { ...known, refusal, figures: null });
  }

  /** Every device that the report speaks of: what could be chosen here, and what was. */
  get devices(): Gpu[] {
    const setting = this.setting();
    const chosen = setting === 'auto' || setting === 'cpu' ? [] : [setting];
    return [...new Set([...this.candidates, ...chosen])];
  }
}
