/** Installs test/host/probe.ts beside Moxu and asks it. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActivationTimes, Report } from '../host/probe';
import { extensionsFolder } from '../host/server';
import type { Stretch } from '../host/stretches';

const manifest = {
  name: 'probe',
  publisher: 'moxu-bench',
  version: '0.0.1',
  engines: { vscode: '^1.90.0' },
  main: './probe.js',
  activationEvents: ['onStartupFinished'],
};

let portFile = '';

export function installProbe(profile: string): void {
  const folder = join(extensionsFolder(profile), 'moxu-bench.probe-0.0.1');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  copyFileSync(join('out', 'host', 'probe.js'), join(folder, 'probe.js'));
  // VS Code lists the folder anew when its list is missing.
  rmSync(join(extensionsFolder(profile), 'extensions.json'), { force: true });
  portFile = join(mkdtempSync(join(tmpdir(), 'moxu-probe-')), 'port');
  process.env['MOXU_PROBE_FILE'] = portFile;
}

/** The window is opened anew: the probe in it is another one. */
export function forgetProbe(): void {
  rmSync(portFile, { force: true });
}

export async function startProbe(): Promise<void> {
  await ask('start');
}

export async function stopProbe(): Promise<Report> {
  return (await ask('stop')) as Report;
}

export async function startProfile(): Promise<void> {
  await ask('startProfile');
}

export async function startControl(): Promise<void> {
  await ask('startControl');
}

export async function stopProfile(): Promise<{ ours: Stretch[]; control: Stretch[] }> {
  return (await ask('stopProfile')) as { ours: Stretch[]; control: Stretch[] };
}

export async function activationTimes(): Promise<ActivationTimes> {
  return (await ask('activation')) as ActivationTimes;
}

async function ask(path: string): Promise<unknown> {
  for (let i = 0; ; i++) {
    try {
      if (!existsSync(portFile)) throw new Error('the probe has not started');
      const response = await fetch(`http://127.0.0.1:${readFileSync(portFile, 'utf8')}/${path}`);
      if (!response.ok) throw new Error(await response.text());
      return await response.json();
    } catch (error) {
      // It starts after all other extensions.
      if (i === 100) throw error;
      await sleep(200);
    }
  }
}
