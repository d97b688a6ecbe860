/** What the provider answers while a writer types, in a real editor with the real model: never stale, nothing done twice. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { normalised } from '../../src/context/normalised';
import type { MoxuApi } from '../../src/extension';
import { openText, until } from './editing';

const title = '# 祖父的院子\n\n';
const text =
  '院子里有一棵老槐树，夏天的傍晚，一家人搬了竹椅坐在树下乘凉，说些田里的事。我躺在竹床上数星星，数着数着就睡着了。';

interface Answer {
  /** The document up to the cursor, when it was answered. */
  before: string;
  ghost: string;
}

describe('ghost text in an editor', () => {
  const settings = vscode.workspace.getConfiguration('moxu');
  let api: MoxuApi;
  let counts: MoxuApi['ghostText']['counts'];
  /** Texts before the cursor for which VS Code asked. */
  let asked: string[] = [];
  let answers: Answer[] = [];
  /** Everything the model has suggested: the text before the cursor, and what it wrote. */
  let written: { before: string; text: string; wasAsked: boolean; signal: AbortSignal }[] = [];
  /** What the model has to wait for before it writes. */
  let gate = Promise.resolve();
  let slowMs = 0;
  let restore = (): void => undefined;

  before(async () => {
    await settings.update('ghostText.confidenceFloor', 0, vscode.ConfigurationTarget.Global);
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    await api.engine.load();
    const { engine, ghostText } = api;
    ({ counts } = ghostText);
    const [generate, provide] = [engine.generate.bind(engine), ghostText.provideInlineCompletionItems.bind(ghostText)];
    engine.generate = async function* (prompt, options, signal) {
      const before = prompt.text;
      const entry = { before, text: '', wasAsked: asked.includes(before), signal };
      written.push(entry);
      await gate;
      if (slowMs > 0) await sleep(slowMs);
      const stream = generate(prompt, options, signal);
      for (;;) {
        const next = await stream.next();
        if (next.done) return next.value;
        entry.text += next.value.text;
        yield next.value;
      }
    };
    ghostText.provideInlineCompletionItems = async (document, position, context, token) => {
      const before = document.getText(new vscode.Range(new vscode.Position(2, 0), position));
      asked.push(before);
      const items = await provide(document, position, context, token);
      for (const { insertText, range } of items) {
        assert.ok(range?.isEmpty && range.start.isEqual(position));
        assert.equal(document.getText(new vscode.Range(new vscode.Position(2, 0), position)), before);
        assert.ok(typeof insertText === 'string');
        answers.push({ before, ghost: insertText });
      }
      return items;
    };
    restore = () => {
      engine.generate = generate;
      ghostText.provideInlineCompletionItems = provide;
    };
  });
  after(async () => {
    restore();
    await settings.update('ghostText.confidenceFloor', undefined, vscode.ConfigurationTarget.Global);
  });
  beforeEach(() => {
    answers = [];
    asked = [];
    written = [];
    gate = Promise.resolve();
    slowMs = 0;
    api.ghostText.forget();
    for (const count of Object.keys(counts) as (keyof typeof counts)[]) counts[count] = 0;
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  async function type(characters: string, intervalMs: number): Promise<void> {
    for (const character of characters) {
      await vscode.commands.executeCommand('type', { text: character });
      await sleep(intervalMs);
    }
  }

  /** As VS Code asks at the cursor. */
  function ask(
    kind: 'Automatic' | 'Invoke',
    { token } = new vscode.CancellationTokenSource(),
  ): Promise<vscode.InlineCompletionItem[]> {
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    const context = { triggerKind: vscode.InlineCompletionTriggerKind[kind], selectedCompletionInfo: undefined };
    return api.ghostText.provideInlineCompletionItems(editor.document, editor.selection.active, context, token);
  }

  /** While `act` runs only the test asks. */
  async function withVSCodeNotAsking(act: () => Promise<void>): Promise<void> {
    const editor = vscode.workspace.getConfiguration('editor');
    await editor.update('inlineSuggest.enabled', false, vscode.ConfigurationTarget.Global);
    try {
      await act();
    } finally {
      await editor.update('inlineSuggest.enabled', undefined, vscode.ConfigurationTarget.Global);
    }
  }

  /** The model waits from now on until what is returned is called. */
  function closeGate(): () => void {
    let open = (): void => undefined;
    gate = new Promise((resolve) => (open = resolve));
    return open;
  }

  async function ghostHere(): Promise<string> {
    const [item] = await ask('Automatic');
    return typeof item?.insertText === 'string' ? item.insertText : '';
  }

  /** Whatever the model, it has something (that fits) to say somewhere in the text. @returns where, and what */
  async function openWithGhost(
    fits: (ghost: string) => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<{ editor: vscode.TextEditor; before: string; ghost: string }> {
    const editor = await openText(title);
    let typed = 0;
    for (let length = 8; length < text.length; length++) {
      const before = text.slice(0, length);
      // Put behind what is there: in place of it, it would be what an input method shows.
      const next = text.slice(typed, length);
      const end = new vscode.Position(2, typed);
      await until('the text is there', () => editor.edit((builder) => builder.insert(end, next)));
      typed = length;
      await until('the cursor is behind it', () => editor.selection.active.character === length);
      const ghost = await ghostHere();
      if (ghost.length > 2 && (await fits(ghost))) return { editor, before, ghost };
    }
    throw new Error('the model is silent');
  }

  /** Whether the model wrote this ghost for the text before it, or for an earlier one that was typed on along it. */
  function isTrue({ before, ghost }: Answer): boolean {
    return written.some((entry) => {
      if (!before.startsWith(entry.before)) return false;
      const typed = before.slice(entry.before.length);
      // Quotes that it opened are closed for it.
      const said = ghost.replace(/[”’]+$/, '');
      return entry.text.startsWith(typed) && entry.text.slice(typed.length).startsWith(said);
    });
  }

  for (const intervalMs of [40, 80, 200])
    it(`is true to the document at each moment, with a key every ${intervalMs} ms`, async () => {
      await openText(title);
      await type(text.slice(0, 30), intervalMs);
      await until('an answer', () => answers.length > 0);
      for (const answer of answers) assert.ok(isTrue(answer), JSON.stringify(answer));
      assert.ok(counts.known + counts.joined <= counts.asked, 'each request is answered once');
      assert.ok(counts.aborted + counts.early <= 2 * counts.started);
    });

  it('is not asked for again while what is suggested is typed', async () => {
    const { editor, ghost } = await openWithGhost();
    const { started } = counts;
    await type(ghost.slice(0, -1), 60);
    assert.equal(counts.started, started);
    assert.ok(editor.document.getText().endsWith(ghost.slice(0, -1)));
    const last = answers.at(-1);
    assert.ok(last && ghost.endsWith(last.ghost), JSON.stringify(last));
  });

  it('waits for what is being written when the writer types along it, and gives up what he leaves', async () => {
    const { editor, before, ghost } = await openWithGhost();
    const { document } = editor;
    api.ghostText.forget();
    const insert = (character: string) =>
      editor.edit((builder) => builder.insert(document.positionAt(document.getText().length), character));

    // The first answer comes back empty, for the document has gone on; the second is what the first has begun.
    let open = closeGate();
    let { started, aborted } = counts;
    const first = ask('Automatic');
    await until('the model is asked', () => counts.started === started + 1);
    await insert(ghost.slice(0, 1));
    await until('the cursor has moved on', () => editor.selection.active.character === before.length + 1);
    const second = ask('Automatic');
    open();
    assert.deepEqual(await first, []);
    const said = (await second)[0]?.insertText;
    assert.ok(typeof said === 'string' && said !== '');
    // Not always the ghost of before: what is known of the text then counts among the last digits.
    assert.ok(isTrue({ before: before + ghost.slice(0, 1), ghost: said }), said);
    assert.deepEqual([counts.started, counts.aborted], [started + 1, aborted]);
    assert.ok(counts.joined > 0);

    api.ghostText.forget();
    open = closeGate();
    ({ started, aborted } = counts);
    const third = ask('Automatic');
    await until('the model is asked', () => counts.started === started + 1);
    await insert('鼕');
    open();
    assert.deepEqual(await third, []);
    await until('it was given up', () => counts.aborted > aborted);
  });

  it('a request that VS Code cancels is answered at once, with nothing, and the model gives up', () =>
    withVSCodeNotAsking(async () => {
      await openWithGhost();
      const cancelled = new vscode.CancellationTokenSource();
      cancelled.cancel();
      assert.deepEqual(await ask('Automatic', cancelled), [], 'though it is known');

      api.ghostText.forget();
      written = [];
      const open = closeGate();
      const { started, aborted } = counts;
      const cancellation = new vscode.CancellationTokenSource();
      let answer: vscode.InlineCompletionItem[] | undefined;
      const asking = ask('Automatic', cancellation).then((items) => (answer = items));
      try {
        await until('the model is asked', () => counts.started === started + 1 && written.length === 1);
        cancellation.cancel();
        await until('it is answered', () => answer !== undefined);
        await until('it is given up', () => written[0]?.signal.aborted === true);
      } finally {
        open();
        await asking;
      }
      assert.deepEqual(answer, []);
      await until('that is counted', () => counts.aborted === aborted + 1);
      assert.deepEqual([counts.started, written[0]?.text], [started + 1, '']);
    }));

  it('asked for by hand there are several, the one that is shown first, and asking again gives the same', async () => {
    const texts = async () =>
      (await ask('Invoke')).map(({ insertText }) => (typeof insertText === 'string' ? insertText : ''));
    let several: string[] = [];
    const { ghost: shown } = await openWithGhost(async (ghost) => {
      several = await texts();
      assert.equal(several[0], ghost);
      return several.length > 1;
    });
    assert.ok(several.length <= 3, several.join(' | '));
    assert.equal(new Set(several.map((text) => normalised(text).text)).size, several.length, several.join(' | '));
    const { started } = counts;
    assert.deepEqual(await texts(), several);
    assert.equal(counts.started, started);
    // Typing along another one keeps it.
    const other = several.find((text) => text[0] !== shown[0]);
    if (other === undefined) return;
    await type(other.slice(0, 1), 0);
    assert.equal(await ghostHere(), other.slice(1));
  });

  it('is begun at the key, before VS Code asks', async () => {
    const editor = await openText(title);
    // VS Code asks after the first key; from then on the model is told first, except along what it suggested.
    let [typed, ghost] = ['', ''];
    while (typed.length < 8) {
      typed += Array.from('山水').find((character) => !ghost.startsWith(character)) ?? '';
      await vscode.commands.executeCommand('type', { text: typed.slice(-1) });
      await until('VS Code asks', () => asked.includes(typed));
      ghost = await ghostHere();
    }
    assert.ok(editor.document.getText().endsWith(typed));
    const early = written.filter(({ before, wasAsked }) => before !== '' && !wasAsked);
    assert.ok(counts.early > 0 && early.length >= counts.early, JSON.stringify(counts));
    assert.ok(counts.joined + counts.known > 0);
  });

  it('is not begun with a paste, which may be a book, before VS Code asks', async () => {
    const { editor } = await openWithGhost();
    const { early } = counts;
    const { active } = editor.selection;
    await until('it is pasted', () => editor.edit((builder) => builder.insert(active, text.repeat(60))));
    assert.equal(counts.early, early);
  });

  it('is not begun where VS Code does not ask', () =>
    withVSCodeNotAsking(async () => {
      await openText(title);
      await type(text.slice(0, 6), 100);
      await sleep(300);
      assert.deepEqual([asked, written], [[], []]);
    }));

  it('what follows a ghost is written while it is read, and is there when it is accepted', async () => {
    const before = '院子里有一棵老槐树，夏天的';
    const editor = await openText(title + before);
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    await until('a ghost', () => answers.length > 0);
    const ghost = answers[0]?.ghost ?? '';
    // What a test before this one left may be written ahead too. Where another suggestion goes on behind it, that is known.
    const isKnown = () =>
      answers.some((one) => one.before === before && one.ghost !== ghost && one.ghost.startsWith(ghost));
    await until('the model goes on behind it', () => isKnown() || written.some((one) => one.before === before + ghost));
    await sleep(500); // it has written by then, or is joined
    const { started } = counts;
    await until('it is accepted', async () => {
      await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
      return editor.document.getText() === title + before + ghost;
    });
    await until('VS Code asks', () => asked.includes(before + ghost));
    assert.equal(counts.started, started);
  });

  it('what other documents do ends nothing: what follows a ghost is written, and what is before the cursor read', async () => {
    const { engine } = api;
    const warm = engine.warm.bind(engine);
    const warmed: string[] = [];
    engine.warm = (prompt, signal) => {
      warmed.push(prompt.text);
      return warm(prompt, signal);
    };
    const before = '院子里有一棵老槐树，夏天的';
    const editor = await openText(title + before);
    const moveTo = (length: number): void => {
      const position = new vscode.Position(2, length);
      editor.selection = new vscode.Selection(position, position);
    };
    const { Beside } = vscode.ViewColumn;
    const other = await vscode.workspace.openTextDocument({ content: '', language: 'json' });
    const beside = await vscode.window.showTextDocument(other, { viewColumn: Beside, preserveFocus: true });
    await until('the writer’s editor is the active one', () => vscode.window.activeTextEditor === editor);
    const pace = api.ghostText.pace.restMs();
    // Oftener than anything waits for a writer.
    const end = new AbortController();
    const others = (async () => {
      while (!end.signal.aborted) await beside.edit((builder) => builder.insert(new vscode.Position(0, 0), '1'));
    })();
    try {
      await until('it is edited', () => other.version > 10);
      moveTo(8);
      await until('what is before the cursor is read', () => warmed.includes(before.slice(0, 8)));
      moveTo(before.length);
      const ghost = await ghostHere();
      await until('the model goes on behind it', () => written.some((one) => one.before === before + ghost));
      assert.equal(api.ghostText.pace.restMs(), pace);
    } finally {
      end.abort();
      await others;
      engine.warm = warm;
    }
  });

  it('what was suggested and is not on screen is not accepted', async () => {
    const { editor, ghost } = await openWithGhost();
    const { document } = editor;
    const { active } = editor.selection;
    const shown = (position: vscode.Position) => api.ghostText.shownAt(document, position);
    assert.equal(shown(active), ghost);
    await editor.edit((builder) => builder.insert(active, ghost.slice(0, 1)));
    assert.equal(shown(active.translate(0, 1)), ghost.slice(1));
    // The suggestion is remembered; nothing shows it behind the cursor.
    await editor.edit((builder) => builder.insert(active.translate(0, 1), '\n\n后来，'));
    assert.equal(shown(active.translate(0, 1)), '');
  });

  it('does not say again what the writer deletes, one Backspace after the other, but says it to who asks or undoes', () =>
    withVSCodeNotAsking(async () => {
      const { editor, ghost } = await openWithGhost();
      const deleteLeft = async () => {
        const { version } = editor.document;
        await vscode.commands.executeCommand('deleteLeft');
        await until('it is deleted', () => editor.document.version > version);
      };
      await type(ghost.slice(0, 2), 60);
      assert.equal(await ghostHere(), ghost.slice(2));
      for (const left of [1, 0]) {
        await deleteLeft();
        // It would be left of what is remembered.
        await until('the cursor is there', () => document().endsWith(ghost.slice(0, left)));
        assert.equal(await ghostHere(), '', `behind ${ghost.slice(0, left)}`);
      }
      assert.ok((await ask('Invoke')).length > 0);
      await vscode.commands.executeCommand('undo');
      await until('a ghost again', async () => (await ghostHere()) !== '');
      function document(): string {
        return editor.document.getText(new vscode.Range(new vscode.Position(0, 0), editor.selection.active));
      }
    }));

  it('where the model is slow an automatic request waits for the writer to pause, and one by hand does not', async () => {
    await openText(title);
    slowMs = 2000;
    await type(text.slice(0, 8), 60);
    await until('a slow answer', () => answers.length > 0);
    // At one key of some the model is asked all the same.
    const rest = Array.from(text.slice(8));
    await until('an automatic request would wait', async () => {
      if (api.ghostText.pace.delayMs(50) > 0) return true;
      await type(rest.shift() ?? '', 60);
      return false;
    });
    api.ghostText.forget();
    const [{ started }, { length }] = [counts, written];
    const answered = Promise.all([ask('Automatic'), ask('Invoke')]);
    await until('the model is asked', () => counts.started > started);
    assert.equal(written.length, length, 'for several');
    await answered;
  });

  it('and if there is an edit while it waits, the model is not asked', () =>
    withVSCodeNotAsking(async () => {
      const editor = await openText(title + text.slice(0, 8));
      const { document } = editor;
      // Longer than any writer would have it, for an edit on a busy machine.
      const waitMs = 2000;
      Object.assign(api.ghostText.pace, { delayMs: () => waitMs });
      try {
        await until('an edit while a request waits', async () => {
          const [{ started }, { version }, askedAt] = [counts, document, performance.now()];
          const answer = ask('Automatic');
          const edited = editor.edit((builder) => builder.insert(editor.selection.active, '鼕'));
          await until('it is there', () => document.version > version);
          const wasInTime = performance.now() < askedAt + waitMs;
          const [items] = await Promise.all([answer, edited]);
          if (wasInTime) assert.deepEqual([items, counts.started], [[], started]);
          return wasInTime;
        });
      } finally {
        Reflect.deleteProperty(api.ghostText.pace, 'delayMs');
      }
    }));

  it('the model reads where the cursor comes to rest, once, and then nothing happens', async () => {
    const warmed: string[] = [];
    const { engine } = api;
    const warm = engine.warm.bind(engine);
    engine.warm = (prompt, signal) => {
      warmed.push(prompt.text);
      return warm(prompt, signal);
    };
    try {
      const editor = await openText(title + text);
      await until('the text of the opened document is read', () => warmed.length > 0);
      const here = text.slice(0, -20);
      const position = new vscode.Position(2, here.length);
      editor.selection = new vscode.Selection(position, position);
      await until(`the text before the cursor is read, not only ${warmed.join(' | ')}`, () => warmed.includes(here));
      const requests: unknown[] = [];
      const { thread } = engine;
      assert.ok(thread);
      const send = thread.send.bind(thread);
      thread.send = (request) => {
        // Finding out which threads suit the machine is done once, when nobody writes.
        if (request.type !== 'calibrate') requests.push(request);
        send(request);
      };
      await sleep(1500);
      thread.send = send;
      assert.deepEqual(requests, []);
    } finally {
      engine.warm = warm;
    }
  });

  it('leads to what stands to the right, or is silent', async () => {
    const [left, right] = ['清晨的集市很热闹，卖菜的人把摊子', '，一边吆喝，一边给客人称菜。'];
    for (let cut = 4; cut < left.length; cut += 4) {
      answers = [];
      const content = title + left.slice(0, cut) + left.slice(cut) + right;
      const editor = await openText(content);
      const position = editor.document.positionAt(title.length + cut);
      editor.selection = new vscode.Selection(position, position);
      const items = await ask('Invoke');
      for (const { insertText } of items) {
        const rest = left.slice(cut) + right;
        assert.ok(typeof insertText === 'string' && !insertText.includes(rest.slice(0, 4)), rest);
      }
    }
  });

  for (const closers of ['”', '』', '」。', '）', '》'])
    it(`${closers} to the right is no obstacle`, async () => {
      const editor = await openText(`${title}祖父常说：“种树的人，${closers}`);
      const position = editor.document.lineAt(2).range.end.translate(0, -closers.length);
      editor.selection = new vscode.Selection(position, position);
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      await until('a ghost', () => answers.length > 0);
      const ghost = answers[0]?.ghost ?? '';
      // It may open and close quotations of its own; what it closes it has opened, or opens another for what stands there.
      const closer = closers.charAt(0);
      const opener = '“『「（《'.charAt('”』」）》'.indexOf(closer));
      const count = (mark: string) => ghost.split(mark).length - 1;
      assert.ok(opener !== '' && count(closer) <= count(opener), ghost);
    });
});
