/** `npm start` as whoever tries Moxu meets it: an address, an essay, and ghost text with nothing set. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchBrowser } from '../host/browser';
import { endOf, essayName } from '../host/open';
import { newestOfInstalled } from '../host/server';
import { ghostText, statusBarItem } from '../host/workbench';

/** Of several kinds, since a model that is not sure of what follows keeps silent. */
const sentences = [
  '那条小河，想起河边的老屋，想起祖父坐在门前抽烟的样子。',
  '有一次，我问他为什么不说话，他笑了笑，说，人老了，话就少了。',
  '第二天早上，太阳出来了，院子里到处都是鸟叫的声音。',
];

/** The address, and that nothing here can show it where there is no display. */
const noBrowser = /(http:\/\/127\.0\.0\.1:\d+\/\S+)\s[^]*\nThere is no browser here that can show it\.\n/;

/** @returns what it printed, as soon as that matches */
function printed(program: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let output = '';
  return new Promise((resolve, reject) => {
    program.stdout?.on('data', (chunk) => {
      output += String(chunk);
      const match = pattern.exec(output);
      if (match) resolve(match);
    });
    program.on('close', () => reject(new Error(`not ${String(pattern)}:\n${output}`)));
  });
}

for (const { version } of newestOfInstalled())
  describe(`npm start with VS Code ${version}`, () => {
    const home = mkdtempSync(join(tmpdir(), 'moxu-start-'));
    after(() => rmSync(home, { recursive: true, force: true }));

    it('prints an address where one writes at once, and says that it cannot open it; Ctrl+C ends it', async () => {
      // Without a desktop VS Code; what runs the tests has built already.
      const { VSCODE_EXECUTABLE: _, DISPLAY: __, WAYLAND_DISPLAY: ___, ...env } = process.env;
      const program = spawn(process.execPath, [join('test', 'host', 'start.mjs'), '--open'], {
        env: { ...env, MOXU_START_HOME: home, MOXU_BUILT: '1' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(program, 'exit');
      const browser = await launchBrowser();
      const { page } = browser;
      try {
        const [, url = ''] = await printed(program, noBrowser);
        await page.goto(url);
        await page.locator(`${statusBarItem}:not(:has(.codicon-loading))`).waitFor();
        // Nothing is clicked: the cursor is where one goes on writing.
        await page.locator('.monaco-editor.focused').waitFor();
        const { line, column } = endOf(join(home, 'sample', essayName));
        const place = page.locator('[id="status.editor.selection"]');
        await place.filter({ hasText: new RegExp(`\\b${line}\\b.*\\b${column}\\b`) }).waitFor();
        // VS Code would have marked the paragraph by then as another place of a word.
        await sleep(500);
        assert.equal(await page.locator('.wordHighlightText').count(), 0, 'nothing looks selected');
        let shown = '';
        for (const character of sentences.join('')) {
          await page.keyboard.insertText(character);
          for (let i = 0; i < 10 && shown === ''; i++) {
            await sleep(50);
            shown = (await page.locator(ghostText).allTextContents()).join('');
          }
          if (shown !== '') break;
        }
        assert.match(shown, /\p{Script=Han}/u);
        program.kill('SIGINT');
        assert.deepEqual(await ended, [0, null]);
        await assert.rejects(fetch(url), 'the server has ended too');
      } finally {
        program.kill('SIGINT');
        await Promise.all([ended, browser.close()]);
      }
    });
  });
