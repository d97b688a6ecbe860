/** A ghost is taken by parts: what was taken stands in the document, and the rest goes on to be shown. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { ghostAt, openText, until } from './editing';

const text = '# 院子\n\n小院';
const ghost = '里，天黑了，我们走';

describe('a ghost that is taken by parts', () => {
  let api: MoxuApi;
  let restore = (): void => undefined;

  before(async () => {
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    const { engine } = api;
    await engine.load();
    const generate = engine.generate.bind(engine);
    engine.generate = async function* (prompt) {
      await Promise.resolve();
      const answer = prompt.text.endsWith('小院') ? ghost : '';
      if (answer !== '') yield { text: answer, logProb: 0, numTokens: 1 };
      return { text: answer, finishReason: 'stop', numTokens: 1, numPromptTokens: 1 };
    };
    restore = () => (engine.generate = generate);
  });
  after(() => restore());
  beforeEach(() => api.ghostText.forget());
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  const shown = ({ document, selection }: vscode.TextEditor): string =>
    api.ghostText.shownAt(document, selection.active);

  async function show(): Promise<vscode.TextEditor> {
    const editor = await openText(text);
    assert.equal(await ghostAt(api, editor), ghost);
    return editor;
  }

  async function take(editor: vscode.TextEditor, part: string, taken: string): Promise<void> {
    await vscode.commands.executeCommand(`moxu.accept${part}`);
    await until(`${taken} is taken`, () => editor.document.getText() === text + taken);
    await until('the cursor is behind it', () => shown(editor) !== '');
    assert.equal(shown(editor), ghost.slice(taken.length));
  }

  it('分句 by 分句, then a 词', async () => {
    const editor = await show();
    await take(editor, 'Clause', '里，');
    await take(editor, 'Clause', '里，天黑了，');
    await take(editor, 'Word', '里，天黑了，我们');
  });

  it('词 by 词, with the mark behind it', async () => {
    const editor = await show();
    await take(editor, 'Word', '里，');
    await take(editor, 'Word', '里，天黑');
    await take(editor, 'Word', '里，天黑了，');
  });

  it('句: all of it, where it is one', async () => {
    const editor = await show();
    await vscode.commands.executeCommand('moxu.acceptSentence');
    await until('it is taken', () => editor.document.getText() === text + ghost);
  });
});
