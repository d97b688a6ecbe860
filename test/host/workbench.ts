/** VS Code with the packaged extension in a fresh profile, on a copy of the sample essay, driven as a person would. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame as PageFrame, Locator, Page } from 'playwright-core';
import { launchBrowser, type Browser } from './browser';
import { copyEssay, essayName, essayText } from './essay';
import { installExtension, prepareProfile, startServer, workbenchUrl, writeSettings } from './server';
import type { Host, Server } from './server';
import { OutsideWatch } from './outsideWatch';
import { leaveUnpainted, paintedPicture } from './unpainted';

/** VS Code makes it of the extension's id and the item's. */
const statusItem = (name: string): string => `[id="moxu.moxu.moxu.${name}"]`;
export const statusBarItem = statusItem('status');
/** Of nested elements the outer one, which has all the text. */
export const ghostText = '.monaco-editor [class*="ghost-text"]:not([class*="ghost-text"] *)';

/** The extension as users get it; test/run.mjs has it packaged. */
export function packagedExtension(): string {
  const vsix = process.env['MOXU_VSIX'];
  if (!vsix) throw new Error('MOXU_VSIX is not set; start this through npm run test:e2e or npm run bench');
  return vsix;
}

/** What a page of ours or a preview of VS Code's loads has such an address; a service worker of VS Code's answers it. */
const ownFile =
  /^https:\/\/vscode-remote\+127[^/]*\.vscode-resource\.vscode-cdn\.net\/.*\/(?:extensions\/moxu\.moxu-[^/]*\/dist\/\w+|lib\/vscode\/extensions\/[\w./-]+)\.(?:css|js)$/;

/**
 * What is on disk is what a test has saved, and a tab shows at once that it is not: auto save hides that. A second document
 * does not take the tab of the first.
 */
const testSettings = { 'files.autoSave': 'off', 'workbench.editor.enablePreview': false };

/** A command's name in the palette, which may have its category before it. */
const commandName = (title: string): RegExp => new RegExp(`(?:^|: )${title.replace(/[()?.]/g, '\\$&')}$`);

/** What one frame, or several in a row, showed in grey; both '' for none. */
export interface Frame {
  before: string;
  ghost: string;
}

export interface FrameWatch {
  noted(): Promise<Frame[]>;
  /** A page that looks at each frame paints each frame. */
  end(): Promise<unknown>;
}

export class Workbench {
  /** Addresses outside this machine that the page asked for, without the ones that VS Code answers from the disk. */
  readonly outsideRequests: string[] = [];
  private settings: Record<string, unknown> = {};
  private settingsWritten = 0;

  private constructor(
    readonly page: Page,
    readonly server: Server,
    private readonly browser: Browser,
    readonly folder: string,
    /** What Node.js asks for outside this machine, where that is watched. */
    readonly outside: OutsideWatch,
  ) {
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (/^(https?|wss?):$/.test(url.protocol) && url.hostname !== '127.0.0.1' && !ownFile.test(url.href))
        this.outsideRequests.push(url.href);
    });
  }

  /**
   * Opens the essay and waits until the extension shows itself.
   * @param options `prepare` is given the profile when the extension has been installed in it. In another `language`
   *   VS Code's own words stay English without a language pack; ours are in it. To watch what Node.js asks for costs time;
   *   what is not painted is all the same, but for how long it takes, and is painted for a screenshot
   */
  static async open(
    host: Host,
    settings: Record<string, unknown> = {},
    { prepare = (_: string): void => undefined, language = 'en', watchesOutside = false, isPainted = true } = {},
  ): Promise<Workbench> {
    const folder = mkdtempSync(join(tmpdir(), 'moxu-e2e-'));
    const profile = join(folder, 'profile');
    const documents = join(folder, 'documents');
    copyEssay(documents);
    // VS Code 1.90 is told of a new folder but not of what is in it by then.
    mkdirSync(join(documents, '.vscode'));
    prepareProfile(profile, { ...testSettings, ...settings });
    await installExtension(host, profile, packagedExtension());
    prepare(profile);
    const outside = new OutsideWatch(folder);
    const server = await startServer(host, { profile, environment: watchesOutside ? outside.environment : {} });
    const browser = await launchBrowser();
    const workbench = new Workbench(browser.page, server, browser, folder, outside);
    try {
      const file = join(documents, essayName);
      if (!isPainted) await leaveUnpainted(browser.page);
      if (language !== 'en')
        await browser.page.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = ${JSON.stringify(language)}`);
      await browser.page.goto(workbenchUrl({ port: server.port, folder: documents, file }));
      await workbench.statusBar.waitFor();
      await workbench.editor.first().waitFor();
      return workbench;
    } catch (error) {
      await workbench.screenshot(`failed-to-open-${host.version}`);
      await workbench.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get statusBar(): Locator {
    return this.statusItem('status');
  }

  /** @param name as in the item's id */
  statusItem(name: string): Locator {
    return this.page.locator(statusItem(name));
  }

  get editor(): Locator {
    return this.page.locator('.monaco-editor .view-lines');
  }

  /** @throws what the status bar says when the model cannot be used. */
  async waitForModel(): Promise<void> {
    await this.page.locator(`${statusBarItem}:not(:has(.codicon-loading))`).waitFor();
    if ((await this.statusBar.locator('.codicon-warning').count()) === 0) return;
    throw new Error((await this.statusBar.locator('[aria-label]').first().getAttribute('aria-label')) ?? 'no model');
  }

  /** Makes a file beside the essay and opens it, with the cursor at its end. */
  async openFile(name: string, text: string): Promise<void> {
    writeFileSync(join(this.folder, 'documents', name), text);
    await this.showFile(name);
  }

  /** Brings the essay or another document to the front, with the cursor at its end. */
  async showFile(name = essayName): Promise<void> {
    const tab = this.page.locator('.tab', { hasText: name });
    const shown = this.page.locator('.tab.active', { hasText: name });
    for (const deadline = Date.now() + 60_000; ;) {
      if ((await tab.count()) > 0) await tab.first().click();
      else await this.openByPath(name);
      const found = await shown.waitFor({ timeout: 5000 }).then(
        () => true,
        () => false,
      );
      if (found) break;
      if (Date.now() > deadline) throw new Error(`${name} does not open`);
      await this.page.keyboard.press('Escape');
    }
    await this.goToEnd();
  }

  async closeFile(name: string): Promise<void> {
    const tab = this.page.locator('.tab', { hasText: name });
    await tab.click({ button: 'middle' });
    await tab.waitFor({ state: 'detached' });
  }

  private async openByPath(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    await this.page.locator('.quick-input-box input').waitFor();
    // Its whole path: the search for names may not know a new file yet.
    await this.page.keyboard.insertText(join(this.folder, 'documents', name));
    // Not Enter: for a moment the list is still that of the files opened last, with another one in front.
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().click();
  }

  async goToEnd(): Promise<void> {
    await this.editor.first().click();
    await this.page.keyboard.press('Control+End');
  }

  /** As an input method commits it. */
  async write(text: string): Promise<void> {
    await this.page.keyboard.insertText(text);
  }

  /** What is shown in grey, once there is some. @throws after `timeoutMs` without any. */
  async ghost(timeoutMs = 15_000): Promise<string> {
    await this.page.locator(ghostText).first().waitFor({ timeout: timeoutMs });
    return this.visibleGhost();
  }

  /** Types a sentence until something is suggested. A model may be silent now and then, but not for a whole sentence. */
  async writeUntilGhost(sentence: string): Promise<string> {
    return this.writeUntil(sentence, (ghost) => ghost !== '');
  }

  /** The same, until the suggestion is so and stays: one that is only left of an older one may go in a moment. */
  async writeUntil(sentence: string, isSo: (ghost: string) => boolean): Promise<string> {
    for (const character of sentence) {
      await this.write(character);
      // What was shown before it is there until the next frame.
      await this.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      const shown = await this.ghost(1500).catch(() => '');
      if (!isSo(shown)) continue;
      await sleep(500);
      if ((await this.visibleGhost()) === shown) return shown;
    }
    throw new Error(`no such suggestion within ${sentence}`);
  }

  /** What is shown instead, once something else is; '' after so long of the same. */
  async changedGhost(before: string, timeoutMs: number): Promise<string> {
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline;) {
      const shown = await this.visibleGhost();
      if (shown !== '' && shown !== before) return shown;
      await sleep(100);
    }
    return '';
  }

  /** What is shown in grey, as soon as it is so; at the latest after half a minute. */
  async ghostOnce(isSo: (shown: string) => boolean): Promise<string> {
    for (const deadline = Date.now() + 30_000; ;) {
      const shown = await this.visibleGhost();
      if (isSo(shown) || Date.now() > deadline) return shown;
      await sleep(50);
    }
  }

  /** Notes before each frame what is shown in grey and the text before it in its line, where that changed. */
  async watchFrames(): Promise<FrameWatch> {
    await this.page.evaluate(`
      const noted = (globalThis.moxuFrames = []);
      let last = '';
      const look = () => {
        if (globalThis.moxuFrames !== noted) return;
        requestAnimationFrame(look);
        const ghosts = [...document.querySelectorAll(${JSON.stringify(ghostText)})];
        const ghost = ghosts.map(({ textContent }) => textContent).join('').replaceAll('\\u00a0', ' ');
        const line = ghosts[0]?.closest('.view-line');
        let before = '';
        if (line) {
          const range = document.createRange();
          range.setStartBefore(line);
          range.setEndBefore(ghosts[0]);
          before = range.toString().replaceAll('\\u00a0', ' ');
        }
        const key = before + '\\n' + ghost;
        if (key !== last) noted.push({ before, ghost });
        last = key;
      };
      look();
    `);
    // What was read from the page a moment ago has yet to be noted: busy, it paints late.
    const noted = () =>
      this.page.evaluate<Frame[]>('new Promise((done) => requestAnimationFrame(() => done(globalThis.moxuFrames)))');
    return { noted, end: () => this.page.evaluate('void (globalThis.moxuFrames = null)') };
  }

  /** '' where none is shown. */
  async visibleGhost(): Promise<string> {
    const texts = await this.page.locator(ghostText).allTextContents();
    return texts.join('').replaceAll('\u00a0', ' ');
  }

  /**
   * The essay, or another open document, as it is on disk after saving, as soon as it ends so or is so; at the latest after half a minute.
   * A key's effect can come after the key: the extension host answers it in its own time.
   */
  async savedText(expected: string | ((text: string) => boolean) = '', name = essayName): Promise<string> {
    const isSo = typeof expected === 'string' ? (text: string) => text.endsWith(expected) : expected;
    const dirty = this.page.locator('.tab.active.dirty');
    const read = () => readFileSync(join(this.folder, 'documents', name), 'utf8');
    for (const deadline = Date.now() + 60_000; ;) {
      await this.page.keyboard.press('Control+S');
      // What an earlier key does may come after the save: then the next save is wanted.
      await dirty.waitFor({ state: 'detached', timeout: 5000 }).catch(() => this.overwrite());
      const text = read();
      // A file is empty for a moment while it is written.
      await sleep(text === '' ? 500 : 100);
      if ((isSo(text) && read() === text && !(await dirty.isVisible())) || Date.now() > deadline) return text;
    }
  }

  /** A window that was reloaded while a file was being saved may hold the file on disk for somebody else's. */
  private async overwrite(): Promise<void> {
    const button = this.page.locator('.notification-list-item', { hasText: 'is newer' }).getByText('Overwrite');
    if (await button.first().isVisible()) await button.first().click();
  }

  /** The same of the essay while it is being written on, as soon as what has been saved is so. */
  async savedMeanwhile(isSo: (text: string) => boolean): Promise<string> {
    for (const deadline = Date.now() + 30_000; ;) {
      await this.page.keyboard.press('Control+S');
      await sleep(50);
      const text = readFileSync(join(this.folder, 'documents', essayName), 'utf8');
      if (isSo(text)) return text;
      if (Date.now() > deadline) throw new Error(`never saved so: ${text.slice(0, 40)}…${text.slice(-40)}`);
    }
  }

  /** Waits until each of these is among the facts: they are written anew when the writer rests. */
  async waitForFacts(wanted: readonly RegExp[]): Promise<void> {
    for (const deadline = Date.now() + 30_000; ;) {
      const facts = await this.modelFacts();
      const missing = wanted.filter((pattern) => !facts.some((fact) => pattern.test(fact)));
      if (missing.length === 0) return;
      if (Date.now() > deadline) throw new Error(`${missing.join(', ')} not among:\n${facts.join('\n')}`);
    }
  }

  /** What the status bar tells of the model to whoever points at it; VS Code 1.90 takes it away when it changes: then nothing. */
  async modelFacts(): Promise<string[]> {
    await this.statusBar.hover();
    const hover = this.page.locator('.workbench-hover').first();
    const text = await hover.innerText({ timeout: 10_000 }).catch(() => '');
    await this.page.mouse.move(640, 400);
    return text.split(/\n+/).filter(Boolean);
  }

  /** What the server noted when that extension host ended; '' where it has not within half a minute. */
  async endOfExtensionHost(pid: number): Promise<string> {
    const note = new RegExp(`<${pid}> Extension Host Process exited with (.*)`);
    for (const deadline = Date.now() + 30_000; ;) {
      const [, end = ''] = note.exec(readFileSync(this.server.logFile, 'utf8')) ?? [];
      if (end !== '' || Date.now() > deadline) return end;
      await sleep(100);
    }
  }

  /** Resolves when a page within the workbench, or within one of its pages, shows this text. */
  async frameWith(text: string): Promise<void> {
    // A frame that is just being replaced may never answer.
    const countIn = (frame: PageFrame): Promise<number> =>
      Promise.race([frame.getByText(text).count(), sleep(1000, 0)]).catch(() => 0);
    const shown = () => Promise.all(this.page.frames().map(countIn));
    for (const deadline = Date.now() + 60_000; (await shown()).every((count) => count === 0);) {
      if (Date.now() > deadline) throw new Error(`no page shows “${text}”`);
      await sleep(50);
    }
  }

  /** How long VS Code says the extension's activation took. */
  async activationMs(): Promise<number> {
    await this.runCommand('Developer: Show Running Extensions');
    const size = this.page.viewportSize() ?? { width: 1280, height: 800 };
    // The slowest come first, and a row out of sight is not in the page.
    await this.page.setViewportSize({ ...size, height: 4000 });
    const row = this.page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Moxu' });
    const text = await row.locator('.activation-time').innerText();
    await this.page.setViewportSize(size);
    await this.page.keyboard.press('Escape');
    return Number(/(\d+)ms/.exec(text)?.[1] ?? NaN);
  }

  /** Runs a command by its title in the command palette. */
  async runCommand(title: string): Promise<void> {
    await this.startCommand(title);
    await this.page.locator('.quick-input-box input').waitFor({ state: 'hidden' });
  }

  /** The same of one that goes on in a list or a box where the palette was. */
  async startCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-box input');
    await input.waitFor();
    await this.page.keyboard.insertText(title);
    // Not by Enter: the first row may be another command, such as “Git: Close All Unmodified Editors”.
    const row = this.page.locator('.quick-input-list .monaco-list-row .label-name', { hasText: commandName(title) });
    await row.first().click();
  }

  /** Of the workspace, beside those of `begin`. Resolves when VS Code has them. */
  async workspaceSettings(settings: Record<string, unknown>): Promise<void> {
    // The title shows that the file has been read.
    const title = `settings ${++this.settingsWritten}`;
    const all = { ...this.settings, ...settings, 'window.title': title };
    writeFileSync(join(this.folder, 'documents', '.vscode', 'settings.json'), JSON.stringify(all));
    for (const deadline = Date.now() + 60_000; (await this.page.title()) !== title;) {
      if (Date.now() > deadline) throw new Error(`VS Code did not read ${JSON.stringify(all)}`);
      await sleep(50);
    }
  }

  /** Begins anew in the same window: with these settings, the essay in front as it was, and the cursor at its end. */
  async begin(settings: Record<string, unknown>): Promise<void> {
    this.settings = settings;
    await this.workspaceSettings({});
    await this.showFile();
    if ((await this.savedText()) === essayText()) return;
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.press('Delete');
    await this.write(essayText());
    const saved = await this.savedText((text) => text === essayText());
    if (saved !== essayText()) throw new Error(`not the essay: ${saved}`);
  }

  /** After a test that failed: what it has left open or half-written must not have the others fail too. */
  async recover(): Promise<void> {
    // A dialog, a box in which something is asked, a text that is being written.
    for (let times = 0; times < 3; times++) await this.page.keyboard.press('Escape');
    await this.begin(this.settings);
  }

  /** Opens another folder in the window while `act` runs, of the same profile. */
  async inOtherFolder(act: () => Promise<void>): Promise<void> {
    const here = this.page.url();
    const other = join(this.folder, 'other documents');
    mkdirSync(other, { recursive: true });
    // VS Code writes what an extension keeps a tenth of a second later; a page that is left in between is left without it.
    await sleep(1000);
    await this.page.goto(workbenchUrl({ port: this.server.port, folder: other }));
    await this.statusBar.waitFor();
    await act();
    await this.page.goto(here);
    await this.statusBar.waitFor();
  }

  /** Starts the window anew with these settings: without its native file watcher VS Code would not see them. */
  async restartWith(settings: Record<string, unknown>): Promise<void> {
    await this.savedText();
    writeSettings(this.server.profile, { ...testSettings, ...settings });
    await this.reload();
    await this.goToEnd();
  }

  /** Opens the window anew, once everything is saved. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.statusBar.waitFor();
    await this.waitForModel();
  }

  /** The same as a writer does it: VS Code shuts down what it runs first. */
  async reloadWindow(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.page.keyboard.press('F1');
    await this.page.locator('.quick-input-box input').waitFor();
    await this.page.keyboard.insertText('Developer: Reload Window');
    await this.page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'Developer: Reload Window' })
      .first()
      .waitFor();
    await this.page.keyboard.press('Enter');
    await loaded;
    await this.statusBar.waitFor();
    await this.waitForModel();
  }

  async screenshot(name: string): Promise<void> {
    // The cursor blinks, and grey text fades in.
    await sleep(300);
    await paintedPicture(this.page, join('.cache', 'screenshots', `${name}.png`));
  }
}
