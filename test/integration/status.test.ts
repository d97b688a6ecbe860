/** What the writer can switch off for a while or for a language, and what is counted of the ghosts, with the real model. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { unitEnds } from '../../src/context/acceptUnits';
import { shown, sum } from '../../src/context/figures';
import { setGhostTextEnabledIn } from '../../src/editor/settings';
import { StatusBar } from '../../src/editor/statusBar';
import { ghostTextHere } from '../../src/editor/statusWords';
import { WorkerEngine } from '../../src/engine/workerEngine';
import type { MoxuApi } from '../../src/extension';
import type { Figures } from '../../src/pages';
import { openText, until } from './editing';

const text = '# 祖父的院子\n\n院子里有一棵老槐树，夏天的';
const more = '傍晚，祖父坐在树下，给我们讲他年轻时候的故事';

describe('pause, languages and figures', function () {
  this.timeout(60_000);
  const settings = vscode.workspace.getConfiguration('moxu');
  let api: MoxuApi;
  before(async () => {
    await settings.update('ghostText.confidenceFloor', 0, vscode.ConfigurationTarget.Global);
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    await api.engine.load();
    assert.equal(api.witness.checkAfterMs, 60_000, 'what is accepted is looked at again after a minute');
  });
  after(async () => {
    api.witness.checkAfterMs = 60_000;
    api.pause.resume();
    await settings.update('ghostText.confidenceFloor', undefined, vscode.ConfigurationTarget.Global);
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  /** Asks as VS Code asks. */
  async function suggested(
    { document, selection }: vscode.TextEditor,
    automatic: boolean,
  ): Promise<string | undefined> {
    const { Automatic, Invoke } = vscode.InlineCompletionTriggerKind;
    const context = { triggerKind: automatic ? Automatic : Invoke, selectedCompletionInfo: undefined };
    const { token } = new vscode.CancellationTokenSource();
    const items = await api.ghostText.provideInlineCompletionItems(document, selection.active, context, token);
    return items[0]?.insertText as string | undefined;
  }

  it('the status bar shows whether the model is being loaded, is there, or cannot be used', async () => {
    const { createStatusBarItem } = vscode.window;
    const items: vscode.StatusBarItem[] = [];
    const watched = (...given: unknown[]): vscode.StatusBarItem => {
      const item = Reflect.apply(createStatusBarItem, vscode.window, given) as vscode.StatusBarItem;
      items.push(item);
      return item;
    };
    const { extensionPath } = vscode.extensions.getExtension('moxu.moxu') ?? assert.fail();
    const engine = new WorkerEngine(join(extensionPath, 'dist', 'worker.js'), join(extensionPath, 'models', 'builtin'));
    await openText(text);
    Object.assign(vscode.window, { createStatusBarItem: watched });
    const statusBar = new StatusBar(engine, api.ghostText, api.pause, () => true);
    Object.assign(vscode.window, { createStatusBarItem });
    try {
      const [item] = items;
      assert.ok(item);
      const seen: string[] = [];
      const look = (): void => void seen.push(`${item.text} | ${item.accessibilityInformation?.label}`);
      engine.onStateChange(look);
      look();
      await engine.load();
      await engine.switchModel(join(extensionPath, 'no', 'model', 'here'));
      await assert.rejects(engine.load());
      const on = '$(edit) Moxu · trial model | Moxu: Ghost text is on';
      const unloaded = `${on}; the model is loaded when you write`;
      const loading = '$(loading~spin) Moxu · trial model | Moxu: Loading the model…';
      assert.deepEqual(seen.slice(0, -1), [unloaded, loading, on, unloaded, loading]);
      assert.match(seen.at(-1) ?? '', /^\$\(warning\) Moxu · trial model \| Moxu: .*built-in model/);
    } finally {
      statusBar.dispose();
      await engine.dispose();
    }
  });

  it('the status bar promises no ghost text where there is none', async () => {
    await openText('{ "雨": 1 }', 'json');
    assert.equal(ghostTextHere(), 'elsewhere');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.equal(ghostTextHere(), 'elsewhere');
    await openText(text);
    assert.equal(ghostTextHere(), 'on');
  });

  /** The menu's lines, with what stands beside and under them. */
  async function menuLines(): Promise<string[]> {
    const window = vscode.window as unknown as Record<string, unknown>;
    const original = window['showQuickPick'];
    let lines: string[] = [];
    window['showQuickPick'] = (items: vscode.QuickPickItem[]) => {
      const choices = items.filter(({ kind }) => kind !== vscode.QuickPickItemKind.Separator);
      lines = choices.map(({ label, description, detail }) => [label, description, detail].filter(Boolean).join(' | '));
      return Promise.resolve(undefined);
    };
    try {
      await vscode.commands.executeCommand('moxu.openMenu');
    } finally {
      window['showQuickPick'] = original;
    }
    return lines;
  }

  it('its menu leads to everything that there is, and begins with what switches it on where it is off', async () => {
    await openText(text);
    const lines = await menuLines();
    for (const wanted of [
      /Continue Writing \| Ctrl\+Alt\+Enter|⌘⌥↩/,
      /Title to Article/,
      /Import Model…/,
      /Getting Started/,
    ])
      assert.ok(
        lines.some((line) => wanted.test(line)),
        `${wanted} is not among ${lines.join('\n')}`,
      );
    const ofGhosts = async () => (await menuLines()).filter((line) => /Markdown|Resume|Pause/.test(line));
    api.pause.start(5);
    await setGhostTextEnabledIn({ languageId: 'markdown' }, false);
    try {
      assert.match((await ofGhosts()).join('\n'), /^\S+ Markdown .*\n.*End the Pause/);
      await setGhostTextEnabledIn({ languageId: 'markdown' }, true);
      assert.match((await ofGhosts())[0] ?? '', /Resume/);
    } finally {
      api.pause.resume();
      await setGhostTextEnabledIn({ languageId: 'markdown' }, true);
    }
  });

  it('another model is loaded before anybody writes: one that cannot be is known at once, with what cures it', async () => {
    const { Global } = vscode.ConfigurationTarget;
    try {
      // Its name could make a link of the message, and it is long: what tells it from others is its end.
      await settings.update('model.path', join(tmpdir(), 'drive-'.repeat(9), '[no](such) model'), Global);
      await until('it cannot be used', () => api.engine.state.kind === 'failed');
      const lines = (await menuLines()).slice(0, 5);
      const wanted = [
        /^\$\(warning\) This model cannot be used: \| there is no moxu\.json in “….{30,}［no］\(such\) model”\. .*built-in model\.$/,
        /Choose Model…/,
        /Open Settings/,
        /Open Log/,
        /Try Again/,
      ];
      wanted.forEach((pattern, i) => assert.match(lines[i] ?? '', pattern));
    } finally {
      await settings.update('model.path', undefined, Global);
    }
    await until('the built-in one is back', () => api.engine.state.kind === 'ready');
  });

  const changes = [
    ['ghostText.confidenceFloor', 0.0001, 0],
    ['ownWords.enabled', false, undefined],
    ['device', 'cpu', undefined],
  ] as const;
  for (const [key, value, before] of changes)
    it(`no ghost is left that was made before ${key} was changed`, async () => {
      const { Global } = vscode.ConfigurationTarget;
      const { document, selection } = await openText(text);
      const shown = () => api.ghostText.shownAt(document, selection.active) !== '';
      try {
        await until('a ghost is there', async () => {
          await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
          return shown();
        });
        await sleep(500); // until VS Code has painted it
        await settings.update(key, value, Global);
        await sleep(500);
        await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
        await sleep(300);
        assert.equal(document.getText(), text);
      } finally {
        await settings.update(key, before, Global);
      }
      await until('the model is there', () => api.engine.state.kind === 'ready');
    });

  it('paused, it is silent unless it is asked; resumed, it is not', async () => {
    const editor = await openText(text);
    api.pause.start(5);
    assert.equal(await suggested(editor, true), undefined);
    assert.ok(await suggested(editor, false));
    assert.ok((api.pause.until ?? 0) > Date.now() + 4 * 60_000);
    await vscode.commands.executeCommand('moxu.toggleGhostText');
    assert.equal(api.pause.until, null, 'switching it on ends the pause');
    assert.ok(await suggested(editor, true));
  });

  it('a pause ends by itself', async () => {
    api.pause.start(0.001);
    assert.notEqual(api.pause.until, null);
    await until('its end', () => api.pause.until === null);
  });

  it('can be off in one language', async () => {
    const inMarkdown = vscode.workspace.getConfiguration('moxu', { languageId: 'markdown' });
    const { Global } = vscode.ConfigurationTarget;
    await inMarkdown.update('ghostText.enabled', false, Global, true);
    try {
      assert.equal(await suggested(await openText(text, 'markdown'), false), undefined);
      assert.ok(await suggested(await openText(text, 'plaintext'), false));
    } finally {
      await inMarkdown.update('ghostText.enabled', undefined, Global, true);
    }
  });

  it('is off in all languages once it is switched off, whatever menu and command have done before', async () => {
    const { Global } = vscode.ConfigurationTarget;
    const inMarkdown = vscode.workspace.getConfiguration('moxu', { languageId: 'markdown' });
    const editor = await openText(text, 'markdown');
    const ofLanguage = () =>
      vscode.workspace.getConfiguration('moxu', { languageId: 'markdown' }).inspect<boolean>('ghostText.enabled')
        ?.globalLanguageValue;
    try {
      await setGhostTextEnabledIn({ languageId: 'markdown' }, false);
      assert.equal(ofLanguage(), false);
      await vscode.commands.executeCommand('moxu.toggleGhostText');
      assert.equal(ofLanguage(), undefined);
      assert.ok(await suggested(editor, false));
      await settings.update('ghostText.enabled', false, Global);
      assert.equal(await suggested(editor, false), undefined);
      await vscode.commands.executeCommand('moxu.toggleGhostText');
      assert.ok(await suggested(editor, false));
      assert.equal(vscode.workspace.getConfiguration('moxu').inspect('ghostText.enabled')?.globalValue, undefined);
    } finally {
      await inMarkdown.update('ghostText.enabled', undefined, Global, true);
      await settings.update('ghostText.enabled', undefined, Global);
    }
  });

  describe('figures', () => {
    const total = (): Figures => sum(Object.values(api.figures.byDay));
    const becomes = (what: string, holds: (figures: Figures) => boolean): Promise<void> =>
      until(what, () => holds(total()));
    beforeEach(() => api.figures.erase());

    /**
     * What VS Code shows; the figures have seen it too. Whatever the model, it has something to say somewhere in the text.
     * @param numWords that it has at least
     */
    async function withGhost(numWords = 1): Promise<{ editor: vscode.TextEditor; before: string; ghost: string }> {
      for (let length = 0; length <= more.length; length++) {
        const before = text + more.slice(0, length);
        const editor = await openText(before);
        // What was passed over on the way is none of the test's.
        if (length > 0) await api.figures.erase();
        await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
        const ghost = await suggested(editor, true);
        if (ghost !== undefined && unitEnds(ghost).words.length >= numWords) return { editor, before, ghost };
      }
      throw new Error('the model is silent');
    }

    /** One character by itself may be the beginning of a composition, where nothing has shown yet how the writer writes. */
    async function type(characters: string): Promise<void> {
      for (const character of characters) await vscode.commands.executeCommand('type', { text: character });
    }

    async function accept({ editor, before }: { editor: vscode.TextEditor; before: string }): Promise<void> {
      let tries = 0;
      await until('it is accepted', async () => {
        // On a busy machine VS Code may have been asked before the editor had the focus: then nothing is on the screen.
        if (++tries % 20 === 0) await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
        await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
        return editor.document.getText() !== before;
      });
    }

    it('count what was accepted, and what is left of it after a while', async () => {
      api.witness.checkAfterMs = 5000; // it is to be edited before, on a busy machine too
      const { editor, before, ghost } = await withGhost();
      await accept({ editor, before });
      await becomes('it is counted', ({ accepted }) => accepted === 1);
      assert.ok(total().charactersAccepted > 0);
      assert.equal(total().charactersAccepted, total().charactersShown);
      const end = editor.document.positionAt(editor.document.getText().length);
      await editor.edit((edit) => edit.delete(new vscode.Range(end.translate(0, -1), end)));
      await becomes('it is looked at again', ({ checked }) => checked === 1);
      const { kept, charactersChecked, charactersKept } = total();
      assert.deepEqual([kept, charactersKept], [0, charactersChecked - 1], ghost);
    });

    it('count what was accepted where VS Code has asked for the next before it says so', async () => {
      api.witness.checkAfterMs = 500;
      const { editor, before, ghost } = await withGhost();
      const { document, selection } = editor;
      const context = { triggerKind: vscode.InlineCompletionTriggerKind.Automatic, selectedCompletionInfo: undefined };
      const { token } = new vscode.CancellationTokenSource();
      const ask = (): Promise<vscode.InlineCompletionItem[]> =>
        api.ghostText.provideInlineCompletionItems(document, editor.selection.active, context, token);
      const [item] = await ask();
      const { command } = item ?? assert.fail('the ghost is gone');
      assert.ok(command);
      await editor.edit((edit) => edit.insert(selection.active, ghost));
      assert.equal(document.getText(), before + ghost);
      // The next, as an engine answers that knows it: another one at any rate.
      api.witness.offered(document, editor.selection.active, ['鼕鼕']);
      assert.deepEqual([total().accepted, total().typedThrough], [0, 0]);
      await vscode.commands.executeCommand(command.command, ...((command.arguments ?? []) as unknown[]));
      assert.deepEqual([total().accepted, total().typedThrough], [1, 0]);
      assert.equal(total().charactersAccepted, total().charactersShown);
      await becomes('it is looked at again', ({ checked }) => checked === 1);
      assert.deepEqual([total().kept, total().charactersKept], [1, total().charactersChecked]);
    });

    it('count what is accepted and left alone as kept', async () => {
      api.witness.checkAfterMs = 500;
      await accept(await withGhost());
      await becomes('it is looked at again', ({ checked }) => checked === 1);
      const { kept, charactersChecked, charactersKept } = total();
      assert.ok(charactersChecked > 0);
      assert.deepEqual([kept, charactersKept], [1, charactersChecked]);
    });

    it('count what is accepted word by word as accepted, or in part', async () => {
      const { editor, before, ghost } = await withGhost(2);
      await vscode.commands.executeCommand('moxu.acceptWord');
      const taken = editor.document.getText().length - before.length;
      assert.ok(taken > 0 && taken < ghost.length, ghost);
      await type('鼕鼕');
      await becomes('it is counted', ({ partlyAccepted }) => partlyAccepted === 1);
      assert.ok(total().charactersAccepted < total().charactersShown);
    });

    it('count what is typed to its end, and what is passed over', async () => {
      const { ghost } = await withGhost();
      await type(ghost);
      await type('鼕鼕');
      await becomes('it is counted', ({ typedThrough }) => typedThrough === 1);
      assert.equal(total().charactersAccepted, 0);
      await withGhost();
      await new Promise((resolve) => setTimeout(resolve, 150)); // long enough to be seen
      await type('鼕鼕');
      await becomes('it is counted too', ({ passedOver }) => passedOver > 0);
    });

    it('count what is composed as typed, though the preedit is shown again with other candidates', async () => {
      const { editor, before, ghost } = await withGhost();
      const { document } = editor;
      await new Promise((resolve) => setTimeout(resolve, 150)); // long enough to be seen
      const edits = new Promise<void>((resolve) => {
        let left = 4;
        const subscription = vscode.workspace.onDidChangeTextDocument(({ contentChanges }) => {
          if (contentChanges.length === 0 || --left > 0) return;
          subscription.dispose();
          resolve();
        });
      });
      let written = '';
      for (const text of ['j', 'ji', 'ji', ghost]) {
        const at = new vscode.Range(
          document.positionAt(before.length),
          document.positionAt(before.length + written.length),
        );
        await until('it is shown', () => editor.edit((builder) => builder.replace(at, text)));
        written = text;
      }
      await edits;
      await type('鼕鼕');
      await becomes('it is counted', ({ typedThrough }) => typedThrough === 1);
      assert.equal(total().passedOver, 0);
    });

    it('hold no text, are kept in storage, and can be erased and switched off', async () => {
      await accept(await withGhost());
      await becomes('it is counted', (figures) => shown(figures) === 1);
      assert.doesNotMatch(JSON.stringify(api.figures.byDay), /\p{Script=Han}/u);
      await api.figures.erase();
      assert.deepEqual(api.figures.byDay, {});
      await settings.update('figures.enabled', false, vscode.ConfigurationTarget.Global);
      try {
        await accept(await withGhost());
        await type('鼕鼕');
        assert.deepEqual(api.figures.byDay, {});
      } finally {
        await settings.update('figures.enabled', undefined, vscode.ConfigurationTarget.Global);
      }
    });
  });
});
