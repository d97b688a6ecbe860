/** Devices as the rest of the extension sees them: what one may be chosen, what was found, and who knows. Types only. */
import type { GpuFloat } from '../builder/gpuWeights';
import type { Device, DeviceRefusal, Threads } from '../protocol';

export type Gpu = Exclude<Device, 'cpu'>;

export type DeviceSetting = 'auto' | Device;

export interface DeviceChoice {
  device: Device;
  refusal: DeviceRefusal | null;
  /** Devices that have to be tried before the choice is final. */
  untried: Gpu[];
}

export interface TrialFigures {
  float: GpuFloat;
  /** Of a decoding step behind a fixed number of others. */
  msPerToken: number;
  cpuMsPerToken: number;
  /** Distance of the logits from the CPU's, relative to these: √(Σ(a−b)²/Σb²), the worst of several. */
  distance: number;
}

/** What is known of a model on a device of this machine. */
export interface Verdict {
  device: Gpu;
  /** Null where the device runs the model. */
  refusal: DeviceRefusal | null;
  figures: TrialFigures | null;
  providers: string[];
  adapters: string[];
  isSoftware: boolean;
}

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

export interface DeviceAdvice {
  readonly setting: () => DeviceSetting;
  /** Every device that a report speaks of: what could be chosen here, and what was. */
  readonly devices: Gpu[];
  /** @param numParameters null before the model has been loaded */
  choice(identity: string, numParameters: number | null): DeviceChoice;
  /** Tries devices one after the other, until `signal` is aborted. */
  tryEach(
    model: TriedModel,
    devices: readonly Gpu[],
    signal: AbortSignal,
    onVerdict?: (verdict: Verdict) => void,
  ): Promise<void>;
}
