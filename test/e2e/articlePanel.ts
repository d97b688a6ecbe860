/** 题目成文 as a writer meets it. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { characterCount } from '../../src/context/characterCount';
import { Panel } from '../host/panel';
import type { Control } from '../host/panel';
import type { Host } from '../host/server';
import type { Workbench } from '../host/workbench';

const markup = '<b>雨</b><img src=x>';
/** Ghost text has its own tests. */
const quietly = { 'moxu.ghostText.enabled': false };

/** What Tab comes to from the title on, with an article that is finished. */
const inOrder: readonly Control[] = [
  ['#opening', 'textbox', 'Opening (optional)'],
  ['#length', 'spinbutton', 'Length in characters'],
  ['#preset', 'combobox', 'Style'],
  ['#more summary', null, 'More'],
  ['#generate', 'button', 'Generate'],
  ['#retry', 'button', 'Write Another'],
  ['#text', 'region', 'Article'],
  ['#insert', 'button', 'Insert at Cursor'],
  ['#open-as-document', 'button', 'Open as New Document'],
  ['#copy', 'button', 'Copy'],
  ['#reuse', 'button', 'Use These Settings Again'],
  ['#history summary', null, 'History of this workspace'],
  ['#entries li:first-child .entry', 'button', /^春天.* characters/],
  ['#entries li:first-child .erase', 'button', 'Delete “春天”'],
];
const behindHistory: readonly Control[] = [
  ['#erase-all', 'button', 'Delete All'],
  ['#import-model', 'button', 'Import Model…'],
  ['#show-families', 'button', 'Which Models'],
];

export function articlePanel(host: Host, opened: () => Workbench): void {
  describe('Title to Article', () => {
    let workbench: Workbench;
    let panel: Panel;
    before(async () => {
      workbench = opened();
      await workbench.begin(quietly);
      panel = new Panel(workbench);
    });

    it('opens by its icon, and says that its model is for trying things out, and where a better one comes in @smoke', async () => {
      // Where a test before this one left it open, its icon would close it.
      await panel.hide();
      await workbench.page.locator('.activitybar .action-label[aria-label^="Moxu"]').click();
      await panel.find('#title').waitFor();
      assert.match(await panel.find('#trial').innerText(), /试用模型|trial model/);
      await panel.find('#import-model').click();
      const picker = workbench.page.locator('.quick-input-widget');
      // Not by the label of its button, which VS Code 1.90 does not take.
      await picker.filter({ hasText: 'Folder of the model' }).waitFor();
      await workbench.page.keyboard.press('Escape');
      await picker.waitFor({ state: 'hidden' });
    });

    it('shows, without a network, which models can be imported', async () => {
      await panel.expectFamilies('FAMILIES.md', 'TsinghuaAI/CPM-1-Generate');
    });

    it('asks for a title before anything else, in Chinese', async () => {
      assert.match((await panel.find('#title').getAttribute('placeholder')) ?? '', /Chinese.*[一-鿿]/);
      await panel.find('#generate').click();
      await panel.find('#title:focus').waitFor();
      await panel.find('#message.problem').waitFor();
    });

    it('takes the keyboard when it is opened by its command', async () => {
      await workbench.showFile();
      // Its page is there, and then has to be loaded again.
      for (const hides of [false, true]) {
        if (hides) await panel.hide();
        await panel.open();
        await panel.find('#title:focus').waitFor();
        await workbench.page.keyboard.insertText('雨');
      }
      assert.equal(await panel.find('#title').inputValue(), '雨雨');
      await panel.find('#title').fill('');
    });

    it('says so where a title or an opening is cut', async () => {
      const { keyboard } = workbench.page;
      const message = panel.find('#message.problem');
      await panel.find('#opening').fill('雨'.repeat(150));
      await panel.find('#opening').press('Control+A');
      await keyboard.press('Control+X');
      await panel.find('#title').press('Control+V');
      await message.filter({ hasText: 'Only 100 characters' }).waitFor();
      assert.equal(await panel.find('#title').inputValue(), '雨'.repeat(100));
      // VS Code 1.100 leaves what was pasted selected.
      await keyboard.press('End');
      await keyboard.press('Backspace');
      await message.waitFor({ state: 'hidden' });
      await keyboard.insertText('夜');
      await keyboard.press('Shift+ArrowLeft');
      await keyboard.insertText('风');
      assert.equal(await panel.find('#title').inputValue(), `${'雨'.repeat(99)}风`);
      assert.equal(await message.isVisible(), false);
      await keyboard.insertText('夜');
      await message.waitFor();
      await panel.find('#title').fill('');
      await message.waitFor({ state: 'hidden' });
      await panel.find('#opening').fill('雨'.repeat(5000));
      await panel.find('#opening').press('Control+End');
      await keyboard.insertText('夜');
      await message.filter({ hasText: 'Only 5000 characters' }).waitFor();
      await panel.find('#opening').fill('');
      await message.waitFor({ state: 'hidden' });
    });

    it('has its fields in line, however narrow it is', async () => {
      const boxOf = async (selector: string) => {
        const box = await panel.find(selector).boundingBox();
        assert.ok(box, selector);
        return box;
      };
      for (const width of [180, 300]) {
        await panel.resize(width);
        const labels = [await boxOf('label[for="length"]'), await boxOf('label[for="preset"]')] as const;
        assert.equal(labels[0].height, labels[1].height, `${width}: one line each`);
        if (width === 300) assert.equal(labels[0].y, labels[1].y);
        const root = 'document.documentElement';
        assert.ok(await panel.evaluate(`${root}.scrollWidth <= ${root}.clientWidth`), `${width}: it is too wide`);
      }
    });

    it('writes what the title says, streaming, to the end of a sentence @smoke', async () => {
      await panel.generate('故乡的雨', 800);
      const early = await panel.textBeyond(0);
      assert.ok((await panel.textBeyond(early.length)).startsWith(early));
      await workbench.screenshot(`panel-writing-${host.version}`);
      const text = await panel.finished();
      assert.ok(characterCount(text).all >= 750, text);
      assert.match(text, /[。！？…”’」』）]$/);
      const counted = new RegExp(`^Done: ${characterCount(text).all} characters`);
      assert.match(await panel.find('#status').innerText(), counted);
      assert.match((await panel.find('#announcer').textContent()) ?? '', counted);
      assert.match(
        await panel.find('.entry').first().innerText(),
        new RegExp(`\\b${characterCount(text).all} characters`),
      );
    });

    it('keeps a number with what it counts, in a narrow panel too', async () => {
      await panel.open();
      await panel.generate('故乡的雨', 200);
      await panel.finished();
      await panel.resize(200);
      const broken = await panel.evaluate(`(() => {
        const words = document.createTreeWalker(document.getElementById('status'), NodeFilter.SHOW_TEXT);
        const found = [];
        while (words.nextNode()) {
          const { data } = words.currentNode;
          for (const { index, 0: count } of data.matchAll(/\\d+ [^·]*[^· ]/g)) {
            const range = document.createRange();
            range.setStart(words.currentNode, index);
            range.setEnd(words.currentNode, index + count.length);
            found.push([count, range.getClientRects().length]);
          }
        }
        return found;
      })()`);
      await panel.resize(300);
      assert.match(JSON.stringify(broken), /^\[\["\d+ characters",1\](?:,\["\d+ per second",1\])?\]$/);
    });

    it('is copied as it is shown', async () => {
      await panel.find('#copy').click();
      await panel.find('#message.notice').waitFor();
      const expected = await panel.text();
      await workbench.openFile('抄写.md', '');
      await workbench.page.keyboard.press('Control+V');
      assert.equal(await workbench.savedText((text) => text === expected, '抄写.md'), expected);
      await workbench.showFile();
    });

    it('has said so when the writer goes on, and does not say it again when it is shown again', async () => {
      const goOn = async (): Promise<void> => {
        await panel.find('#title').fill(await panel.find('#title').inputValue());
        await panel.find('#message').waitFor({ state: 'hidden' });
      };
      // What a test before this one has copied was said as well.
      await goOn();
      await panel.find('#copy').click();
      await panel.find('#message.notice').waitFor();
      await goOn();
      await panel.hide();
      await panel.open();
      await panel.textBeyond(0);
      assert.equal(await panel.find('#message').isVisible(), false);
    });

    it('inserts at the cursor, and undo takes it back in one step @smoke', async () => {
      await workbench.goToEnd();
      const before = await workbench.savedText();
      await panel.find('#insert').click();
      await panel.find('#message.notice').waitFor();
      // The essay's style is the models' own. Markdown: an empty line between paragraphs.
      const expected = `${before}\n\n${(await panel.text()).replaceAll('\n', '\n\n')}`;
      assert.equal(await workbench.savedText((text) => text === expected), expected);
      // The panel hands the keyboard to the editor; on a busy machine a moment later.
      await workbench.page.locator('.editor-instance .monaco-editor.focused').waitFor();
      await workbench.page.keyboard.press('Control+Z');
      assert.equal(await workbench.savedText((text) => text === before), before);
    });

    it('follows a long text, shows how far it is, and stops at once with Esc, wherever the keyboard is left', async () => {
      await panel.generate('论读书', 10_000);
      // The button that was pressed is gone, and the one in its place has the keyboard.
      await panel.find('#stop:focus').waitFor();
      await panel.textBeyond(800);
      const progress = panel.find('#progress');
      assert.ok(await progress.isVisible());
      const far = Number(await progress.getAttribute('value'));
      assert.ok(far > 0 && far < 10_000, `${far}`);
      assert.equal(await progress.getAttribute('max'), '10000');
      const box = await panel.find('#text').boundingBox();
      assert.ok(box && box.height > 400 && box.y + box.height < 800, 'the page follows the text');
      await workbench.page.keyboard.press('Escape');
      const text = await panel.finished();
      await panel.find('#generate:focus').waitFor();
      assert.equal(await progress.isVisible(), false);
      await sleep(500);
      assert.equal(await panel.text(), text);
    });

    it('begins no second article while one is being written', async () => {
      const entries = await panel.find('#entries li').count();
      await panel.generate('论读书', 10_000);
      const early = await panel.textBeyond(20);
      for (const field of ['#title', '#length']) await panel.find(field).press('Enter');
      await workbench.page.keyboard.press('Escape');
      assert.ok((await panel.finished()).startsWith(early));
      assert.equal(await panel.find('#entries li').count(), entries + 1);
    });

    it('leaves Enter and Esc to an input method that composes', async () => {
      const { keyboard } = workbench.page;
      const devtools = await workbench.page.context().newCDPSession(workbench.page);
      const compose = (text: string) =>
        devtools.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
      const entries = await panel.find('#entries li').count();
      await panel.find('#title').fill('春天');
      await panel.find('#length').fill('10000');
      await panel.find('#title').press('End');
      for (const key of ['Enter', 'Control+Enter']) {
        await compose('qiu');
        await keyboard.press(key);
      }
      await devtools.send('Input.insertText', { text: '秋' });
      await panel.begin(() => keyboard.press('Control+Enter'));
      assert.equal(await panel.find('#article-title').innerText(), '春天秋');
      assert.equal(await panel.find('#entries li').count(), entries + 1);
      await panel.find('#title').focus();
      await compose('qiu');
      await keyboard.press('Escape');
      const early = await panel.textBeyond(20);
      await panel.textBeyond(early.length);
      await compose('');
      await keyboard.press('Escape');
      await panel.finished();
    });

    it('goes on while it is hidden, and has its fields and its text when it is shown again', async () => {
      await panel.find('#opening').fill('雨下了一夜。');
      await panel.generate('山里的夜', 10_000);
      const before = await panel.textBeyond(50);
      await panel.hide();
      await sleep(1000);
      await panel.open();
      const after = await panel.textBeyond(before.length);
      assert.ok(after.startsWith('雨下了一夜。') && after.startsWith(before));
      assert.deepEqual(
        [await panel.find('#title').inputValue(), await panel.find('#opening').inputValue()],
        ['山里的夜', '雨下了一夜。'],
      );
      await panel.find('#stop').click();
      await panel.finished();
    });

    it('after the window was reloaded has all of its fields, and shows as stopped what was being written', async () => {
      const opening = '雨下了一夜。\n天亮时才停。';
      await panel.find('#opening').fill(opening);
      await panel.find('#preset').selectOption('bold');
      await panel.find('#more summary').click();
      await panel.find('#seed').fill('20260');
      await panel.generate('山里的夜', 10_000);
      const entries = await panel.find('#entries li').count();
      const before = await panel.textBeyond(50);
      // It is saved every two seconds, and VS Code writes it down in its own time.
      await sleep(2500);
      await panel.textBeyond(before.length + 300, 60_000);
      await panel.reload();
      await panel.open();
      const after = await panel.finished();
      assert.ok(after.startsWith(before.slice(0, 50)) && after.length >= before.length);
      assert.equal(await panel.find('#entries li').count(), entries);
      const fields = ['#title', '#opening', '#length', '#preset', '#seed'].map((field) =>
        panel.find(field).inputValue(),
      );
      assert.deepEqual(await Promise.all(fields), ['山里的夜', opening, '10000', 'bold', '20260']);
      assert.ok(await panel.find('#seed').isVisible(), '“More” is open');
      await panel.find('#seed').fill('');
      await panel.find('#preset').selectOption('balanced');
      await panel.find('#more summary').click();
    });

    it('retries the same title on another seed', async () => {
      await panel.find('#opening').fill('');
      await panel.generate('故乡的雨', 100);
      await panel.finished();
      const entries = await panel.find('#entries li').count();
      const before = { text: await panel.text(), settings: await panel.find('#settings').innerText() };
      await panel.begin(() => panel.find('#retry').click());
      const text = await panel.finished();
      assert.notEqual(text, before.text);
      assert.notEqual(await panel.find('#settings').innerText(), before.settings);
      assert.equal(await panel.find('#entries li').count(), entries + 1);
    });

    it('inserts what it shows with the quotes of the document', async () => {
      await panel.find('#opening').fill('祖父说：“听，‘沙沙’的。”');
      await panel.generate('故乡的雨', 50);
      const shown = await panel.finished();
      const before = '# 雨\n\n母亲说：「雨停了。」我说：「好。」';
      await workbench.openFile('另一篇.md', before);
      await panel.find('#insert').click();
      const corner = (quote: string) => '「」『』'.charAt('“”‘’'.indexOf(quote));
      const expected = `${before}\n\n${shown.replace(/[“”‘’]/g, corner).replaceAll('\n', '\n\n')}`;
      assert.equal(await workbench.savedText((text) => text === expected, '另一篇.md'), expected);
      await panel.find('#opening').fill('');
    });

    it('keeps the article, and says what to do, where a document is read-only or none is open', async () => {
      await workbench.showFile();
      const before = await workbench.savedText();
      await workbench.workspaceSettings({ 'files.readonlyInclude': { '**/*.md': true } });
      const readOnly = workbench.page.locator('.tab.active [aria-label*="Read-only"]');
      await readOnly.waitFor();
      await panel.find('#insert').click();
      await panel.find('#message.problem').waitFor();
      await workbench.workspaceSettings({});
      await readOnly.waitFor({ state: 'detached' });
      assert.equal(await workbench.savedText(), before);
      await workbench.runCommand('Close All Editors');
      await workbench.page.locator('.tabs-container .tab').first().waitFor({ state: 'detached' });
      await panel.find('#insert').click();
      const problem = panel.find('#message.problem').filter({ hasText: /Open a document/ });
      await problem.waitFor();
      assert.notEqual(await panel.text(), '');

      // Whoever has read it can have it away; a page that is loaded anew does not say it again.
      await panel.expectNamed('#message .close', 'button', 'Close');
      await panel.find('#message .close').click();
      await problem.waitFor({ state: 'hidden' });
      await panel.find('#generate:focus').waitFor();
      await panel.hide();
      await panel.open();
      await panel.find('.entry').first().waitFor();
      assert.equal(await panel.find('#message').isVisible(), false);
      await panel.find('#insert').click();
      await problem.waitFor();
    });

    it('says what it has to say, and shows what it shows, where it is seen, however far down its page is', async () => {
      const opening = Array.from({ length: 40 }, () => '雨下了一夜，天亮时才停。').join('\n');
      await panel.find('#opening').fill(opening);
      await panel.generate('长夜', 20);
      await panel.finished();
      for (const [button, kind] of [
        ['#insert', '.problem'],
        ['#copy', '.notice'],
      ] as const) {
        await panel.evaluate('window.scrollTo(0, document.body.scrollHeight)');
        await panel.find(button).click();
        await panel.seen(`#message${kind}`);
      }
      for (const entry of [panel.find('.entry').nth(1), panel.find('.entry').first()]) {
        const title = await entry.locator('span').innerText();
        await entry.click();
        await panel.find('#article-title').filter({ hasText: title }).waitFor();
        await panel.seen('#article-title');
      }
      await panel.find('#opening').fill('');
      const size = workbench.page.viewportSize();
      assert.ok(size);
      await workbench.page.setViewportSize({ ...size, height: 360 });
      await panel.find('#title').fill('');
      await panel.find('#title').press('Enter');
      await panel.seen('#message.problem');
      await panel.seen('#title');
      await workbench.screenshot(`panel-low-${host.version}`);
      await workbench.page.setViewportSize(size);
      await panel.find('#title').fill('长夜');
    });

    it('says what to do when the model cannot be used, and writes again when it can', async () => {
      await workbench.workspaceSettings({ 'moxu.model.path': '/no/model/here' });
      await panel.find('#trial').waitFor({ state: 'hidden' });
      await panel.find('#opening').fill('雨下了一夜。');
      await panel.find('#generate').click();
      await panel.find('#message.problem .link').first().waitFor();
      // The writer's own opening is no article: nothing could be done with it.
      for (const name of ['#result', '#retry']) assert.equal(await panel.find(name).isVisible(), false, name);
      assert.match(await panel.find('#message').innerText(), /cannot be used.*Open Settings.*Open Log/s);
      await workbench.screenshot(`panel-problem-${host.version}`);
      await workbench.workspaceSettings({});
      await panel.find('#trial').waitFor();
      // What it said is no longer so.
      await panel.find('#message').waitFor({ state: 'hidden' });
      await panel.find('#opening').fill('');
      await panel.generate('春天', 50);
      assert.notEqual(await panel.finished(), '');
    });

    it('works from the keyboard, in the order in which one reads', async () => {
      const { keyboard } = workbench.page;
      await panel.find('#title').focus();
      await panel.expectNamed('#title', 'textbox', 'Title');
      for (const control of inOrder) {
        await keyboard.press('Tab');
        await panel.expectFocus(...control);
      }
      await panel.find('.erase').last().focus();
      for (const control of behindHistory) {
        await keyboard.press('Tab');
        await panel.expectFocus(...control);
      }
      await panel.find('#title').fill(markup);
      await panel.find('#opening').fill(markup);
      await panel.find('#length').fill('10000');
      await panel.find('#opening').focus();
      await panel.begin(() => keyboard.press('Control+Enter'));
      await panel.textBeyond(markup.length);
      await keyboard.press('Escape');
      await panel.finished();
    });

    it('shows as it is what looks like HTML', async () => {
      assert.equal(await panel.find('#article-title').innerText(), markup);
      assert.ok((await panel.text()).startsWith(markup));
      assert.ok((await panel.find('.entry').first().innerText()).startsWith(markup));
      assert.equal(await panel.find('b, img').count(), 0);
      await panel.find('#opening').fill('');
    });

    // It takes two windows, and where VS Code keeps it does not depend on the version. In the last one the engine has to
    // work again, so that what it asks for is noted.
    if (host.isNewest)
      it('keeps the history of one workspace from another', async () => {
        const titles = () => panel.find('.entry span').allTextContents();
        const before = await titles();
        // Not the newest.
        await panel.find('.entry').last().click();
        await panel.find('.entry[aria-current]').and(panel.find('.entry').last()).waitFor();
        const text = await panel.text();
        await workbench.inOtherFolder(async () => {
          await panel.open();
          await panel.find('#generate').waitFor();
          assert.equal(await panel.find('#title').inputValue(), '');
          assert.deepEqual([await titles(), await panel.find('#result').isVisible()], [[], false]);
          await panel.generate('别处', 20);
          await panel.finished();
          assert.deepEqual(await titles(), ['别处']);
        });
        await panel.open();
        await panel.finished();
        assert.deepEqual([await titles(), await panel.text()], [before, text]);
        await panel.find('.entry').first().click();
      });

    it('bears quick clicks', async () => {
      // Not finished before the second click.
      await panel.find('#title').fill('春天');
      await panel.find('#length').fill('10000');
      for (let i = 0; i < 5; i++) {
        await panel.find('#generate').click();
        await panel.find('#stop').click();
      }
      await panel.generate('春天', 100);
      assert.ok((await panel.finished()).length >= 80);
    });

    it('shows and reuses an article of the history', async () => {
      await panel.find('.entry').last().click();
      await panel.find('#article-title').filter({ hasText: '故乡的雨' }).waitFor();
      await panel.find('#reuse').click();
      assert.equal(await panel.find('#title').inputValue(), '故乡的雨');
      const text = await panel.text();
      await panel.begin(() => panel.find('#generate').click());
      assert.equal(await panel.finished(), text, 'the same seed writes the same text');
    });

    it('opens an article as a new document', async () => {
      await panel.find('#open-as-document').click();
      await workbench.page.locator('.tab.active', { hasText: '故乡的雨' }).filter({ hasNotText: '.md' }).waitFor();
      const expected = `# 故乡的雨\n\n${(await panel.text()).replaceAll('\n', '\n\n')}\n`;
      await workbench.goToEnd();
      await workbench.page.keyboard.press('Control+A');
      await workbench.page.keyboard.press('Control+C');
      await workbench.openFile('新文.md', '');
      await workbench.page.keyboard.press('Control+V');
      assert.equal(await workbench.savedText((text) => text === expected, '新文.md'), expected);
    });

    it('has the keyboard where it was when VS Code, behind a dialog, gives it to the page twice', async () => {
      const holders = await panel.evaluate(`(() => {
        const erase = document.querySelector('#entries li:first-child .erase');
        erase.focus();
        erase.click();
        const given = () => {
          document.activeElement.blur();
          window.dispatchEvent(new Event('focus'));
          return document.activeElement === erase;
        };
        return [given(), given()];
      })()`);
      await panel.answerDialog('Cancel');
      assert.deepEqual(holders, [true, true]);
    });

    it('erases one article, and all of them', async () => {
      // Behind a dialog the page may get the keyboard late, and the command palette be closed by that.
      if (!(await panel.find('#title').isVisible())) await panel.open();
      for (const title of ['春天', '秋天']) {
        await panel.generate(title, 20);
        await panel.finished();
      }
      const entries = await panel.find('#entries li').count();
      const first = '#entries li:first-child .erase';
      const eraseFirst = async (answer: 'Delete' | 'Cancel') => {
        // A dialog gives the keyboard back to who had it when it came; the click that leads to one may be too late for that.
        await panel.giveKeyboardTo('#title');
        await panel.find(first).click();
        await panel.answerDialog(answer);
      };
      await eraseFirst('Cancel');
      // The keyboard goes on where it was.
      for (let tries = 1; !(await panel.hasKeyboardAt(first)); tries++) {
        assert.ok(tries < 3, 'the page never has the keyboard again');
        await eraseFirst('Cancel');
      }
      await workbench.page.keyboard.press('Tab');
      await panel.find('#entries li:nth-child(2) .entry:focus').waitFor();
      assert.equal(await panel.find('#entries li').count(), entries);
      await eraseFirst('Delete');
      await panel
        .find('#entries li')
        .nth(entries - 1)
        .waitFor({ state: 'detached' });
      await panel.hasKeyboardAt(first);
      await panel.find('#erase-all').click();
      await panel.answerDialog();
      await panel.find('#history').waitFor({ state: 'hidden' });
      if (await panel.hasKeyboardAt('#title')) {
        await workbench.page.keyboard.insertText('雨');
        assert.match(await panel.find('#title').inputValue(), /雨/);
      }
      assert.equal(await panel.find('#result').isVisible(), false);
    });
  });
}
