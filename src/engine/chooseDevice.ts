/** Which device a model is to run on, from the setting and from what trials have found. */
import type { Manifest } from '../manifest';
import type { DeviceRefusal } from '../protocol';
import type { DeviceChoice, DeviceSetting, Gpu, Verdict } from './deviceAdvice';

/** A device must save a fifth of the time: it is louder, hotter, and less is known of it than of the CPU. */
const requiredGain = 0.8;

/** A smaller model's step takes a millisecond on the CPU, which is what a device needs to be asked at all. */
export const fewestParameters = 50e6;

/** @param known what was found for this model on this machine */
export function chooseDevice(
  setting: DeviceSetting,
  candidates: readonly Gpu[],
  { numParameters }: Pick<Manifest, 'numParameters'>,
  known: (device: Gpu) => Verdict | null,
): DeviceChoice {
  const onCpu = (refusal: DeviceRefusal | null, untried: Gpu[] = []): DeviceChoice => ({
    device: 'cpu',
    refusal,
    untried,
  });
  if (setting === 'cpu') return onCpu(null);
  if (setting !== 'auto') {
    const verdict = known(setting);
    // `auto` gives up as soon as it sees software; who asks for the device by its name may have it all the same.
    if (!verdict || verdict.refusal?.why === 'software')
      return onCpu({ device: setting, why: 'untried', detail: '' }, [setting]);
    return verdict.refusal ? onCpu(verdict.refusal) : { device: setting, refusal: null, untried: [] };
  }
  const [first] = candidates;
  if (!first) return onCpu(null);
  if (numParameters < fewestParameters) return onCpu({ device: first, why: 'tiny', detail: '' });
  const untried = candidates.filter((device) => !known(device));
  if (untried.length > 0) return onCpu({ device: first, why: 'untried', detail: '' }, untried);
  const judged = candidates.flatMap((device) => known(device) ?? []).map((verdict) => ({ verdict, ...judge(verdict) }));
  const [best] = judged.filter(({ refusal }) => !refusal).sort((a, b) => a.ratio - b.ratio);
  if (best) return { device: best.verdict.device, refusal: null, untried: [] };
  // The one that came nearest says most; one that is not there, as CUDA is on most machines, says least.
  const isMissing = ({ refusal }: (typeof judged)[number]): number => (refusal?.why === 'unavailable' ? 1 : 0);
  return onCpu([...judged].sort((a, b) => isMissing(a) - isMissing(b) || a.ratio - b.ratio)[0]?.refusal ?? null);
}

/** For `auto`, which asks more of a device than that it works. */
function judge({ device, refusal, figures, isSoftware, adapters }: Verdict): {
  refusal: DeviceRefusal | null;
  /** Its time to the CPU's. */
  ratio: number;
} {
  if (refusal || !figures) return { refusal, ratio: Infinity };
  const ratio = figures.msPerToken / figures.cpuMsPerToken;
  if (isSoftware) return { refusal: { device, why: 'software', detail: adapters.join(', ') }, ratio };
  const times = { onDevice: figures.msPerToken, onCpu: figures.cpuMsPerToken };
  const detail = `${times.onDevice.toFixed(1)} ms/token, CPU ${times.onCpu.toFixed(1)}`;
  return { refusal: ratio < requiredGain ? null : { device, why: 'slower', detail, times }, ratio };
}
