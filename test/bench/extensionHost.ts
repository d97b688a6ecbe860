/** What the process costs that runs the extension, with the engine's thread in it. Linux. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { extensionHost } from '../host/processes';

export function extensionHostMegabytes(serverPid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${extensionHost(serverPid)}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

/** In words. */
export async function idleCpu(serverPid: number): Promise<string> {
  const pid = extensionHost(serverPid);
  await sleep(5000);
  const before = cpuMs(pid);
  await sleep(10_000);
  return `${cpuMs(pid) - before} ms`;
}

function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
