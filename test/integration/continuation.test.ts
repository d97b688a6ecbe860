/** 续写 in a real editor, with the real model: whatever the writer does meanwhile, not a character of theirs is lost. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { characterCount } from '../../src/context/characterCount';
import { StreamedInsert } from '../../src/editor/streamedInsert';
import type { MoxuApi } from '../../src/extension';
import type { GenerateOptions } from '../../src/options';
import { openFile, openText, show, until } from './editing';
import { toldDuring } from './messages';
import { hear, scripted } from './scripted';
import type { Heard } from './scripted';

const essay = '# 故乡的雨\n\n故乡的雨总是下得很慢。';
const run = () => vscode.commands.executeCommand('moxu.continue');
const another = () => vscode.commands.executeCommand('moxu.another');
const stop = () => vscode.commands.executeCommand('moxu.stop');
const undo = () => vscode.commands.executeCommand('undo');

/** Long enough that something can happen meanwhile. */
const longLength = 1500;
/** The same where it is written to its end. */
const mediumLength = 600;

async function setLength(length: number | undefined): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('moxu');
  await configuration.update('continuation.length', length, vscode.ConfigurationTarget.Global);
}

/** Starts a long run and waits until some of it stands in the document. */
async function runInto(document: vscode.TextDocument): Promise<{ finished: Thenable<unknown>; before: string }> {
  const before = document.getText();
  const finished = run();
  await until('the first words', () => document.getText().length > before.length + 10);
  return { finished, before };
}

/** 字 that stand behind the essay. */
const written = (document: vscode.TextDocument): number => characterCount(document.getText().slice(essay.length)).all;

let heard: Heard;
function listen(): void {
  before(async () => (heard = await hear()));
  after(() => heard.dispose());
}
/** Quotes are set in pairs, paragraphs and spaces as the document has them: nothing else may differ. */
const withoutStyle = (text: string): string => text.replace(/[\s“”‘’]/gu, '');

/** All that the model wrote stands behind the essay and before what follows, and the model wrote so many 字. */
function assertWhole(document: vscode.TextDocument, length: number, between = '', behind = ''): void {
  const text = document.getText();
  assert.ok(text.startsWith(essay) && text.endsWith(behind), text);
  assert.ok(characterCount(heard.text).all >= length, heard.text);
  assert.equal(withoutStyle(text.slice(essay.length, text.length - behind.length)), between + withoutStyle(heard.text));
}

/** The essay in a file of its own, shown with the cursor at its end. */
async function openEssay(): Promise<{ file: string; document: vscode.TextDocument }> {
  const { document } = await openFile(essay, essay.length, '雨.md');
  return { file: document.uri.fsPath, document };
}

/** @param offset asked for again when VS Code refuses the edit, because the text has grown meanwhile */
async function insertAt(editor: vscode.TextEditor, offset: () => number, text: string): Promise<void> {
  await until('an edit is accepted', () =>
    editor.edit((builder) => builder.insert(editor.document.positionAt(offset()), text)),
  );
}

/** In a browser VS Code saves by itself, and each save ends an undo step. */
async function setAutoSave(value: string | undefined): Promise<void> {
  await vscode.workspace.getConfiguration('files').update('autoSave', value, vscode.ConfigurationTarget.Global);
}

describe('续写', () => {
  listen();
  before(async () => {
    await setAutoSave('off');
  });
  beforeEach(() => setLength(60));
  after(async () => {
    await setLength(undefined);
    await setAutoSave(undefined);
  });
  afterEach(async () => {
    await stop();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('writes at the cursor, piece by piece, to the end of a sentence; one undo takes it back', async () => {
    const editor = await openText(essay);
    let edits = 0;
    const counting = vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document === editor.document) edits++;
    });
    await run();
    counting.dispose();
    const text = editor.document.getText();
    assert.ok(text.startsWith(essay));
    assertWhole(editor.document, 60);
    assert.match(text, /[。！？…”』」）]$/);
    assert.ok(edits > 2, `${edits} edits`);
    await undo();
    assert.equal(editor.document.getText(), essay);
    await vscode.commands.executeCommand('redo');
    assert.equal(editor.document.getText(), text);
  });

  it('ends with the first sentence that reaches the length', async () => {
    const editor = await openText(essay);
    await run();
    assertWhole(editor.document, 60);
    const sentences = heard.text.split(/(?<=[。！？!?…][”’』」）》〉】〕)"']*)(?![。！？!?…”’』」）》〉】〕)"'])/);
    assert.ok(characterCount(sentences.slice(0, -1).join('')).all < 60, sentences.join('|'));
  });

  it('writes behind the selection, where the cursor goes: the next key replaces nothing', async () => {
    const behind = '\n\n后来我走了。';
    const editor = await openText(essay + behind);
    const document = editor.document;
    editor.selection = new vscode.Selection(document.positionAt(8), document.positionAt(essay.length));
    await run();
    const text = document.getText();
    assertWhole(document, 60, '', behind);
    const end = document.positionAt(text.length - behind.length);
    await until('the cursor has gone along', () => editor.selection.active.isEqual(end));
    assert.ok(editor.selection.isEmpty);
    await vscode.commands.executeCommand('type', { text: '◐' });
    assert.equal(document.getText(), `${text.slice(0, -behind.length)}◐${behind}`);
  });

  it('with several cursors writes at the first one only, and leaves the others where they are', async () => {
    const behind = '\n\n后来\n\n再后来';
    const editor = await openText(essay + behind);
    const { document } = editor;
    const at = (offset: number, anchor = offset) =>
      new vscode.Selection(document.positionAt(anchor), document.positionAt(offset));
    // Not in the order of the text; and one of them is a selection.
    editor.selections = [at(essay.length), at(2), at(essay.length + 4, essay.length + 2)];
    await run();
    const text = document.getText();
    assertWhole(document, 60, '', behind);
    const grown = text.length - behind.length;
    const expected = [at(grown), at(2), at(grown + 4, grown + 2)];
    await until('the cursors are told of', () =>
      editor.selections.every((one, i) => one.isEqual(expected[i] ?? at(0))),
    );
  });

  it('writes line breaks as the document has them', async () => {
    const editor = await openText(`# 雨\r\n\r\n雨停了。`);
    assert.equal(editor.document.eol, vscode.EndOfLine.CRLF);
    await scripted(['后来，', '天晴了。\n', '\n', '院子里', '很静。\n他想。'], run);
    assert.equal(editor.document.getText(), '# 雨\r\n\r\n雨停了。后来，天晴了。\r\n\r\n院子里很静。\r\n\r\n他想。');
    const lines = await openText('雨停了。\n天晴了。', 'plaintext');
    await scripted(['后来，\n', '他想。'], run);
    assert.equal(lines.document.getText(), '雨停了。\n天晴了。后来，\n他想。');
  });

  it('chooses words as the preset says', async () => {
    const configuration = vscode.workspace.getConfiguration('moxu');
    const asked: Partial<GenerateOptions>[] = [];
    try {
      for (const preset of ['steady', 'bold', undefined]) {
        await configuration.update('continuation.preset', preset, vscode.ConfigurationTarget.Global);
        await openText(essay);
        asked.push(await scripted(['他想。'], run));
      }
    } finally {
      await configuration.update('continuation.preset', undefined, vscode.ConfigurationTarget.Global);
    }
    const [steady, bold, balanced] = asked;
    // Likely words; unlikely ones too; between the two.
    for (const name of ['temperature', 'topP', 'newlineTopP'] as const) {
      const value = (options?: Partial<GenerateOptions>) => options?.[name] ?? NaN;
      assert.ok(value(steady) < value(balanced) && value(balanced) < value(bold), name);
    }
    for (const options of asked) assert.deepEqual([options.stopAt, options.minCharacters], ['sentence', 60]);
  });

  it('stops when told to, keeps what is there, and can start again', async () => {
    await setLength(longLength);
    const editor = await openText(essay);
    const { finished } = await runInto(editor.document);
    await stop();
    await finished;
    const stopped = editor.document.getText();
    assert.ok(stopped.length < longLength, `${stopped.length}`);
    await setLength(10);
    await run();
    assert.ok(editor.document.getText().startsWith(stopped));
    assert.ok(editor.document.getText().length > stopped.length);
  });

  it('a second run while one is writing is refused', async () => {
    await setLength(longLength);
    const editor = await openText(essay);
    const { finished } = await runInto(editor.document);
    const length = editor.document.getText().length;
    await run(); // comes back at once
    await until('the first goes on', () => editor.document.getText().length > length);
    await stop();
    await finished;
    await undo();
    assert.equal(editor.document.getText(), essay);
  });

  it('the writer types elsewhere meanwhile: both texts are whole, and each undo is the writer’s or ours', async () => {
    await setLength(mediumLength);
    const editor = await openText(`${essay}\n\n尾声。`);
    const { document } = editor;
    const cursor = document.positionAt(essay.length);
    editor.selection = new vscode.Selection(cursor, cursor);
    const { finished } = await runInto(document);
    // No model writes these.
    for (const mark of '◐◓◑◒◔') {
      await insertAt(editor, () => 0, mark);
      await insertAt(editor, () => document.getText().length, mark);
    }
    await finished;
    const text = document.getText();
    assert.ok(text.startsWith(`◔◒◑◓◐${essay}`), text.slice(0, 40));
    assert.ok(text.endsWith('\n\n尾声。◐◓◑◒◔'), text.slice(-40));
    const ours = text.slice(5 + essay.length, text.length - 10);
    assert.doesNotMatch(ours, /[◐◓◑◒◔]/);
    // Undone step by step, the writer's marks go one after the other and never two at once.
    const marks = () => document.getText().replace(/[^◐◓◑◒◔]/g, '').length;
    for (let last = marks(); document.getText() !== `${essay}\n\n尾声。`; last = marks()) {
      const before = document.getText();
      await undo();
      assert.notEqual(document.getText(), before, 'undo ended before everything was taken back');
      assert.ok(last - marks() <= 1 || document.getText() === `${essay}\n\n尾声。`, 'two edits in one undo');
    }
  });

  it('the writer types where it writes: it stops, and the typed text stays', async () => {
    await setLength(longLength);
    const editor = await openText(essay);
    const { finished } = await runInto(editor.document);
    await vscode.commands.executeCommand('type', { text: '且慢' });
    await finished;
    const text = editor.document.getText();
    assert.ok(text.includes('且慢'), text);
    assert.ok(text.length < longLength);
  });

  it('undo while it writes takes it back and stops it', async () => {
    await setLength(longLength);
    const editor = await openText(essay);
    const { finished } = await runInto(editor.document);
    await undo();
    await finished;
    assert.equal(editor.document.getText(), essay);
  });

  it('goes on while another tab is shown, and while the document is saved', async () => {
    await setLength(mediumLength);
    const { file, document } = await openEssay();
    const { finished } = await runInto(document);
    // Says false where there is more to save by then; and VS Code may still be writing the file.
    await document.save();
    await until('what is written so far is saved', () => readFileSync(file, 'utf8').length > essay.length);
    const other = await openText('另一篇');
    await finished;
    assert.equal(other.document.getText(), '另一篇');
    assert.ok(document.getText().startsWith(essay));
    assertWhole(document, mediumLength);
    assert.ok(await document.save());
    assert.equal(readFileSync(file, 'utf8'), document.getText());
  });

  it('hidden behind another tab to its end, it is taken back in two steps, and what was typed before stays', async () => {
    await setLength(mediumLength);
    const { document } = await openEssay();
    await vscode.commands.executeCommand('type', { text: '有一年，' });
    const { finished, before } = await runInto(document);
    assert.equal(before, `${essay}有一年，`);
    await openText('另一篇');
    await finished;
    assertWhole(document, mediumLength, '有一年，');
    await show(document);
    await undo();
    const inSight = document.getText();
    assert.ok(inSight.startsWith(before) && inSight.length > before.length, inSight);
    assert.ok(written(document) < mediumLength, 'what was written out of sight is a step of its own');
    await undo();
    assert.equal(document.getText(), before);
  });

  it('goes on where saving adds a line break to the end, and stops for an Enter there', async () => {
    const files = vscode.workspace.getConfiguration('files');
    await setLength(mediumLength);
    await files.update('insertFinalNewline', true, vscode.ConfigurationTarget.Global);
    try {
      const { document } = await openEssay();
      const { finished } = await runInto(document);
      // A document that ends with an empty line just then gets none.
      for (let i = 0; i < 3; i++) await document.save();
      await finished;
      const text = document.getText();
      assertWhole(document, mediumLength);
      assert.match(text, /[^\n]\n$/);
      await setLength(longLength);
      const editor = await openText(essay);
      const { finished: stopped } = await runInto(editor.document);
      await vscode.commands.executeCommand('type', { text: '\n' });
      await stopped;
      assert.ok(editor.document.getText().length < longLength);
    } finally {
      await files.update('insertFinalNewline', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('says so in one sentence, and stops at once while the model is being loaded', async () => {
    const api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    const { engine } = api;
    const { withProgress } = vscode.window;
    const load = engine.load.bind(engine);
    const messages: string[] = [];
    const titles: (string | undefined)[] = [];
    const watched: typeof withProgress = (options, task) => {
      titles.push(options.title);
      return withProgress(options, (progress, token) => {
        const report = (value: Parameters<typeof progress.report>[0]) => {
          messages.push(value.message ?? '');
          progress.report(value);
        };
        return task({ report }, token);
      });
    };
    Object.assign(vscode.window, { withProgress: watched });
    try {
      const editor = await openText(essay);
      const counted = () => until('it counts', () => messages.at(-1) === 'Moxu is writing: 4 characters');
      await scripted(['雨停', '了。', counted], run);
      // VS Code would put a half-width colon behind a title, in Chinese too.
      assert.deepEqual(titles, [undefined]);
      const before = editor.document.getText();
      engine.load = () => new Promise(() => undefined);
      const finished = run();
      await until('it waits for the model', () => messages.length > 0 && titles.length > 1);
      await stop();
      await finished;
      assert.equal(editor.document.getText(), before);
    } finally {
      engine.load = load;
      Object.assign(vscode.window, { withProgress });
    }
  });

  it('a read-only document stays as it is; the writer is told, and the text is theirs in a new document', async () => {
    const provider = vscode.workspace.registerTextDocumentContentProvider('moxu-test', {
      provideTextDocumentContent: () => essay,
    });
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse('moxu-test:/雨.md'));
    await show(document);
    const shown = () => vscode.window.activeTextEditor?.document;
    const told = await toldDuring(async () => {
      await run();
      await until('what was written is shown', () => shown() !== undefined && shown() !== document);
    }, 'Open as New Document');
    assert.equal(told.length, 1);
    assert.match(told[0]?.message ?? '', /read-only.*Copy what Moxu wrote/);
    assert.deepEqual(told[0]?.actions, ['Copy', 'Open as New Document']);
    assert.notEqual(shown()?.getText(), '');
    assert.equal(document.getText(), essay);
    await show(document);
    const insert = new StreamedInsert(document, essay.length);
    insert.append('写不进去，');
    insert.append('也不能丢。');
    assert.equal(await insert.finish(), 'refused');
    assert.equal(insert.rest, '写不进去，也不能丢。');
    insert.dispose();
    provider.dispose();
    const editor = await openText(essay);
    await run();
    assert.ok(editor.document.getText().length > essay.length, 'the next run works');
  });

  it('a document that is closed meanwhile ends the run, and the writer is offered what was not inserted', async () => {
    await setLength(longLength);
    const file = join(mkdtempSync(join(tmpdir(), 'moxu-')), '雨.md');
    writeFileSync(file, essay);
    // Not by `openTextDocument`: VS Code would keep it for minutes after its tab is closed.
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
    await until('it is open', () => vscode.window.activeTextEditor?.document.uri.fsPath === file);
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document);
    await show(document);
    const { finished } = await runInto(document);
    const other = await openText('另一篇');
    // What comes now waits until the document is in sight again.
    await until('it is saved', async () => (await document.save()) && !document.isDirty);
    const isIts = ({ input }: vscode.Tab) => input instanceof vscode.TabInputText && input.uri.fsPath === file;
    const tab = vscode.window.tabGroups.activeTabGroup.tabs.find(isIts);
    assert.ok(tab);
    const told = await toldDuring(async () => {
      await vscode.window.tabGroups.close(tab);
      await finished;
      await until('what was left is shown', () => vscode.window.activeTextEditor?.document !== other.document, 20_000);
    }, 'Open as New Document');
    assert.ok(document.isClosed);
    assert.equal(told.length, 1);
    assert.match(told[0]?.message ?? '', /was closed while Moxu was writing.*Copy what was not inserted/);
    assert.deepEqual(told[0]?.actions, ['Copy', 'Open as New Document']);
    assert.notEqual(vscode.window.activeTextEditor?.document.getText(), '');
    assert.ok(readFileSync(file, 'utf8').startsWith(essay));
    await setLength(10);
    const editor = await openText(essay);
    await run();
    assert.ok(editor.document.getText().length > essay.length, 'the next run works');
  });

  it('a file that is closed without saving is as it was, and nobody is offered what the writer has thrown away', async () => {
    await setLength(longLength);
    const { file, document } = await openEssay();
    const { finished } = await runInto(document);
    const told = await toldDuring(async () => {
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
      await finished;
    });
    assert.deepEqual(told, []);
    assert.equal(readFileSync(file, 'utf8'), essay);
  });

  it('换一个 replaces the last continuation; one undo brings it back', async () => {
    const editor = await openText(essay);
    await run();
    const first = editor.document.getText();
    await another();
    const second = editor.document.getText();
    assert.notEqual(second, first);
    assert.ok(second.startsWith(essay));
    await undo();
    assert.equal(editor.document.getText(), first);
  });

  it('换一个 after an undo replaces what the undo brought back, and after another undo what that brought back', async () => {
    const editor = await openText(essay);
    await run();
    const first = editor.document.getText();
    await another();
    await undo();
    assert.equal(editor.document.getText(), first);
    await another();
    const third = editor.document.getText();
    assert.ok(third.startsWith(essay) && !third.includes(first.slice(essay.length)), third);
    await undo();
    assert.equal(editor.document.getText(), first);
    await undo();
    assert.equal(editor.document.getText(), essay);
    await another();
    assert.ok(editor.document.getText().startsWith(essay) && editor.document.getText().length > essay.length);
  });

  it('换一个 in another document leaves the first alone and writes where the cursor is', async () => {
    const editor = await openText(essay);
    await run();
    const first = editor.document.getText();
    const other = await openText('# 雪\n\n雪下了一夜。');
    await another();
    assert.equal(editor.document.getText(), first);
    assert.ok(other.document.getText().length > '# 雪\n\n雪下了一夜。'.length);
  });

  it('换一个 leaves a continuation alone that the writer has changed', async () => {
    const editor = await openText(essay);
    await run();
    await insertAt(editor, () => essay.length + 2, '改');
    const changed = editor.document.getText();
    await another();
    assert.equal(editor.document.getText(), changed);
  });

  it('换一个 of a continuation that is selected leaves the cursor behind the new one', async () => {
    const behind = '\n\n后来我走了。';
    const editor = await openText(essay + behind);
    const { document } = editor;
    await show(document, essay.length);
    await scripted(['雨停了，', '天亮了。'], run);
    const end = document.positionAt(document.getText().length - behind.length);
    editor.selection = new vscode.Selection(document.positionAt(essay.length), end);
    await scripted(['他想，', '走吧。'], another);
    await vscode.commands.executeCommand('type', { text: '◐' });
    assert.equal(document.getText(), `${essay}他想，走吧。◐${behind}`);
  });

  it('换一个 follows a continuation that text before it has moved', async () => {
    const editor = await openText(essay);
    await run();
    await insertAt(editor, () => 0, '> 题记\n\n');
    await another();
    assert.ok(editor.document.getText().startsWith(`> 题记\n\n${essay}`));
  });
});

describe('续写 and faults', () => {
  listen();
  afterEach(async () => {
    await setLength(undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('settings that change in the middle concern the next run', async () => {
    await setLength(mediumLength);
    const editor = await openText(essay);
    const { finished } = await runInto(editor.document);
    await setLength(10);
    await finished;
    assertWhole(editor.document, mediumLength);
  });

  it('another model chosen in the middle: what was written stays, the message says what is wrong, and back again works', async () => {
    const configuration = vscode.workspace.getConfiguration('moxu');
    await setLength(longLength);
    const editor = await openText(essay);
    const { finished } = await runInto(editor.document);
    await configuration.update('model.path', join(tmpdir(), 'no-such-model'), vscode.ConfigurationTarget.Global);
    await finished;
    const text = editor.document.getText();
    assert.ok(text.startsWith(essay));
    const told = await toldDuring(run);
    assert.equal(editor.document.getText(), text, 'nothing is written without a model');
    assert.equal(told.length, 1);
    assert.match(told[0]?.message ?? '', /no moxu\.json\. Choose another folder.*or clear the setting/);
    assert.deepEqual(told[0]?.actions, ['Open Settings', 'Open Log']);
    await configuration.update('model.path', undefined, vscode.ConfigurationTarget.Global);
    await setLength(10);
    await run();
    assert.ok(editor.document.getText().length > text.length, 'the next run works');
  });

  it('what nobody thought of: the writer is told to try again, and where more is said', async () => {
    const api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    const load = api.engine.load.bind(api.engine);
    const editor = await openText(essay);
    try {
      api.engine.load = () => Promise.reject(new TypeError('nonsense'));
      const told = await toldDuring(run);
      assert.equal(told.length, 1);
      assert.match(told[0]?.message ?? '', /went wrong.*Try again.*log/);
      assert.deepEqual(told[0]?.actions, ['Open Log']);
    } finally {
      api.engine.load = load;
    }
    assert.equal(editor.document.getText(), essay);
  });
});
