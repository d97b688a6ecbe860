/**
 * What Moxu costs while nobody writes: CPU seconds of the extension host in twenty idle seconds, by thread, in VS Code
 * with the packaged extension, and how much of its main thread's was spent in code of ours. `npm run bench -- idle [seconds]`
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import titles from '../../package.nls.json';
import { extensionHost } from '../host/processes';
import { newestOfInstalled } from '../host/server';
import { Workbench } from '../host/workbench';
import { describeMachine } from './machine';
import { installProbe, startProfile, stopProfile } from './probe';

/** Of Linux. */
const ticksPerSecond = 100;

/** Calibration and what an opened window still has to do are over by then. */
const settleMs = 15_000;

/** By thread: its name with its number, and the CPU seconds it has used. The engine is a thread of the extension host. */
function threadSeconds(pid: number): Map<string, number> {
  const seconds = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const [, name = '', rest = ''] = /\((.*)\) (.*)/s.exec(stat) ?? [];
    const fields = rest.split(' ');
    const label = Number(thread) === pid ? 'main thread' : `${name} ${thread}`;
    seconds.set(label, (Number(fields[11]) + Number(fields[12])) / ticksPerSecond);
  }
  return seconds;
}

async function measure(what: string, pid: number, seconds: number): Promise<void> {
  await sleep(settleMs);
  const before = threadSeconds(pid);
  await sleep(seconds * 1000);
  const spent = [...threadSeconds(pid)].map(([name, after]) => ({ name, used: after - (before.get(name) ?? 0) }));
  const all = spent.reduce((sum, { used }) => sum + used, 0);
  const main = spent.find(({ name }) => name === 'main thread')?.used ?? NaN;
  const others = spent.filter(({ name, used }) => name !== 'main thread' && used > 0);
  await startProfile();
  await sleep(seconds * 1000);
  const ours = (await stopProfile()).ours.reduce((sum, { ms }) => sum + ms, 0);
  const inWords = others.map(({ name, used }) => `${name} ${used.toFixed(2)} s`).join(', ') || 'none';
  console.log(`| ${what} | ${all.toFixed(2)} s | ${main.toFixed(2)} s | ${ours.toFixed(0)} ms | ${inWords} |`);
}

async function main(): Promise<void> {
  const seconds = Number(process.argv[2] ?? 20);
  const [host] = newestOfInstalled();
  if (!host) throw new Error('no VS Code is installed');
  console.log(describeMachine());
  console.log(
    `\n| CPU in ${seconds} idle seconds, VS Code ${host.version} | extension host | its main thread | ours of that, in as long | others |`,
  );
  console.log('| --- | --- | --- | --- | --- |');
  const workbench = await Workbench.open(host, { 'moxu.ghostText.confidenceFloor': 0 }, { prepare: installProbe });
  try {
    await workbench.waitForModel();
    const pid = extensionHost(workbench.server.pid);
    await workbench.goToEnd();
    await workbench.writeUntilGhost('小时候坐在门槛上听雨的日子，想起祖父的笑容。我');
    await measure('a ghost is shown', pid, seconds);
    await workbench.runCommand(titles['command.showFigures']);
    await measure('and the page of figures', pid, seconds);
    await workbench.statusBar.click();
    await workbench.page.locator('.quick-input-list .monaco-list-row').first().click();
    await measure('and a pause runs', pid, seconds);
  } finally {
    await workbench.close();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
