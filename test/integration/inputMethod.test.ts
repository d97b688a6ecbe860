/** While an input method composes nothing reaches the engine. The edits are those that VS Code makes for one. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { openText, until } from './editing';

const essay = '# 故乡的雨\n\n故乡的雨总是下得很慢。每到下雨的夜晚，我都会想起';

/** These make the model neither read nor write: they find out about the machine, learn words in their own time, end work. */
const aside = new Set(['calibrate', 'learn', 'forget', 'abort']);

describe('input method', () => {
  let api: MoxuApi;
  let requests: string[] = [];
  /** What is sent before does not count. */
  let hasBegun = (): boolean => false;
  let restore = () => undefined as unknown;

  before(async () => {
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    await api.engine.load();
    // The real engine goes on working; what it is sent is counted on the way, the reading beforehand too.
    const { thread } = api.engine;
    assert.ok(thread);
    const send = thread.send.bind(thread);
    thread.send = (request) => {
      if (hasBegun() && !aside.has(request.type)) requests.push(request.type);
      send(request);
    };
    restore = () => (thread.send = send);
  });
  after(() => restore());
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  async function open(): Promise<vscode.TextEditor> {
    const editor = await openText(essay);
    const { document } = editor;
    await sleep(500);
    requests = [];
    const { version } = document;
    hasBegun = () => document.version > version;
    return editor;
  }

  /** As VS Code asks, at each key if not by hand. */
  function ask(kind: 'Automatic' | 'Invoke' = 'Automatic'): Promise<unknown> {
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    const { token } = new vscode.CancellationTokenSource();
    const context = { triggerKind: vscode.InlineCompletionTriggerKind[kind], selectedCompletionInfo: undefined };
    return api.ghostText.provideInlineCompletionItems(editor.document, editor.selection.active, context, token);
  }

  const isAsked = (): boolean => requests.some((type) => type !== 'warm');

  /** Each preedit replaces the one before; longer pauses than any debounce or hold lie between them. */
  async function compose(editor: vscode.TextEditor, preedits: readonly string[]): Promise<void> {
    const start = editor.document.getText().length;
    let length = 0;
    for (const text of preedits) {
      const range = new vscode.Range(editor.document.positionAt(start), editor.document.positionAt(start + length));
      await until('the preedit is shown', () => editor.edit((builder) => builder.replace(range, text)));
      // The cursor comes to rest there, having been elsewhere.
      editor.selection = new vscode.Selection(range.start, range.start);
      const end = editor.document.positionAt(start + text.length);
      editor.selection = new vscode.Selection(end, end);
      void ask();
      length = text.length;
      await sleep(600);
    }
  }

  for (const [name, preedits] of Object.entries({
    pinyin: ['x', 'xiao', "xiao'shi", "xiao'shi'h"],
    'pinyin with spaces and capitals': ['W', 'Wo', 'Wo m'],
    'pinyin with ü, tones and marks': ['n', 'nü', 'nǚ;'],
    bopomofo: ['ㄒ', 'ㄒㄧ', 'ㄒㄧㄠ'],
  }))
    it(`${name}: no request while it is open`, async () => {
      const editor = await open();
      await compose(editor, preedits);
      assert.deepEqual(requests, []);
    });

  it('the commit is answered', async () => {
    const editor = await open();
    await compose(editor, ['x', 'xiao', '小时候']);
    await until('the model is asked', isAsked);
  });

  describe('a letter that was typed is no composition', () => {
    const type = (text: string) => vscode.commands.executeCommand('type', { text });

    it('for who asks by hand', async () => {
      await open();
      await type('A');
      void ask('Invoke');
      await until('the model is asked', isAsked);
    });

    it('once the cursor is elsewhere', async () => {
      const editor = await open();
      await type('A');
      await ask();
      assert.deepEqual(requests, []);
      const elsewhere = editor.document.positionAt(essay.length - 4);
      editor.selection = new vscode.Selection(elsewhere, elsewhere);
      await until('the model is asked', async () => {
        await ask();
        return isAsked();
      });
    });
  });
});
