/**
 * What Moxu adds to the opening of a window: our activation in fresh profiles and in a window that is opened again, with
 * the packaged extension. `npm run bench -- activation [windows of each kind]`
 */
import { newestOfInstalled } from '../host/server';
import { Workbench } from '../host/workbench';
import { describeMachine, spread } from './machine';
import { activationTimes, forgetProbe, installProbe } from './probe';

interface Times {
  'our code loaded': number;
  activate: number;
  /** As it tells: it also waits for the words of the language, and for a turn. */
  'in all, says VS Code': number;
}

async function timesIn(workbench: Workbench): Promise<Times> {
  await workbench.waitForModel();
  const { load, activate } = await activationTimes();
  return { 'our code loaded': load, activate, 'in all, says VS Code': await workbench.activationMs() };
}

async function main(): Promise<void> {
  const count = Number(process.argv[2] ?? 4);
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`windows: ${process.argv[2] ?? ''}`);
  const [host] = newestOfInstalled();
  if (!host) throw new Error('no VS Code is installed');
  console.log(describeMachine());
  const [fresh, again]: [Times[], Times[]] = [[], []];
  for (let i = 0; i < count; i++) {
    const workbench = await Workbench.open(host, {}, { prepare: installProbe });
    try {
      fresh.push(await timesIn(workbench));
      forgetProbe();
      await workbench.restartWith({});
      again.push(await timesIn(workbench));
    } finally {
      await workbench.close();
    }
  }
  const columns = ['our code loaded', 'activate', 'in all, says VS Code'] as const;
  console.log(`\n| VS Code ${host.version}, ms: median (p5 – p95) | ${columns.join(' | ')} |`);
  console.log(`| --- ${'| --- '.repeat(columns.length)}|`);
  for (const [what, times] of Object.entries({ 'fresh profile': fresh, 'window opened again': again })) {
    const values = columns.map((column) => spread(times.map((time) => time[column])));
    console.log(`| ${what}, ${times.length} times | ${values.join(' | ')} |`);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
