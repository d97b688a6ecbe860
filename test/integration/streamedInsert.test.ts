/** Text that streams into a document, piece by known piece, while the writer moves, saves and deletes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { StreamedInsert } from '../../src/editor/streamedInsert';
import { seededRandom } from '../../src/generation/random';
import { openFile, until } from './editing';
import { toldDuring } from './messages';
import { hear, scripted, withoutStyle } from './scripted';

const essay = '# 雨\n\n雨下了一夜。';
const run = () => vscode.commands.executeCommand('moxu.continue');
const command = (name: string) => vscode.commands.executeCommand(name);

const isSoak = process.env['MOXU_SOAK'] !== undefined;
/** `MOXU_SOAK=1 npm run test:integration -- --grep 'begun and stopped'` runs the long form. */
const [starts, realStarts] = isSoak ? [1000, 1000] : [50, 20];
const soakMs = 20 * 60_000;

const filesSettings = ['autoSave', 'trimTrailingWhitespace', 'trimFinalNewlines', 'insertFinalNewline'] as const;

async function setFiles(values: Partial<Record<(typeof filesSettings)[number], unknown>>): Promise<void> {
  const files = vscode.workspace.getConfiguration('files');
  for (const name of filesSettings) await files.update(name, values[name], vscode.ConfigurationTarget.Global);
}

describe('streamed text', () => {
  before(() => setFiles({ autoSave: 'off' }));
  after(() => setFiles({}));
  afterEach(async () => {
    await command('moxu.stop');
    await command('workbench.action.closeAllEditors');
  });

  it('is taken back in one undo step more for each move of the cursor', async () => {
    const { document } = await openFile(essay);
    const holds = (text: string) => () => until(text, () => document.getText().endsWith(text));
    const [first, second, third] = ['天亮了，', '瓦上', '有光。'];
    await scripted(
      [
        first,
        second,
        holds(first),
        () => command('cursorUp'),
        third,
        holds(second),
        () => command('cursorDown'),
        '完。',
      ],
      run,
    );
    const texts = [document.getText()];
    while (document.getText() !== essay && texts.length < 5) {
      await command('undo');
      texts.push(document.getText());
    }
    assert.deepEqual(
      texts,
      [`${first}${second}${third}完。`, first + second, first, ''].map((text) => essay + text),
    );
  });

  for (const [name, broken, left, settings] of [
    ['blanks at the ends of lines', '天亮了。\n    ', '天亮了。\n', { trimTrailingWhitespace: true }],
    ['line breaks at the end', '天亮了。\n\n', '天亮了。\n', { trimFinalNewlines: true }],
    [
      'both, and adds a last line break',
      '天亮了。\n\n\t',
      '天亮了。\n',
      { trimTrailingWhitespace: true, trimFinalNewlines: true, insertFinalNewline: true },
    ],
  ] as const)
    it(`goes on where saving trims ${name}, with all of its line breaks`, async () => {
      await setFiles({ autoSave: 'off', ...settings });
      const { document } = await openFile(essay);
      const insert = new StreamedInsert(document, essay.length);
      insert.append(broken);
      insert.append('瓦上');
      await until('the break is written', () => document.getText() === essay + broken);
      assert.ok(await document.save());
      assert.equal(readFileSync(document.uri.fsPath, 'utf8'), essay + left);
      insert.append('有光。');
      assert.equal(await insert.finish(), 'done');
      insert.dispose();
      assert.equal(document.getText().trimEnd(), `${essay}${broken}瓦上有光。`);
    });

  it('goes on where saving trims blanks of the writer’s right behind it', async () => {
    await setFiles({ autoSave: 'off', trimTrailingWhitespace: true });
    const { document } = await openFile(`${essay}  \n\n后来`, essay.length);
    const insert = new StreamedInsert(document, essay.length);
    insert.append('天亮了，');
    insert.append('瓦上');
    await until('the first piece is written', () => document.getText().includes('天亮了，'));
    assert.ok(await document.save());
    insert.append('有光。');
    assert.equal(await insert.finish(), 'done');
    insert.dispose();
    assert.equal(document.getText(), `${essay}天亮了，瓦上有光。\n\n后来`);
  });

  for (const deletion of ['deleteLeft', 'deleteRight', 'undo'])
    it(`stops where the writer deletes what a save could have trimmed, by ${deletion}`, async () => {
      const behind = deletion === 'deleteRight' ? '\n后来' : '';
      const { document } = await openFile(essay + behind, essay.length);
      const insert = new StreamedInsert(document, essay.length);
      insert.append(deletion === 'deleteRight' ? '天亮了。' : '\n');
      insert.append('瓦上');
      await until('the first piece is written', () => document.getText().length > essay.length + behind.length);
      await command(deletion);
      const deleted = document.getText();
      insert.append('有光。');
      assert.equal(await insert.finish(), 'takenOver');
      insert.dispose();
      assert.equal(document.getText(), deleted);
    });

  it('stays where the writer has written in it while it came, and another one is wanted', async () => {
    const editor = await openFile(essay);
    const { document } = editor;
    const first = '天亮了，';
    const insertInside = () => editor.edit((builder) => builder.insert(document.positionAt(essay.length + 1), '①'));
    await scripted(
      [first, '瓦上', () => until(first, () => document.getText().endsWith(first)), insertInside, '有光。'],
      run,
    );
    const edited = `${essay}天①亮了，瓦上有光。`;
    assert.equal(document.getText(), edited);
    const told = await toldDuring(() => scripted(['雨停了。'], () => command('moxu.another')));
    assert.equal(document.getText(), edited);
    assert.match(told[0]?.message ?? '', /You have changed the last continuation, so it stays/);
  });

  it(`is begun and stopped ${starts} times: what was written stands there once, and nothing else`, async function () {
    if (isSoak) this.timeout(soakMs);
    const { document } = await openFile(essay);
    let expected = essay;
    for (let i = 0; i < starts; i++) {
      const pieces = [`第${i}回`, '天亮了', '瓦上有光'];
      const kept = i % (pieces.length + 1);
      await scripted([...pieces.slice(0, kept), () => command('moxu.stop'), ...pieces.slice(kept)], run);
      expected += pieces.slice(0, kept).join('');
      assert.equal(document.getText(), expected);
      // While nothing is written yet.
      await scripted(['太早'], () => Promise.all([run(), command('moxu.stop')]));
      const early = document.getText().slice(expected.length);
      assert.ok(['', '太早'].includes(early), early);
      expected += early;
    }
  });

  it(`of the real engine is begun and stopped ${realStarts} times: the same, and the next one is whole`, async function () {
    if (isSoak) this.timeout(soakMs);
    const random = seededRandom(3);
    const heard = await hear();
    try {
      const { document } = await openFile(essay);
      let expected = essay;
      for (let i = 0; i <= realStarts; i++) {
        heard.text = '';
        const finished = run();
        if (i < realStarts) {
          await sleep(random() * 60);
          await command('moxu.stop');
        }
        await finished;
        const text = document.getText();
        assert.ok(text.startsWith(expected), `start ${i}`);
        assert.equal(withoutStyle(text.slice(expected.length)), withoutStyle(heard.text), `start ${i}`);
        expected = text;
      }
      assert.notEqual(heard.text, '');
    } finally {
      heard.dispose();
    }
  });
});
