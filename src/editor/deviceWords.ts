/** Devices, and why one is not used, in the writer's language. */
import * as vscode from 'vscode';
import type { Device, DeviceRefusal } from '../protocol';

const names: Record<Device, string> = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'Core ML',
};

export function deviceName(device: Device): string {
  return names[device];
}

export function refusalInWords(refusal: DeviceRefusal): string {
  const { device } = refusal;
  const name = deviceName(device);
  switch (refusal.why) {
    case 'untried':
      return vscode.l10n.t('{0} has not been tried yet; Moxu tries it while you rest.', name);
    case 'unavailable':
      if (device === 'cuda')
        return vscode.l10n.t(
          'CUDA is not available: it needs CUDA 12, cuDNN 9 and two libraries that do not come with Moxu. The README says which, and where they belong.',
        );
      return vscode.l10n.t('{0} is not available on this machine.', name);
    case 'failed':
      return vscode.l10n.t('{0} could not run this model; “Moxu: Detect Devices” shows the error.', name);
    case 'crashed':
      return vscode.l10n.t(
        'The program crashed while {0} was being tried, so it is not used. After updating the graphics driver, try again with “Moxu: Detect Devices”.',
        name,
      );
    case 'wrong':
      return vscode.l10n.t('What {0} computes does not agree with the CPU, so it is not used.', name);
    case 'software':
      return vscode.l10n.t('There is no GPU that {0} could use, only software that emulates a GPU on the CPU.', name);
    case 'slower':
      return vscode.l10n.t(
        '{0} is not clearly faster than the CPU here ({1} ms per token; CPU: {2} ms).',
        name,
        refusal.times.onDevice.toFixed(1),
        refusal.times.onCpu.toFixed(1),
      );
    case 'tiny':
      return vscode.l10n.t('The model is so small that it is fastest on the CPU.');
  }
}

/** @param distance of logits from the CPU's, relative to these */
export function distanceInWords(distance: number): string {
  const percent = distance * 100;
  return vscode.l10n.t(
    'Logits differ from the CPU’s by {0}%.',
    percent < 10 ? percent.toPrecision(2) : percent.toFixed(),
  );
}
