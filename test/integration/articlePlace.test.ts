/** Where an article goes, whatever the writer types while it is being restyled. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { ArticlePlace } from '../../src/editor/article/articlePlace';
import { DocumentStyles } from '../../src/editor/documentStyles';
import { DocumentText } from '../../src/editor/documentText';
import { ProsePlaces } from '../../src/editor/prosePlaces';
import type { Article } from '../../src/pages';
import { openFile, openText } from './editing';

const article: Article = {
  ...{ id: '1', title: '雨', opening: '', text: '雨停了。', preset: 'balanced', seed: 1, length: 20 },
  ...{ startedAt: 0, writingMs: 0, state: 'finished' },
};

describe('an article', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('goes where the cursor is when its text is ready, not where it was before', async () => {
    const editor = await openText('院子里。\n\n后来。', 'markdown');
    const { document } = editor;
    const cursor = document.positionAt('院子里。'.length);
    editor.selection = new vscode.Selection(cursor, cursor);
    const log = vscode.window.createOutputChannel('article', { log: true });
    const styles = new DocumentStyles('', log);
    const places = new ProsePlaces();
    const text = new DocumentText(styles, places);
    const loaded = text.loaded.bind(text);
    text.loaded = async (...at) => {
      const found = await loaded(...at);
      await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), '从前，'));
      return found;
    };
    const place = new ArticlePlace(text, styles);
    assert.equal((await place.insert(article)).kind, 'notice');
    assert.equal(document.getText(), '从前，院子里。\n\n雨停了。\n\n后来。');
    for (const each of [place, text, places, log]) each.dispose();
  });

  it('goes into a document behind another tab, and into none that is closed, though VS Code has it still', async () => {
    const editor = await openFile('院子里。');
    const { document } = editor;
    const log = vscode.window.createOutputChannel('article', { log: true });
    const styles = new DocumentStyles('', log);
    const places = new ProsePlaces();
    const text = new DocumentText(styles, places);
    const place = new ArticlePlace(text, styles);
    await vscode.window.showTextDocument(document, { preview: false });
    await vscode.commands.executeCommand('moxu.showFigures');
    assert.equal((await place.insert(article)).kind, 'notice');
    const inserted = '院子里。\n雨停了。';
    assert.equal(document.getText(), inserted);
    await document.save();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    // Whoever asks for a text keeps it open, as VS Code sees it.
    const kept = await vscode.workspace.openTextDocument(document.uri);
    assert.equal(kept.isClosed, false);
    assert.equal((await place.insert(article)).kind, 'problem');
    assert.equal(kept.getText(), inserted);
    assert.equal(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).length, 0);
    for (const each of [place, text, places, log]) each.dispose();
  });
});
