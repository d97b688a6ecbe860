/** What a writer meets first. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import titles from '../../package.nls.json';
import { unitEnds } from '../../src/context/acceptUnits';
import type { Host } from '../host/server';
import type { Frame, Workbench } from '../host/workbench';

/** Every model is sure of something else; what these tests look at must not depend on it. */
const neverSilent = { 'moxu.ghostText.confidenceFloor': 0 };

export function ghostText(host: Host, opened: () => Workbench): void {
  describe('ghost text', () => {
    let workbench: Workbench;
    before(() => (workbench = opened()).begin(neverSilent));

    it('shows its name in the status bar', async () => {
      assert.match(await workbench.statusBar.innerText(), /墨续|Moxu/);
    });

    it('continues Chinese that is typed; Tab accepts what is shown, and one undo takes it back @smoke', async () => {
      await workbench.goToEnd();
      await workbench.write('，小时候');
      const shown = await workbench.ghost();
      assert.match(shown, /\p{Script=Han}/u);
      await workbench.screenshot(`ghost-text-${host.version}`);
      await workbench.page.keyboard.press('Tab');
      const text = await workbench.savedText(`，小时候${shown}`);
      assert.ok(text.endsWith(`，小时候${shown}`), `shown: ${shown}\ndocument: …${text.slice(-60)}`);
      await workbench.page.keyboard.press('Control+Z');
      assert.ok((await workbench.savedText('，小时候')).endsWith('，小时候'));
    });

    /** A line of its own is one line of the screen: what stands before the ghost is then all that stands there. */
    async function newParagraph(): Promise<void> {
      await workbench.goToEnd();
      for (let i = 0; i < 2; i++) await workbench.page.keyboard.press('Enter');
    }

    /** A ghost of more than one unit, where the model has one in it. Else it is all of it that is accepted. */
    async function writeUntil(sentence: string, hasSeveral: (ghost: string) => boolean): Promise<void> {
      await newParagraph();
      await workbench
        .writeUntil(sentence, hasSeveral)
        .catch(() => workbench.writeUntilGhost('，我和祖父也跟着他们一起走'));
    }

    /**
     * Takes `length` of what is shown, with whatever keys, and looks at each frame meanwhile: what stands in the document
     * and what is shown behind it are at each moment the text that was there at first, so that nothing is ever gone from the
     * screen, and nothing is stale.
     */
    async function assertRestStays(
      lengthOf: (shown: string, before: string) => number,
      keys: (shown: string) => Promise<void>,
    ) {
      const frames = await workbench.watchFrames();
      const [start] = await frames.noted();
      assert.ok(start && start.ghost !== '');
      const { before, ghost: shown } = start;
      const length = lengthOf(shown, before);
      await keys(shown);
      const rest = shown.slice(length);
      const left = await workbench.ghostOnce((ghost) => ghost !== shown && ghost.startsWith(rest));
      assert.ok(left.startsWith(rest), `${shown} → ${left}`);
      const noted = await frames.noted();
      await frames.end();
      const last = noted.at(-1);
      const isFirst = (frame: Frame) => (frame.before + frame.ghost).startsWith(before + shown);
      // Where nothing is left another ghost may come, or none.
      const wrong = noted.filter((frame) => !isFirst(frame) && !(rest === '' && frame.ghost === ''));
      assert.deepEqual(wrong, [], JSON.stringify(noted));
      if (rest !== '') assert.deepEqual([last?.before, noted.length > 1], [before + shown.slice(0, length), true]);
      const text = await workbench.savedText();
      assert.ok(text.endsWith(shown.slice(0, length)), `${shown}: …${text.slice(-40)}`);
    }

    it('stays in each frame while the suggested text is typed by hand', async () => {
      await writeUntil('我和祖父坐在院子里听雨，', (ghost) => ghost.length > 3);
      await assertRestStays(
        (shown) => Math.max(1, shown.length - 1),
        async (shown) => {
          for (const character of shown.slice(0, Math.max(1, shown.length - 1))) {
            await workbench.write(character);
            await sleep(60);
          }
        },
      );
    });

    const parts = [
      { part: 'words', key: 'Control+ArrowRight', name: 'Ctrl+→ accepts a word' },
      { part: 'clauses', key: 'Control+Alt+ArrowRight', name: 'Ctrl+Alt+→ accepts a clause' },
      { part: 'sentences', key: 'Control+Alt+Shift+ArrowRight', name: 'Ctrl+Alt+Shift+→ accepts a sentence' },
    ] as const;
    for (const { part, key, name } of parts)
      it(`${name}, and the rest stays in each frame`, async () => {
        await writeUntil('院子里的人都走到门外去看天边的云', (ghost) => unitEnds(ghost)[part].length > 1);
        await assertRestStays(
          (shown, before) => unitEnds(shown, before)[part][0] ?? 0,
          () => workbench.page.keyboard.press(key),
        );
      });

    it('a key that accepts a part, pressed again when nothing is left, does nothing else; a while later it is VS Code’s', async () => {
      const { page } = workbench;
      const groups = page.locator('.editor-group-container');
      // Of a document that is alone in its group nobody would see that it was moved.
      await workbench.openFile('旁边.txt', 'beside');
      await workbench.showFile();
      await newParagraph();
      const shown = await workbench.writeUntilGhost('院子里的人都走到门外去看天边的云');
      const before = await workbench.savedText();
      // Once more for each clause there may be, and then some, quicker than another ghost can come each time.
      for (let i = 0; i < unitEnds(shown).clauses.length + 8; i++) {
        await page.keyboard.press('Control+Alt+ArrowRight');
        await sleep(30);
      }
      assert.ok((await workbench.savedText((text) => text !== before)).length > before.length);
      assert.equal(await groups.count(), 1);
      await sleep(2500);
      // What has come meanwhile is in the way.
      await page.keyboard.press('Control+Home');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+Alt+ArrowRight');
      await groups.nth(1).waitFor();
      await page.keyboard.press('Control+Alt+ArrowLeft');
      await groups.nth(1).waitFor({ state: 'detached' });
      await workbench.closeFile('旁边.txt');
      await workbench.showFile();
      await workbench.goToEnd();
    });

    it('Alt+] shows another, and word by word what is shown is accepted, the rest never off the screen @smoke', async () => {
      const { page } = workbench;
      await workbench.write('。那年夏天的晚上，祖父坐在院子里，慢慢地');
      // Whatever the model, somewhere it has more than one thing to say.
      let other = '';
      for (let i = 0; i < 8 && other === ''; i++) {
        const first = await workbench.writeUntilGhost('摇着扇子，给我们讲他年轻时候的故事'.slice(2 * i));
        await page.keyboard.press('Alt+BracketRight');
        other = await workbench.changedGhost(first, 5000);
      }
      assert.notEqual(other, '');
      await workbench.screenshot(`another-ghost-${host.version}`);
      let before = await workbench.savedText();
      let rest = other;
      const frames = await workbench.watchFrames();
      for (let accepted = 0; accepted < 3; accepted++) {
        await page.keyboard.press('Control+ArrowRight');
        const after = await workbench.savedText((text) => text !== before);
        const word = after.slice(before.length);
        assert.ok(word.length > 0 && rest.startsWith(word), `${other} → ${rest} → ${word}`);
        [before, rest] = [after, rest.slice(word.length)];
        if (rest === '') break;
        const noted = await frames.noted();
        assert.ok(
          !noted.some(({ ghost }) => ghost === ''),
          noted.map((frame) => `${frame.before}|${frame.ghost}`).join('\n'),
        );
        assert.ok((await workbench.ghost()).startsWith(rest), `${other} → …${rest}`);
      }
      await frames.end();
    });

    if (host.isNewest)
      it('is read out, and Ctrl+→ is the screen reader’s, which reads a word with it; Tab accepts', async () => {
        await workbench.workspaceSettings({ 'editor.accessibilitySupport': 'on' });
        await workbench.page.locator('.statusbar-item', { hasText: 'Screen Reader Optimized' }).waitFor();
        await newParagraph();
        const shown = await workbench.writeUntilGhost('雨停的时候，祖父站在门口，看着远处的山');
        await workbench.page.locator('.monaco-aria-container', { hasText: shown }).waitFor({ state: 'attached' });
        const before = await workbench.savedText();
        await workbench.page.keyboard.press('Control+ArrowRight');
        await sleep(500);
        assert.equal(await workbench.savedText(), before);
        assert.equal(await workbench.ghost(), shown);
        await workbench.page.keyboard.press('Tab');
        assert.equal(await workbench.savedText(before + shown), before + shown);
        await workbench.workspaceSettings({});
      });

    it('is never stale on the screen, frame by frame, however quickly is typed', async () => {
      const frames = await workbench.watchFrames();
      const withGhost = async () => (await frames.noted()).filter(({ ghost }) => ghost !== '').length;
      const text =
        '。院子外面有一条小河，河边的柳树下常常坐着几个下棋的老人，一坐就是一下午。我们放学回来，书包也不放下，就挤在旁边看。' +
        '输了棋的人站起来，拍拍裤子上的土，说今天的风太大，吹得人头昏。赢了的那一位只是笑，把棋子一枚一枚收进布袋里去。';
      // Quick and slow by turns: a slow machine shows some only where the writer is slow.
      for (let i = 0; i < text.length && (i < 30 || (await withGhost()) < 8); i++) {
        await workbench.write(text.charAt(i));
        await sleep(i % 20 < 10 ? 80 : 400);
      }
      const noted = await frames.noted();
      const numShown = await withGhost();
      await frames.end();
      assert.ok(numShown >= 8, `${numShown} of ${noted.length} frames`);
      for (const [i, now] of noted.entries()) {
        const earlier = noted[i - 1];
        if (!earlier || earlier.ghost === '' || now.ghost === '' || !now.before.startsWith(earlier.before)) continue;
        const typed = now.before.slice(earlier.before.length);
        // The same words behind other words are left from before, unless a model says 哈哈哈.
        const isLeftOver = typed !== '' && now.ghost === earlier.ghost && !earlier.ghost.startsWith(typed);
        assert.ok(!isLeftOver, `${earlier.before}|${earlier.ghost} → ${now.before}|${now.ghost}`);
      }
    });

    it('shows nothing when it is turned off, and again when it is turned on', async () => {
      await workbench.runCommand(titles['command.toggleGhostText']);
      await workbench.write('。');
      await sleep(2000);
      assert.equal(await workbench.visibleGhost(), '');
      await workbench.screenshot(`ghost-text-off-${host.version}`);
      await workbench.runCommand(titles['command.toggleGhostText']);
      await workbench.writeUntilGhost('我想起了祖父的笑容。');
    });
  });
}
