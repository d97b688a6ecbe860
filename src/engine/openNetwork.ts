/** A model folder's graph on a device. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gpuGraph } from '../builder/gpuGraph';
import type { GpuFloat } from '../builder/gpuWeights';
import { EngineError } from '../errors';
import { graphFile } from '../manifest';
import type { Manifest } from '../manifest';
import type { Device, Threads } from '../protocol';
import { DeviceGraph } from './deviceGraph';
import { DeviceSession } from './deviceSession';
import type { Gpu } from './deviceAdvice';
import { floats, graphOptionsFor } from './devices';
import { Graph } from './graph';
import type { Network } from './network';
import { Session } from './session';

export interface OpenNetwork {
  network: Network;
  /** What it computes with; integers of the CPU's graph aside. */
  float: GpuFloat;
}

/** @throws EngineError 'runtime-failed' when the device does not take the graph or does not compute it. */
export async function openNetwork(
  modelDir: string,
  manifest: Manifest,
  device: Device,
  threads: Threads,
): Promise<OpenNetwork> {
  if (device === 'cpu')
    return { network: await Session.load(join(modelDir, graphFile), manifest, threads), float: 'float32' };
  const cpuGraph = await readFile(join(modelDir, graphFile));
  const refusals: string[] = [];
  for (const float of floats) {
    try {
      const network = await openOn(device, cpuGraph, modelDir, manifest, float);
      return { network: await warmedUp(network, manifest), float };
    } catch (error) {
      const { code, message } = EngineError.from(error, 'runtime-failed');
      if (code !== 'runtime-failed') throw error;
      refusals.push(`${float}: ${message}`);
    }
  }
  throw new EngineError('runtime-failed', refusals.join('\n'));
}

async function openOn(
  device: Gpu,
  cpuGraph: Uint8Array,
  folder: string,
  manifest: Manifest,
  float: GpuFloat,
): Promise<Network> {
  const options = graphOptionsFor(device, float);
  const bytes = gpuGraph(cpuGraph, manifest, options);
  if (options.cache === 'kept')
    return new DeviceSession(await DeviceGraph.load(bytes, folder, manifest, device, float), manifest);
  return new Session(await Graph.loadOn(device, bytes, folder), { ...manifest, kvCache: 'float32' });
}

/** Some devices take a graph and fail only when they are to compute it. */
async function warmedUp(network: Network, { specialTokens }: Manifest): Promise<Network> {
  try {
    await network.logitsAfter([specialTokens.unknown ?? 0], new AbortController().signal);
    return network;
  } catch (error) {
    await network.release();
    throw error;
  }
}
