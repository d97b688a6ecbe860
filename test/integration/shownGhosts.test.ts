/** Which ghost is taken to be on screen, where a document changes as writers change it. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { ShownGhosts } from '../../src/editor/shownGhosts';
import { openText } from './editing';

describe('the ghost that is shown', () => {
  const shown = new ShownGhosts();
  const following = vscode.workspace.onDidChangeTextDocument((change) => shown.edited(change));
  after(() => void following.dispose());
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('is what is left of it where it is typed along, wherever that has moved; elsewhere none is', async () => {
    const editor = await openText('# 雨\n\n雨停了');
    const { document } = editor;
    const here = () => document.lineAt(document.lineCount - 1).range.end;
    shown.answered(document, here(), ['，天晴了'], false);
    assert.equal(shown.at(document, here()), '，天晴了');
    assert.equal(shown.at(document, here().translate(0, -1)), '');
    await editor.edit((builder) => builder.insert(here(), '，天'));
    assert.equal(shown.at(document, here()), '晴了');
    await editor.edit((builder) => builder.insert(new vscode.Position(1, 0), '雨下了一夜。\n\n'));
    assert.equal(shown.at(document, here()), '晴了');
    await editor.edit((builder) => builder.insert(here(), '黑'));
    assert.equal(shown.at(document, here()), '');
  });

  it('is what is left of it where it is typed along in another width or with other quotes', async () => {
    const editor = await openText('# 雨\n\n雨停了');
    const { document } = editor;
    const here = () => document.lineAt(document.lineCount - 1).range.end;
    shown.answered(document, here(), ['，“天晴了”'], false);
    await editor.edit((builder) => builder.insert(here(), ',"'));
    assert.equal(shown.at(document, here()), '天晴了”');
  });

  it('is one of them, however often the writer turns back before they are there', async () => {
    const { document, selection } = await openText('# 雨\n\n雨停了');
    for (let turn = 0; turn < 4; turn++) await shown.turn(-1);
    shown.answered(document, selection.active, ['，天', '。', '后'], true);
    assert.equal(shown.at(document, selection.active), '后');
  });
});
