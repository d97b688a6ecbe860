/** Puts inputProbe.ts into a profile and talks to it. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { extensionsFolder } from './server';

export interface ProbeState {
  /**
   * What went to the engine's thread: text that is to be written on, read beforehand or learnt from, in the model's form, and
   * all that the document said then; and whether the model was told that the text ends with a word.
   */
  requests: { type: string; prompt: string; text: string; endsWord: boolean }[];
  /** What VS Code was answered: the document before the cursor, and the ghosts, of which it shows the first. */
  answers: { before: string; ghosts: string[] }[];
  counts: { asked: number; known: number; started: number; remembered: number };
  /** Nothing is left to learn the writer's own words from. */
  isLearnt: boolean;
  /** Of the active editor: the document, and what stands before the cursor. */
  text: string;
  before: string;
}

const folderOf = (profile: string): string => join(extensionsFolder(profile), 'moxu.probe-1.0.0');

export function installProbe(profile: string): void {
  const folder = folderOf(profile);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join('out', 'host', 'inputProbe.js'), join(folder, 'probe.js'));
  const description = {
    ...{ name: 'probe', publisher: 'moxu', version: '1.0.0', engines: { vscode: '^1.90.0' } },
    ...{ main: './probe.js', activationEvents: ['onStartupFinished'], extensionKind: ['workspace'] },
    extensionDependencies: ['moxu.moxu'],
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(description));
  // VS Code lists the folder anew when its list of extensions is missing.
  rmSync(join(extensionsFolder(profile), 'extensions.json'), { force: true });
}

export class Probe {
  constructor(private readonly profile: string) {}

  state(): Promise<ProbeState> {
    return this.ask('state');
  }

  /** Opens a document in place of the last one, with the cursor at its end. */
  open(content: string, language = 'markdown'): Promise<ProbeState> {
    return this.ask('open', JSON.stringify({ content, language }));
  }

  /** Closes it, and lets the window be opened anew: the next request waits for what is there then. */
  async close(): Promise<void> {
    await this.ask('close');
    rmSync(this.portFile);
  }

  /** What was suggested, and what was noted. */
  forget(): Promise<ProbeState> {
    return this.ask('forget');
  }

  /** As the key for it does. */
  trigger(): Promise<ProbeState> {
    return this.ask('trigger');
  }

  /** Waits until a condition holds. @throws with the last state when it does not */
  async until(what: string, holds: (state: ProbeState) => boolean, timeoutMs = 30_000): Promise<ProbeState> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const state = await this.state();
      if (holds(state)) return state;
      if (Date.now() > deadline) throw new Error(`never happened: ${what}\n${JSON.stringify(state)}`);
      await sleep(50);
    }
  }

  private get portFile(): string {
    return join(folderOf(this.profile), 'port');
  }

  private async ask(what: string, body = ''): Promise<ProbeState> {
    const file = this.portFile;
    for (let i = 0; !existsSync(file) && i < 600; i++) await sleep(100);
    const response = await fetch(`http://127.0.0.1:${readFileSync(file, 'utf8')}/${what}`, { method: 'POST', body });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as ProbeState;
  }
}
