/** What a model can run on, and how ONNX Runtime is asked for it. Providers are asked for one at a time: they throw. */
import type { InferenceSession } from './onnxRuntime';
import type { GpuGraphOptions } from '../builder/gpuGraph';
import type { GpuFloat } from '../builder/gpuWeights';
import type { Gpu } from './deviceAdvice';

/** What `auto` tries, in this order; what onnxruntime-node 1.30 has for the platform. */
export function candidateDevices(platform: NodeJS.Platform, arch: string): Gpu[] {
  if (platform === 'win32') return ['webgpu', 'dml'];
  if (platform === 'darwin') return ['webgpu', 'coreml'];
  return platform === 'linux' && arch === 'x64' ? ['cuda', 'webgpu'] : [];
}

/** float16 first: half the memory to read at each token. Adapters that do not know it refuse, then float32 runs. */
export const floats: readonly GpuFloat[] = ['float16', 'float32'];

/** Only the WebGPU provider leaves tensors on the device through this binding, and 8-bit matrices are not everywhere. */
export function graphOptionsFor(device: Gpu, float: GpuFloat): GpuGraphOptions {
  return { cache: device === 'webgpu' ? 'kept' : 'fed', float, int8: device === 'webgpu' || device === 'cuda' };
}

/** @param folder where the graph's data file is */
export function sessionOptionsFor(device: Gpu, folder: string): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    interOpNumThreads: 1,
    extra: { session: { model_external_initializers_file_folder_path: folder } },
    logSeverityLevel: 3,
  };
}
