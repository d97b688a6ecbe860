/** Knows for each model which devices have been tried, tries those that have not, and says which one to use. */
import type { DeviceRefusal } from '../protocol';
import { chooseDevice } from './chooseDevice';
import type {
  DeviceAdvice,
  DeviceChoice,
  DeviceSetting,
  Gpu,
  TriedModel,
  Verdict,
  VerdictMemory,
} from './deviceAdvice';
import { candidateDevices } from './devices';
import { tryDevice } from './deviceTrials';

export class DeviceAdviser implements DeviceAdvice {
  /** @param program the bundled deviceTrial.ts */
  constructor(
    private readonly program: string,
    private readonly memory: VerdictMemory,
    readonly setting: () => DeviceSetting,
    private readonly candidates = candidateDevices(process.platform, process.arch),
  ) {}

  choice(identity: string, numParameters: number | null): DeviceChoice {
    const model = { numParameters: numParameters ?? Infinity };
    return chooseDevice(this.setting(), this.candidates, model, (device) => this.memory.recall(identity, device));
  }

  /** One that cannot be had is not worth a second look before the next version. */
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

  get devices(): Gpu[] {
    const setting = this.setting();
    const chosen = setting === 'auto' || setting === 'cpu' ? [] : [setting];
    return [...new Set([...this.candidates, ...chosen])];
  }
}
