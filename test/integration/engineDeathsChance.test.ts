/**
 * The engine's thread dies at moments that chance chooses, with a document open: no text is lost or added, the writer is
 * told once, and the next run works. `MOXU_SOAK=1 npm run test:integration -- --grep chance` has it die 200 times.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { seededRandom } from '../../src/generation/random';
import type { EngineRequest } from '../../src/protocol';
import { openFile, show, until } from './editing';
import { toldDuring } from './messages';
import { PanelPage } from './panelPage';
import { hear, withoutStyle } from './scripted';
import type { Heard } from './scripted';

const essay = '# 故乡的雨\n\n故乡的雨总是下得很慢。';
const request = { title: '故乡的雨', opening: '雨停了。', preset: 'balanced', seed: null } as const;
const longLength = 5000;
const says = /engine (?:stopped unexpectedly|was shut down).*try once more/i;

const numSeeds = process.env['MOXU_SOAK'] === undefined ? 6 : 200;
const atOnce = 10;

/** What the engine does when its thread is to die. */
const moments = ['loading', 'prefilling', 'decoding', 'idle'] as const;
type Moment = (typeof moments)[number];
const asks = ['continuation', 'panel', 'nothing'] as const;

interface Death {
  asked: (typeof asks)[number];
  /** The model is to be loaded first. */
  isCold: boolean;
  /** Resolves when the time has come. */
  comes: (grown: () => boolean) => Promise<unknown>;
}

describe('the engine dies as chance has it', () => {
  let api: MoxuApi;
  let engine: MoxuApi['engine'];
  let page: PanelPage;
  let heard: Heard;
  let editor: vscode.TextEditor;
  /** How often what 续写 or the panel asked for has failed. */
  let failures = 0;
  const met: Record<Moment, number> = { loading: 0, prefilling: 0, decoding: 0, idle: 0 };
  const undone: (() => void)[] = [];

  const set = (section: string, key: string, value: unknown) =>
    vscode.workspace.getConfiguration(section).update(key, value, vscode.ConfigurationTarget.Global);
  const run = () => vscode.commands.executeCommand('moxu.continue');
  /** Not in the protocol, so that the thread dies of it. To end it from outside during a run would end the whole process. */
  const kill = () => engine.thread?.send({ type: 'nonsense' } as unknown as EngineRequest);
  const textOf = () => editor.document.getText();

  before(async () => {
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    ({ engine } = api);
    await set('moxu', 'ghostText.enabled', false);
    await set('files', 'autoSave', 'off');
    page = new PanelPage(api);
    heard = await hear();
    noteFailures();
    editor = await openFile(essay);
  });
  after(async () => {
    for (const undo of undone.reverse()) undo();
    heard.dispose();
    page.dispose();
    for (const key of ['ghostText.enabled', 'continuation.length']) await set('moxu', key, undefined);
    await set('files', 'autoSave', undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  function noteFailures(): void {
    const [load, generate] = [engine.load.bind(engine), engine.generate.bind(engine)];
    const noted = (error: unknown): never => {
      failures++;
      throw error;
    };
    engine.load = () => load().catch(noted);
    engine.generate = async function* (...of) {
      try {
        return yield* generate(...of);
      } catch (error) {
        return noted(error);
      }
    };
    undone.push(() => Object.assign(engine, { load, generate }));
  }

  const becomes = (kind: MoxuApi['engine']['state']['kind']) =>
    new Promise<void>((resolve) => {
      const end = engine.onStateChange((state) => {
        if (state.kind !== kind) return;
        end();
        resolve();
      });
    });

  /** Resolves when the thread has been asked to write, and before it has read anything. */
  async function askedToWrite(): Promise<void> {
    await until('the model is there', () => engine.state.kind === 'ready');
    const { thread } = engine;
    assert.ok(thread);
    const generate = thread.generate.bind(thread);
    return new Promise((resolve) => {
      thread.generate = (...of) => {
        resolve();
        return generate(...of);
      };
    });
  }

  async function check({ asked, isCold, comes }: Death, told: string): Promise<void> {
    await set('moxu', 'continuation.length', longLength);
    editor = await show(editor.document);
    await engine.load();
    if (isCold) {
      const gone = becomes('failed');
      kill();
      await gone;
    }
    failures = 0;
    heard.text = '';
    const textBefore = page.state.article?.id;
    let isPending = asked !== 'nothing';
    const grown = () =>
      asked === 'panel'
        ? page.state.article?.id !== textBefore && page.state.article?.text !== ''
        : textOf().length > essay.length;

    const messages = await toldDuring(async () => {
      const come = comes(grown);
      const finished = begin(asked).then(() => (isPending = false));
      await come;
      await until('there is a thread', () => engine.thread !== null);
      const isReady = engine.state.kind === 'ready';
      met[!isPending ? 'idle' : !isReady ? 'loading' : grown() ? 'decoding' : 'prefilling']++;
      const dead = becomes('failed');
      kill();
      await dead;
      await finished;
    });

    assert.ok(failures <= (asked === 'nothing' ? 0 : 1), `${failures} failures, ${told}`);
    assert.equal(messages.length, asked === 'continuation' ? failures : 0, told);
    for (const { message, actions } of messages) {
      assert.match(message, says, told);
      assert.deepEqual(actions, ['Open Log'], told);
    }
    if (asked === 'panel') {
      const { article, message } = page.state;
      assert.equal(article?.state, failures > 0 ? 'failed' : 'finished', told);
      if (failures > 0) assert.match(message?.text ?? '', says, told);
    }
    if (asked === 'continuation') assertOurs(told);
    else assert.equal(textOf(), essay, told);
    if (textOf() !== essay) await vscode.commands.executeCommand('undo');
    assert.equal(textOf(), essay, told);
    await assertWorks(told);
  }

  /** @returns when it has come to its end, in whatever way */
  async function begin(asked: Death['asked']): Promise<void> {
    if (asked === 'continuation') await run();
    if (asked !== 'panel') return;
    page.send({ type: 'generate', request: { ...request, length: longLength } });
    await until('the article has ended', () => page.state.writingId === null);
  }

  /** Behind the essay stands what the model has written, from its beginning. */
  function assertOurs(told: string): void {
    assert.ok(textOf().startsWith(essay), told);
    assert.ok(withoutStyle(heard.text).startsWith(withoutStyle(textOf().slice(essay.length))), told);
  }

  async function assertWorks(told: string): Promise<void> {
    await set('moxu', 'continuation.length', 10);
    editor = await show(editor.document);
    assert.deepEqual(await toldDuring(run), [], told);
    assert.ok(textOf().startsWith(essay) && textOf().length > essay.length, told);
    await vscode.commands.executeCommand('undo');
    assert.equal(textOf(), essay, told);
  }

  const fixed: Record<Moment, Death> = {
    loading: { asked: 'continuation', isCold: true, comes: () => becomes('loading') },
    prefilling: { asked: 'continuation', isCold: false, comes: askedToWrite },
    decoding: { asked: 'continuation', isCold: false, comes: (grown) => until('the first words', grown) },
    idle: { asked: 'nothing', isCold: false, comes: () => Promise.resolve() },
  };
  for (const moment of moments)
    it(`while it is ${moment}`, async () => {
      const before = met[moment];
      await check(fixed[moment], moment);
      assert.equal(met[moment], before + 1);
    });

  function byChance(seed: number): Death {
    const random = seededRandom(seed);
    const asked = asks[Math.floor(random() * asks.length)] ?? 'nothing';
    const isCold = asked !== 'nothing' && random() < 0.4;
    // A death while nobody asks is followed by a pause before the model is loaded.
    const withinMs = isCold ? 1000 : 400;
    return { asked, isCold, comes: () => sleep(random() * withinMs) };
  }

  for (let first = 0; first < numSeeds; first += atOnce) {
    const last = Math.min(first + atOnce, numSeeds);
    it(`at any moment, ${last - first} times`, async () => {
      for (let seed = first; seed < last; seed++) await check(byChance(seed), `with seed ${seed}`);
    });
  }

  it('has died in each of these states', () => {
    for (const moment of moments) assert.ok(met[moment] > 0, JSON.stringify(met));
    console.log(`      ${JSON.stringify(met)}`);
  });
});
