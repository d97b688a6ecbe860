/** What the provider answers while a writer types, in a real editor with the real model: never stale, nothing done twice. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { openText, until } from './editing';

const title = '# 祖父的院子\n\n';
const text =
  '院子里有一棵老槐树，夏天的傍晚，一家人搬了竹椅坐在树下乘凉，说些田里的事。我躺在竹床上数星星，数着数着就睡着了。';

interface Answer {
  /** The document up to the cursor, when it was answered. */
  before: string;
  ghost: string;
}

describe('ghost text in an editor', () => {
  const settings = vscode.workspace.getConfiguration('moxu');
  let api: MoxuApi;
  let answers: Answer[] = [];
  /** Everything the model has suggested: the text before the cursor, and what it wrote. */
  let written: { before: string; text: string }[] = [];
  /** What the model has to wait for before it writes. */
  let gate = Promise.resolve();
  let restore = (): void => undefined;

  before(async () => {
    await settings.update('ghostText.confidenceFloor', 0, vscode.ConfigurationTarget.Global);
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    await api.engine.load();
    const { engine, ghostText } = api;
    const [generate, provide] = [engine.generate.bind(engine), ghostText.provideInlineCompletionItems.bind(ghostText)];
    engine.generate = async function* (prompt, options, signal) {
      const entry = { before: prompt.text.trimStart(), text: '' };
      written.push(entry);
      await gate;
      const stream = generate(prompt, options, signal);
      for (;;) {
        const next = await stream.next();
        if (next.done) return next.value;
        entry.text += next.value.text;
        yield next.value;
      }
    };
    ghostText.provideInlineCompletionItems = async (document, position, context, token) => {
      const items = await provide(document, position, context, token);
      for (const { insertText, range } of items) {
        assert.ok(range?.isEmpty && range.start.isEqual(position));
        const before = document.getText(new vscode.Range(new vscode.Position(2, 0), position));
        assert.ok(typeof insertText === 'string');
        answers.push({ before, ghost: insertText });
      }
      return items;
    };
    restore = () => {
      engine.generate = generate;
      ghostText.provideInlineCompletionItems = provide;
    };
  });
  after(async () => {
    restore();
    await settings.update('ghostText.confidenceFloor', undefined, vscode.ConfigurationTarget.Global);
  });
  beforeEach(() => {
    answers = [];
    written = [];
    gate = Promise.resolve();
    api.ghostText.forget();
    Object.assign(api.ghostText.counts, { asked: 0, known: 0, joined: 0, started: 0, aborted: 0 });
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  async function type(characters: string, intervalMs: number): Promise<void> {
    for (const character of characters) {
      await vscode.commands.executeCommand('type', { text: character });
      await sleep(intervalMs);
    }
  }

  /** Whether the model wrote this ghost for the text before it, or for an earlier one that was typed on along it. */
  function isTrue({ before, ghost }: Answer): boolean {
    return written.some((entry) => {
      if (!before.startsWith(entry.before)) return false;
      const typed = before.slice(entry.before.length);
      return entry.text.startsWith(typed) && entry.text.slice(typed.length).startsWith(ghost);
    });
  }

  for (const intervalMs of [40, 80, 200])
    it(`is true to the document at each moment, with a key every ${intervalMs} ms`, async () => {
      await openText(title);
      await type(text.slice(0, 30), intervalMs);
      await until('an answer', () => answers.length > 0);
      for (const answer of answers) assert.ok(isTrue(answer), JSON.stringify(answer));
      const { asked, known, joined, started, aborted } = api.ghostText.counts;
      assert.ok(known + joined + started <= asked, 'each request is answered once');
      assert.ok(aborted <= started);
    });

  it('is not asked for again while what is suggested is typed', async () => {
    const editor = await openText(`${title}院子里有一棵老槐树，夏天的`);
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    await until('a ghost', () => answers.length > 0);
    const [{ ghost } = { ghost: '' }] = answers;
    assert.ok(ghost.length > 3, ghost);
    const { started } = api.ghostText.counts;
    await type(ghost.slice(0, -1), 60);
    assert.equal(api.ghostText.counts.started, started);
    assert.ok(editor.document.getText().endsWith(ghost.slice(0, -1)));
    const last = answers.at(-1);
    assert.ok(last && ghost.endsWith(last.ghost), JSON.stringify(last));
  });

  it('waits for what is being written when the writer types along it, and gives up what he leaves', async () => {
    const before = '院子里有一棵老槐树，夏天的';
    const editor = await openText(title + before);
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    await until('a ghost', () => answers.length > 0);
    const ghost = answers[0]?.ghost ?? '';
    api.ghostText.forget();
    const { document } = editor;
    const token = new vscode.CancellationTokenSource().token;
    const context = { triggerKind: vscode.InlineCompletionTriggerKind.Invoke, selectedCompletionInfo: undefined };
    const ask = () => api.ghostText.provideInlineCompletionItems(document, editor.selection.active, context, token);
    const { counts } = api.ghostText;
    const insert = (character: string) =>
      editor.edit((builder) => builder.insert(document.positionAt(document.getText().length), character));

    const closeGate = (): (() => void) => {
      let open = (): void => undefined;
      gate = new Promise((resolve) => (open = resolve));
      return open;
    };

    // The first answer comes back empty, for the document has gone on; the second is what the first has begun.
    let open = closeGate();
    const first = ask();
    assert.equal(counts.started, 2);
    await insert(ghost.slice(0, 1));
    const second = ask();
    open();
    assert.deepEqual(await first, []);
    assert.equal((await second)[0]?.insertText, ghost.slice(1));
    assert.deepEqual([counts.started, counts.aborted], [2, 0]);
    assert.ok(counts.joined > 0); // VS Code itself asks too

    api.ghostText.forget();
    open = closeGate();
    const third = ask();
    await insert('鼕');
    open();
    assert.deepEqual(await third, []);
    assert.equal(counts.aborted, 1);
  });

  it('leads to what stands to the right, or is silent', async () => {
    const [left, right] = ['清晨的集市很热闹，卖菜的人把摊子', '，一边吆喝，一边给客人称菜。'];
    for (let cut = 4; cut < left.length; cut += 4) {
      answers = [];
      const content = title + left.slice(0, cut) + left.slice(cut) + right;
      const editor = await openText(content);
      const position = editor.document.positionAt(title.length + cut);
      editor.selection = new vscode.Selection(position, position);
      const token = new vscode.CancellationTokenSource().token;
      const context = { triggerKind: vscode.InlineCompletionTriggerKind.Invoke, selectedCompletionInfo: undefined };
      const items = await api.ghostText.provideInlineCompletionItems(editor.document, position, context, token);
      for (const { insertText } of items) {
        const rest = left.slice(cut) + right;
        assert.ok(typeof insertText === 'string' && !insertText.includes(rest.slice(0, 4)), rest);
      }
    }
  });

  for (const closers of ['”', '』', '」。', '）', '》'])
    it(`${closers} to the right is no obstacle`, async () => {
      const editor = await openText(`${title}祖父常说：“种树的人，${closers}`);
      const position = editor.document.lineAt(2).range.end.translate(0, -closers.length);
      editor.selection = new vscode.Selection(position, position);
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      await until('a ghost', () => answers.length > 0);
      assert.ok(!answers[0]?.ghost.includes(closers), answers[0]?.ghost);
    });
});
