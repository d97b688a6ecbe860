/** Names that the writer used elsewhere, in real VS Code with the real model: completed, switched off, erased, followed. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { ghostAt, openText, show, until } from './editing';

/** No model knows these names. */
const inDocument = '钟离云岫站在渡口。钟离云岫没有回头。他们说，钟离云岫早就走了。';
const inFile = '澹台霁月推开门。澹台霁月把灯放下。后来，澹台霁月再没有来过。';
/** The same in GBK, as many a text from Windows is. */
const inFileAsGbk =
  'e5a3cca8f6abd4c2cdc6bfaac3c5a1a3e5a3cca8f6abd4c2b0d1b5c6b7c5cfc2a1a3baf3c0b4a3ac' +
  'e5a3cca8f6abd4c2d4d9c3bbd3d0c0b4b9fda1a3';
const [family, given] = ['钟离', '云岫'];
const [otherFamily, otherGiven] = ['澹台', '霁月'];

describe('the writer’s own words', function () {
  this.timeout(120_000);
  const settings = vscode.workspace.getConfiguration('moxu');
  const set = (name: string, value: unknown) => settings.update(name, value, vscode.ConfigurationTarget.Global);
  let api: MoxuApi;
  let file: vscode.Uri;

  before(async () => {
    await set('ghostText.confidenceFloor', 0);
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    await api.engine.load();
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder);
    file = vscode.Uri.joinPath(folder, '人物.md');
  });
  after(async () => {
    for (const name of ['ghostText.confidenceFloor', 'ownWords.enabled', 'ownWords.workspace'])
      await set(name, undefined);
    await vscode.workspace.fs.delete(file).then(undefined, () => undefined);
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  /** What is suggested at the end of the document. */
  function suggested(editor: vscode.TextEditor): Promise<string> {
    api.ghostText.forget();
    // By itself: the likeliest text, where those that are asked for by hand are drawn.
    return ghostAt(api, editor);
  }

  it('a name from another open document is completed; not when it is switched off; and again when it is on', async () => {
    await openText(inDocument);
    const editor = await openText(`# 渡口\n\n傍晚时分，我终于见到了${family}`);
    await until('the name is suggested', async () => (await suggested(editor)).startsWith(given));
    await set('ownWords.enabled', false);
    await until('it is no longer', async () => !(await suggested(editor)).startsWith(given));
    await set('ownWords.enabled', undefined);
    await until('it is again', async () => (await suggested(editor)).startsWith(given));
  });

  /** │ is the cursor: what stands behind it stood once before, sentences ago. */
  const once = [
    '慕容栖梧是三月里来的，带着两箱书和一把旧琴。那年春天雨水多，石板缝里长满了青苔。过了清明，大家才又提起慕容│栖梧',
    '我们把这种办法叫作“回声校勘”。两个人轮流把原文读给对方听，遇到不合的地方就停下来。后来的人都用回声│校勘',
    '信是从斡难渡口寄来的，邮戳已经模糊了。父亲拿着信看了很久。第二天一早他就出门去了，我知道他是要去斡难│渡口',
    '那本小册子叫《拾穗札记》，印了不到五百本。他自己手里也没有了。前几天在旧书摊上，我竟然看到一本《拾穗│札记',
  ];

  it('a name or a term that stood once in the document is completed the next time, as Moxu is when it is new', async () => {
    await set('ghostText.confidenceFloor', undefined);
    try {
      let without = 0;
      for (const [text = '', rest = ''] of once.map((example) => example.split('│'))) {
        const editor = await openText(text);
        const ghost = await suggested(editor);
        assert.ok(ghost.startsWith(rest), `${text}│${ghost}`);
        await set('ownWords.enabled', false);
        if ((await suggested(editor)).startsWith(rest)) without++;
        await set('ownWords.enabled', undefined);
      }
      assert.ok(without < once.length, 'the model knows all of them by itself');
    } finally {
      await set('ownWords.enabled', undefined);
      await set('ghostText.confidenceFloor', 0);
    }
  });

  it('the command erases what was learnt, and an edited document is learnt anew', async () => {
    const source = await openText(inDocument);
    const editor = await openText(`# 渡口\n\n傍晚时分，我终于见到了${family}`);
    await until('the name is suggested', async () => (await suggested(editor)).startsWith(given));
    void vscode.commands.executeCommand('moxu.forgetOwnWords');
    await until('it is forgotten', async () => !(await suggested(editor)).startsWith(given));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(source.document.uri, new vscode.Position(0, 0), '后来，');
    await vscode.workspace.applyEdit(edit);
    await until('it is learnt anew', async () => (await suggested(editor)).startsWith(given));
  });

  it('a name from a file of the workspace is completed, and forgotten when the file is gone', async () => {
    const editor = await openText(`# 旧事\n\n那天夜里，敲门的人是${otherFamily}`);
    await vscode.workspace.fs.writeFile(file, Buffer.from(inFile));
    await until('the name is suggested', async () => (await suggested(editor)).startsWith(otherGiven));
    await set('ownWords.workspace', false);
    await until('files do not count', async () => !(await suggested(editor)).startsWith(otherGiven));
    await set('ownWords.workspace', undefined);
    await until('files count again', async () => (await suggested(editor)).startsWith(otherGiven));
    await vscode.workspace.fs.delete(file);
    await until('the file is gone', async () => !(await suggested(editor)).startsWith(otherGiven));
  });

  it('of a file that is longer than what is read of one, the end is learnt', async () => {
    const editor = await openText(`# 旧事\n\n那天夜里，敲门的人是${otherFamily}`);
    const long = '院子里有一棵老槐树，夏天的傍晚，一家人坐在树下乘凉。\n'.repeat(5000);
    await vscode.workspace.fs.writeFile(file, Buffer.from(`${long}${inFile}\n`));
    await until('the name is suggested', async () => (await suggested(editor)).startsWith(otherGiven));
    await vscode.workspace.fs.delete(file);
    await until('the file is gone', async () => !(await suggested(editor)).startsWith(otherGiven));
  });

  it('a name from a file in GBK is completed', async () => {
    const editor = await openText(`# 旧事\n\n那天夜里，敲门的人是${otherFamily}`);
    await vscode.workspace.fs.writeFile(file, Buffer.from(inFileAsGbk, 'hex'));
    await until('the name is suggested', async () => (await suggested(editor)).startsWith(otherGiven));
    await vscode.workspace.fs.delete(file);
    await until('the file is gone', async () => !(await suggested(editor)).startsWith(otherGiven));
  });

  it('erased, a file of the workspace is not learnt from until it is opened', async () => {
    const editor = await openText(`# 旧事\n\n那天夜里，敲门的人是公冶`);
    // One of its own: VS Code keeps an opened document for a while, and what is open is learnt from.
    const opened = vscode.Uri.joinPath(file, '../旧人.md');
    await vscode.workspace.fs.writeFile(
      opened,
      Buffer.from('公冶怀瑾推开门。公冶怀瑾把灯放下。后来，公冶怀瑾再没有来过。'),
    );
    try {
      await until('the name is suggested', async () => (await suggested(editor)).startsWith('怀瑾'));
      void vscode.commands.executeCommand('moxu.forgetOwnWords');
      await until('it is forgotten', async () => !(await suggested(editor)).startsWith('怀瑾'));
      // All that there is would be learnt again.
      await set('ownWords.workspace', false);
      await set('ownWords.workspace', undefined);
      await until('nothing is being learnt', () => api.ownWords.isUpToDate);
      assert.ok(!(await suggested(editor)).startsWith('怀瑾'));
      await vscode.workspace.openTextDocument(opened);
      await until('it is opened', async () => (await suggested(editor)).startsWith('怀瑾'));
    } finally {
      await vscode.workspace.fs.delete(opened);
    }
  });

  it('what is no prose is not looked into when it is edited', async () => {
    const other = await vscode.workspace.openTextDocument({ content: '', language: 'json' });
    // What a test before this one has left may be looked into just then, but not each time.
    let isLookedInto = true;
    for (let length = 1; isLookedInto && length <= 5; length++) {
      await until('nothing else is being learnt', () => api.ownWords.isUpToDate);
      const edit = new vscode.WorkspaceEdit();
      edit.insert(other.uri, new vscode.Position(0, 0), '1');
      await vscode.workspace.applyEdit(edit);
      await until('it is edited', () => other.getText().length === length);
      isLookedInto = !api.ownWords.isUpToDate;
    }
    assert.ok(!isLookedInto);
  });

  it('a file of the workspace is forgotten when so many others were written since that it is not read any more', async () => {
    const others = vscode.Uri.joinPath(file, '../其他');
    const editor = await openText(`# 旧事\n\n那天夜里，敲门的人是${otherFamily}`);
    await vscode.workspace.fs.writeFile(file, Buffer.from(inFile));
    try {
      await until('the name is suggested', async () => (await suggested(editor)).startsWith(otherGiven));
      // 200 are read.
      const names = Array.from({ length: 200 }, (_, i) => vscode.Uri.joinPath(others, `${i}.txt`));
      for (const name of names) await vscode.workspace.fs.writeFile(name, Buffer.from('1'));
      await until('it is forgotten', async () => !(await suggested(editor)).startsWith(otherGiven));
    } finally {
      await vscode.workspace.fs.delete(others, { recursive: true });
      await vscode.workspace.fs.delete(file);
      await until('all is learnt', () => api.ownWords.isUpToDate);
    }
  });

  it('a folder of texts that another program moves there, or deletes, is followed', async () => {
    const editor = await openText(`# 旧事\n\n那天夜里，敲门的人是${otherFamily}`);
    const { fsPath } = vscode.Uri.joinPath(file, '../旧稿');
    const made = mkdtempSync(join(tmpdir(), 'moxu-own-words-'));
    mkdirSync(join(made, '人物'));
    writeFileSync(join(made, '人物', '一.md'), inFile);
    try {
      renameSync(made, fsPath);
      await until('the name is suggested', async () => (await suggested(editor)).startsWith(otherGiven));
      rmSync(join(fsPath, '人物'), { recursive: true });
      await until('the folder is gone', async () => !(await suggested(editor)).startsWith(otherGiven));
    } finally {
      for (const folder of [made, fsPath]) rmSync(folder, { recursive: true, force: true });
    }
  });

  it('of thousands of files those are read that were written last', async () => {
    const made = mkdtempSync(join(tmpdir(), 'moxu-own-words-'));
    for (let i = 0; i < 3000; i++) {
      const old = join(made, `${i}.txt`);
      writeFileSync(old, '旧稿');
      utimesSync(old, 1e9, 1e9);
    }
    const latest = Array.from({ length: 8 }, (_, i) => `${i}.md`);
    for (const name of latest) writeFileSync(join(made, name), inFile);
    const folder = vscode.Uri.joinPath(file, '../多年');
    const { engine } = api;
    const learn = engine.learn.bind(engine);
    const learnt = new Set<string>();
    try {
      await until('nothing else is being learnt', () => api.ownWords.isUpToDate);
      engine.learn = (part) => {
        learnt.add(part.name);
        return learn(part);
      };
      renameSync(made, folder.fsPath);
      const names = latest.map((name) => vscode.Uri.joinPath(folder, name).toString());
      await until('they are read', () => names.every((name) => learnt.has(name)));
    } finally {
      engine.learn = learn;
      for (const path of [made, folder.fsPath]) rmSync(path, { recursive: true, force: true });
      await until('all is learnt', () => api.ownWords.isUpToDate);
    }
  });

  it('what the writer has taken out of a document is forgotten', async () => {
    const source = await openText(inDocument);
    const editor = await openText(`# 渡口\n\n傍晚时分，我终于见到了${family}`);
    await until('the name is suggested', async () => (await suggested(editor)).startsWith(given));
    const other = await show(source.document);
    await other.edit((builder) => builder.replace(new vscode.Range(0, 0, 1, 0), '什么也没有。'));
    const again = await show(editor.document);
    await until('it is forgotten', async () => !(await suggested(again)).startsWith(given));
  });

  it('of a book, even one in a single line, only what is near the cursor is learnt', async () => {
    const learnt: string[] = [];
    const { engine } = api;
    const learn = engine.learn.bind(engine);
    try {
      await until('nothing else is being learnt', () => api.ownWords.isUpToDate);
      engine.learn = (part) => {
        learnt.push(part.text);
        return learn(part);
      };
      await openText(`启程之日。${'山路很长，'.repeat(40_000)}`);
      await until('it is learnt', () => learnt.join('').includes('山路') && api.ownWords.isUpToDate);
      assert.ok(!learnt.join('').includes('启程'));
    } finally {
      engine.learn = learn;
    }
  });
});
