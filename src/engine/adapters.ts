/**
 * Which graphics adapters a machine has, read from what native code writes to stderr: ONNX Runtime's Node binding gives
 * no name of the adapter that its WebGPU provider uses (1.30: no call for it, and the verbose log prints two addresses).
 *
 * - The Vulkan loader, through which WebGPU runs on Linux, names its devices when VK_LOADER_DEBUG has `info,driver`:
 *   `INFO | DRIVER:   [0] SwiftShader Device (Subzero)`, newer ones with `[Vulkan Loader] ` before it.
 * - ONNX Runtime, at log level `info`, lists hardware that it found by itself: `Discovered OrtHardwareDevice {…, type:1,
 *   …}`, where type 1 is a GPU. On Windows it leaves out software and remote adapters.
 */
export interface Adapters {
  /** Of the Vulkan devices; none where WebGPU does not run through Vulkan. */
  names: string[];
  /** GPUs that are hardware, as far as ONNX Runtime sees. */
  numHardwareGpus: number;
}

/** Written to stderr by a trial when everything about adapters stands before it. */
export const openedMark = 'moxu: the device is open';

/** For the process that is to write about its adapters. ONNX Runtime's log level is set in the process itself. */
export const adapterLogEnvironment = { VK_LOADER_DEBUG: 'info,driver' };

export function adaptersIn(stderr: string): Adapters {
  const listed = stderr.matchAll(
    /^(?:\[Vulkan Loader\] )?(?:INFO|DRIVER|INFO \| DRIVER|DRIVER \| INFO):\s+\[\d+\] (.+?)\s*$/gm,
  );
  return {
    names: [...new Set(Array.from(listed, ([, name = '']) => name))],
    numHardwareGpus: Array.from(stderr.matchAll(/Discovered OrtHardwareDevice \{[^}]*\btype:1\b/g)).length,
  };
}

/** Programs that play a GPU: Google's, Mesa's, Microsoft's. */
const softwareNames = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

/**
 * Whether WebGPU or DirectML would run on a program in place of a GPU. Where devices are named, real ones are preferred
 * by the provider (it asks for the high-performance one), so one of them is enough.
 */
export function isSoftwareOnly({ names, numHardwareGpus }: Adapters): boolean {
  return names.length > 0 ? names.every((name) => softwareNames.test(name)) : numHardwareGpus === 0;
}
