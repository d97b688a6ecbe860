/** The engine's thread dies, or is to use something else, whatever it is doing: no text is lost, and the next request works. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import type { EngineRequest } from '../../src/protocol';
import { openFile, until } from './editing';
import { toldDuring } from './messages';
import { PanelPage } from './panelPage';

const essay = '# 故乡的雨\n\n故乡的雨总是下得很慢。';
const request = { title: '故乡的雨', opening: '雨停了。', preset: 'balanced', seed: null } as const;
/** Long enough that something can happen meanwhile. */
const longLength = 1500;

describe('when the engine fails', () => {
  let api: MoxuApi;
  let engine: MoxuApi['engine'];
  const configuration = vscode.workspace.getConfiguration('moxu');
  const set = (key: string, value: unknown) => configuration.update(key, value, vscode.ConfigurationTarget.Global);
  before(async () => {
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    ({ engine } = api);
    await set('ghostText.enabled', false);
  });
  after(async () => {
    for (const key of ['ghostText.enabled', 'continuation.length']) await set(key, undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  /** Not in the protocol, so that the thread dies of it. */
  const kill = () => engine.thread?.send({ type: 'nonsense' } as unknown as EngineRequest);

  /** Has the thread die at a time of what `begin` begins; `grows` resolves when text has come. */
  const deaths = {
    'while it loads the model': async (begin: () => void) => {
      await engine.load();
      kill();
      await until('it is gone', () => engine.state.kind === 'failed');
      const asked = new Promise<void>((resolve) => {
        const end = engine.onStateChange(({ kind }) => {
          if (kind !== 'loading') return;
          end();
          // The engine has its thread a moment after it has said so.
          queueMicrotask(() => {
            const { thread } = engine;
            assert.ok(thread);
            const load = thread.load.bind(thread);
            thread.load = (model) => {
              const loaded = load(model);
              kill();
              resolve();
              return loaded;
            };
          });
        });
      });
      begin();
      await asked;
    },
    'while it reads': async (begin: () => void) => {
      await engine.load();
      const { thread } = engine;
      assert.ok(thread);
      const generate = thread.generate.bind(thread);
      const asked = new Promise<void>((resolve) => {
        thread.generate = (...of) => {
          const requestId = generate(...of);
          kill();
          resolve();
          return requestId;
        };
      });
      begin();
      await asked;
    },
    'while it writes': async (begin: () => void, grows: () => Promise<void>) => {
      begin();
      await grows();
      kill();
    },
  };

  for (const [when, die] of Object.entries(deaths)) {
    it(`${when}: 续写 says so and what to do, what is there stays, and the next run works`, async () => {
      const run = () => vscode.commands.executeCommand('moxu.continue');
      await set('continuation.length', longLength);
      const { document } = await openFile(essay);
      const told = await toldDuring(async () => {
        let finished: Thenable<unknown> | undefined;
        const grows = () => until('the first words', () => document.getText().length > essay.length + 10);
        await die(() => {
          finished = run();
        }, grows);
        await finished;
      });
      assert.equal(told.length, 1);
      assert.match(told[0]?.message ?? '', /engine (?:stopped unexpectedly|was shut down).*try once more/i);
      assert.deepEqual(told[0]?.actions, ['Open Log']);
      const text = document.getText();
      assert.ok(text.startsWith(essay));
      if (when === 'while it writes') assert.ok(text.length > essay.length);
      if (text !== essay) await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), essay);
      await set('continuation.length', 10);
      await run();
      assert.ok(document.getText().startsWith(essay) && document.getText().length > essay.length);
    });

    it(`${when}: the panel says so and what to do, keeps what is there, and writes the next article`, async () => {
      const page = new PanelPage(api);
      await die(
        () => page.send({ type: 'generate', request: { ...request, length: longLength } }),
        () => until('the first words', () => (page.state.article?.text ?? '').length > 10),
      );
      const { text, actions } = await page.problem();
      assert.match(text, /engine (?:stopped unexpectedly|was shut down).*try once more/i);
      assert.deepEqual(actions, ['openLog']);
      assert.equal(page.state.writingId, null);
      assert.equal(page.state.article?.state, 'failed');
      if (when === 'while it writes') assert.notEqual(page.state.article.text, '');
      await page.writes({ ...request, length: 20 });
      page.dispose();
    });
  }

  it('what the panel has done is not said again when it is shown again; what went wrong is', async () => {
    const page = new PanelPage(api);
    await page.writes({ ...request, length: 20 });
    const id = page.state.article?.id ?? '';
    page.send({ type: 'copy', id });
    await until('it says so', () => page.state.message?.kind === 'notice');
    page.hideAndShow();
    assert.equal(page.state.message, null);
    await set('model.path', join(tmpdir(), 'no-such-model'));
    try {
      page.send({ type: 'generate', request: { ...request, length: 20 } });
      const problem = await page.problem();
      page.hideAndShow();
      assert.deepEqual(page.state.message, problem);
    } finally {
      await set('model.path', undefined);
    }
    page.dispose();
  });

  for (const [key, value] of [
    ['device', 'cpu'],
    ['model.path', join(tmpdir(), 'no-such-model')],
  ] as const)
    it(`moxu.${key} is changed while an article is written: it is stopped and stays, and the next one is written`, async () => {
      const page = new PanelPage(api);
      try {
        page.send({ type: 'generate', request: { ...request, length: longLength } });
        await until('the first words', () => (page.state.article?.text ?? '').length > 10);
        await set(key, value);
        await until('it is stopped', () => page.state.article?.state === 'stopped');
        assert.equal(page.state.message, null);
        const { article, history } = page.state;
        assert.ok(article && article.text.length > 10);
        assert.deepEqual([history[0]?.id, history[0]?.state], [article.id, 'stopped']);
        if (key === 'model.path') {
          page.send({ type: 'generate', request: { ...request, length: 20 } });
          assert.match((await page.problem()).text, /no moxu\.json in “.*no-such-model”\. .*choose another model/);
          assert.equal(page.state.history[0]?.id, article.id);
        } else await page.writes({ ...request, length: 20 });
      } finally {
        await set(key, undefined);
      }
      await page.writes({ ...request, length: 20 });
      page.dispose();
    });
});
