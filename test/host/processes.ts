/** Which of a server's processes runs the extension; on Linux. */
import { readdirSync, readFileSync } from 'node:fs';

/** @returns the process that runs the extension, with the engine's thread in it @throws Error where there is none */
export function extensionHost(serverPid: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc'))
    try {
      const [, parent] = /\) \S+ (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      if (/^\d+$/.test(name)) parents.set(Number(name), Number(parent));
    } catch {
      // Not a process, or one that has just ended.
    }
  const isOurs = (pid: number): boolean => pid === serverPid || (parents.has(pid) && isOurs(parents.get(pid) ?? 0));
  for (const pid of parents.keys())
    if (isOurs(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=extensionHost')) return pid;
  throw new Error('no extension host runs');
}
