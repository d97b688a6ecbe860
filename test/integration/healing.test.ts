/**
 * Cursors inside words, in a real editor with the real model: what is suggested goes on within the word, in whatever script
 * and width the document is written. That every token of the word is possible is shown in test/unit/generation.
 */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { ghostAt, openText, until } from './editing';

/** │ is the cursor; what stands behind it comes next. */
const always = [
  '他说人民共│和国',
  '听到这个消息，大家都迫不│及待',
  '我们用Mic│rosoft',
  '公司的电脑上装的是 Mic│rosoft',
];
const others = {
  'in 繁體': ['# 鄉間的學校\n\n這裡的孩子們還沒有來。他說人民共│和國', '# 鄉間的學校\n\n聽到這個消息，大家都迫不│及待'],
  'in wide letters': ['我们用Ｍｉｃ│ｒｏｓｏｆｔ', '# 公司\n\n公司的电脑上装的是Ｍｉｃ│ｒｏｓｏｆｔ'],
};
describe('ghost text inside a word', () => {
  const settings = vscode.workspace.getConfiguration('moxu');
  let api: MoxuApi;

  before(async () => {
    await settings.update('ghostText.confidenceFloor', 0, vscode.ConfigurationTarget.Global);
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    await api.engine.load();
  });
  after(() => settings.update('ghostText.confidenceFloor', undefined, vscode.ConfigurationTarget.Global));
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  async function suggested(text: string): Promise<string> {
    api.ghostText.forget();
    return ghostAt(api, await openText(text));
  }

  const parts = (example: string): string[] => example.split('│');

  for (const example of [...always, ...Object.values(others).flat()])
    it(example.replaceAll('\n', ' '), async () => {
      const [typed = '', rest = ''] = parts(example);
      const ghost = await suggested(typed);
      assert.ok(ghost.startsWith(rest), ghost);
    });

  it('word by word the rest of the word is accepted first', async () => {
    const [typed = '', rest = ''] = parts(always[0] ?? '');
    await suggested(typed);
    await vscode.commands.executeCommand('moxu.acceptWord');
    const text = () => vscode.window.activeTextEditor?.document.getText() ?? '';
    await until('it is accepted', () => text() !== typed);
    // A mark goes on with the word before it.
    assert.match(text(), new RegExp(`^${typed}${rest}\\p{P}*$`, 'u'));
  });
});
