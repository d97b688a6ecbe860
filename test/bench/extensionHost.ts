/** What the process costs that runs the extension, with the engine's thread in it. Linux. */
import { readFileSync } from 'node:fs';
import { extensionHost } from '../host/processes';

export function extensionHostMegabytes(serverPid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${extensionHost(serverPid)}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
