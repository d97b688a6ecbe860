/** A writer who types along a ghost: what follows it is written before its end is reached, and the ghost goes on with it. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { openText, until } from './editing';

/** What the model says, by the end of what it reads. */
const says: Readonly<Record<string, string>> = {
  后来: '天黑了',
  后来天黑了: '，我们走',
  清早: '天亮了。',
  '清早天亮了。': '鸟在叫',
};

describe('a ghost that is typed along', () => {
  let api: MoxuApi;
  /** Texts for which the model was asked. */
  let written: string[] = [];
  let restore = (): void => undefined;

  before(async () => {
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    const { engine } = api;
    await engine.load();
    const generate = engine.generate.bind(engine);
    engine.generate = async function* ({ text }) {
      written.push(text);
      await Promise.resolve();
      const answer = says[text] ?? '';
      if (answer !== '') yield { text: answer, logProb: 0, numTokens: 1 };
      return { text: answer, finishReason: 'stop', numTokens: 1, numPromptTokens: 1 };
    };
    restore = () => (engine.generate = generate);
  });
  after(() => restore());
  beforeEach(() => {
    api.ghostText.forget();
    written = [];
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  async function ghostHere(): Promise<string> {
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    const context = { triggerKind: vscode.InlineCompletionTriggerKind.Automatic, selectedCompletionInfo: undefined };
    const { token } = new vscode.CancellationTokenSource();
    const [item] = await api.ghostText.provideInlineCompletionItems(
      editor.document,
      editor.selection.active,
      context,
      token,
    );
    return typeof item?.insertText === 'string' ? item.insertText : '';
  }

  async function type(character: string): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    const { document, selection } = editor;
    await until('it is typed', () => editor.edit((builder) => builder.insert(selection.active, character)));
    await until(
      'the cursor is behind it',
      () => document.offsetAt(editor.selection.active) === document.getText().length,
    );
  }

  it('goes on with what follows, from near its end', async () => {
    await openText('# 院子\n\n后来');
    assert.equal(await ghostHere(), '天黑了');
    await type('天');
    assert.equal(await ghostHere(), '黑了');
    await until('the model writes what follows', () => written.includes('后来天黑了'));
    await type('黑');
    assert.equal(await ghostHere(), '了，我们走');
    await type('了');
    assert.equal(await ghostHere(), '，我们走');
    assert.equal(written.filter((text) => text === '后来天黑了').length, 1);
  });

  it('ends with its sentence', async () => {
    await openText('# 院子\n\n清早');
    assert.equal(await ghostHere(), '天亮了。');
    await type('天');
    await type('亮');
    assert.equal(await ghostHere(), '了。');
    await until('the model writes what follows', () => written.includes('清早天亮了。'));
    await type('了');
    assert.equal(await ghostHere(), '。');
    await type('。');
    assert.equal(await ghostHere(), '鸟在叫');
  });

  it('does not grow before', async () => {
    await openText('# 院子\n\n后来');
    assert.equal(await ghostHere(), '天黑了');
    await until('the model writes what follows', () => written.includes('后来天黑了'));
    assert.equal(await ghostHere(), '天黑了');
    await type('天黑');
    assert.equal(await ghostHere(), '了，我们走');
  });
});
