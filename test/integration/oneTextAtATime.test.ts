/** The engine writes one text at a time: 续写 and the panel say so, each while the other is writing, and what to do. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { openFile, until } from './editing';
import { toldDuring } from './messages';
import { PanelPage } from './panelPage';

const essay = '# 故乡的雨\n\n故乡的雨总是下得很慢。';
const request = { title: '故乡的雨', opening: '雨停了。', preset: 'balanced', seed: null } as const;
const run = () => vscode.commands.executeCommand('moxu.continue');
const stopArticle = 'Stop the Article and Continue Here';

describe('one text at a time', () => {
  let api: MoxuApi;
  let page: PanelPage;
  const configuration = vscode.workspace.getConfiguration('moxu');
  const set = (key: string, value: unknown) => configuration.update(key, value, vscode.ConfigurationTarget.Global);
  before(async () => {
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    await set('ghostText.enabled', false);
    page = new PanelPage(api);
  });
  after(async () => {
    page.dispose();
    for (const key of ['ghostText.enabled', 'continuation.length']) await set(key, undefined);
  });
  afterEach(async () => {
    page.send({ type: 'stop' });
    await vscode.commands.executeCommand('moxu.stop');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  const articleLength = () => (page.state.article?.text ?? '').length;
  const articleGrows = (from = articleLength()) => until('the article grows', () => articleLength() > from + 10);

  for (const command of ['moxu.continue', 'moxu.another'])
    it(`${command} says that an article is being written, and goes first when the writer says so`, async () => {
      await set('continuation.length', 10);
      const { document } = await openFile(essay);
      const ask = () => vscode.commands.executeCommand(command);
      page.send({ type: 'generate', request: { ...request, length: 10_000 } });
      await articleGrows(0);

      const told = await toldDuring(ask);
      assert.equal(told.length, 1);
      assert.match(told[0]?.message ?? '', /writing an article.*one text at a time.*wait.*or stop it/i);
      assert.deepEqual(told[0]?.actions, [stopArticle]);
      assert.equal(document.getText(), essay);
      await articleGrows();

      assert.equal((await toldDuring(ask, stopArticle)).length, 1);
      assert.ok(document.getText().startsWith(essay) && document.getText().length > essay.length);
      const { article, writingId } = page.state;
      assert.deepEqual([article?.state, writingId], ['stopped', null]);
      assert.ok(articleLength() > 0, 'what was written of it is kept');
      assert.deepEqual(await toldDuring(ask), []);
    });

  it('of two articles asked for at once the panel writes the first', async () => {
    const { length } = page.state.history;
    for (const title of ['先来', '后到'])
      page.send({ type: 'generate', request: { ...request, title, length: 10_000 } });
    await articleGrows(0);
    assert.deepEqual([page.state.article?.title, page.state.history.length], ['先来', length + 1]);
  });

  it('the panel says that 续写 is writing, and how to stop it, and writes when it is done', async () => {
    await set('continuation.length', 5000);
    const { document } = await openFile(essay);
    const grows = (from = document.getText().length) =>
      until('the text grows', () => document.getText().length > from + 10);
    const { history } = page.state;
    const finished = run();
    await grows();

    page.send({ type: 'generate', request: { ...request, length: 20 } });
    const { text, actions } = await page.problem();
    assert.match(text, /writing in a document.*one text at a time.*stop it with the button in the status bar/i);
    assert.deepEqual(actions, []);
    assert.deepEqual([page.state.writingId, page.state.history], [null, history]);
    await grows();

    await vscode.commands.executeCommand('moxu.stop');
    await finished;
    assert.ok(document.getText().startsWith(essay));
    await until('it says so no longer', () => page.state.message === null);
    await page.writes({ ...request, length: 20 });
  });
});
