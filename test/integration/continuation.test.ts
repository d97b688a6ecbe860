/** 续写 in a real editor, with the real model: whatever the writer does meanwhile, not a character of theirs is lost. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { characterCount } from '../../src/context/characterCount';
import { StreamedInsert } from '../../src/editor/streamedInsert';
import type { MoxuApi } from '../../src/extension';
import type { GenerateOptions } from '../../src/options';
import { openFile, openText, show, until } from './editing';
import { toldDuring } from './messages';
import { hear, scripted, withoutStyle } from './scripted';
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

  it('reads no blanks of a Tab that found no ghost: behind them it would write Latin letters', async () => {
    const before = `${essay}我都会想起那条小河，    `;
    const { document } = await openText(before);
    const asked = await scripted(['想起祖父。'], run);
    assert.match(asked?.prompt.text ?? '', /小河，$/);
    assert.ok(document.getText().startsWith(`${before}想起祖父。`), document.getText());
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
    const asked: (Partial<GenerateOptions> | undefined)[] = [];
    try {
      for (const preset of ['steady', 'bold', undefined]) {
        await configuration.update('continuation.preset', preset, vscode.ConfigurationTarget.Global);
        await openText(essay);
        asked.push((await scripted(['他想。'], run))?.options);
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
    for (const options of asked) assert.deepEqual([options?.stopAt, options?.minCharacters], ['sentence', 60]);
  });

  it('draws words as the writer has set beyond the preset, leaves out those that are banned, and says what cannot be', async () => {
    const set = (key: string, value: unknown) =>
      vscode.workspace.getConfiguration('moxu').update(key, value, vscode.ConfigurationTarget.Global);
    const { document } = await openText(essay);
    const told = async () => (await toldDuring(run)).map(({ message }) => message);
    try {
      await set('sampling', { temperature: 0.3, logitBias: { 月光: 2 } });
      await set('bannedWords', ['众所周知', ' ', 7, ' 总之 ']);
      const options = (await scripted(['他想。'], run))?.options;
      assert.deepEqual([options?.temperature, options?.logitBias, options?.topP], [0.3, { 月光: 2 }, 0.8]);
      assert.deepEqual(options?.bannedWords, ['众所周知', '总之']);
      const before = document.getText();
      for (const [value, what] of [
        [{ temperature: 20 }, '.temperature'],
        [{ logitBias: { 月光: '多' } }, '.logitBias'],
        [{ topp: 0.5 }, '.topp'],
        [{ maxNewTokens: 5 }, '.maxNewTokens'],
        ['hot', ''],
      ] as const) {
        await set('sampling', value);
        // What is wrong with the value is said in English, in the log: half of a sentence in another language helps nobody.
        const message = `The setting moxu.sampling${what} cannot be used; the log says why. Correct it, or remove it.`;
        assert.deepEqual(await toldDuring(run), [{ message, actions: ['Open Settings', 'Open Log'] }]);
        assert.equal(document.getText(), before);
      }
    } finally {
      await set('sampling', undefined);
      await set('bannedWords', undefined);
    }
    assert.deepEqual(await told(), []);
  });

  it('goes on behind a word that was committed, not within it', async () => {
    const editor = await openText(`${essay}雨声`);
    const endsWord = async () => (await scripted(['他想。'], run))?.prompt.endsWord;
    assert.equal(await endsWord(), false, 'the writer only came here');
    const end = editor.document.positionAt(essay.length + 2);
    await editor.edit((builder) => builder.replace(new vscode.Range(end, editor.document.positionAt(1e6)), '不断'));
    const behind = end.translate(0, 2);
    editor.selection = new vscode.Selection(behind, behind);
    assert.equal(await endsWord(), true);
    assert.equal(await endsWord(), false, 'what stands before the cursor is ours');
  });

  it('begins in the list item, the quotation or the indent that the writer has begun', async () => {
    const pieces = ['\n', '看', '花。\n晒太阳。'];
    for (const [text, language, expected] of [
      ['- 去公园。\n- ', 'markdown', '看花。\n- 晒太阳。'],
      ['1. 去公园。\n2. ', 'markdown', '看花。\n3. 晒太阳。'],
      ['> 去公园。\n> ', 'markdown', '看花。\n> 晒太阳。'],
      ['　　去公园。\n　　', 'plaintext', '看花。\n　　晒太阳。'],
    ] as const) {
      const { document } = await openText(text, language);
      await scripted(pieces, run);
      assert.equal(document.getText(), text + expected);
    }
  });

  it('is for prose: not for other languages, and in code or a table only if the writer wants it there', async () => {
    const json = await openText('{}', 'json');
    const [refusal] = await toldDuring(() => scripted(['雨。'], run));
    assert.match(refusal?.message ?? '', /is for Markdown and plain text/);
    assert.equal(json.document.getText(), '{}');
    for (const [text, behind] of [
      ['雨停了。\n\n```js\nconst a = ', '\n```\n'],
      ['| 甲 | 乙 |\n| --- | --- |\n| 丙', ' | 丁 |'],
      ['---\ntitle: 雨', '\n---\n\n雨停了。'],
    ] as const) {
      const { document } = await openText(text + behind);
      const place = document.positionAt(text.length);
      (vscode.window.activeTextEditor as vscode.TextEditor).selection = new vscode.Selection(place, place);
      const [question] = await toldDuring(() => scripted(['雨。'], run));
      assert.match(question?.message ?? text, /where prose would do harm/);
      assert.deepEqual(question?.actions, ['Write Here']);
      assert.equal(document.getText(), text + behind);
      await toldDuring(() => scripted(['雨。'], run), 'Write Here');
      assert.equal(document.getText(), `${text}雨。${behind}`);
    }
    const { document } = await openText('去年。\n\n```js\nconst a = ');
    const elsewhere = new vscode.Position(0, 3);
    const moves = () => {
      (vscode.window.activeTextEditor as vscode.TextEditor).selection = new vscode.Selection(elsewhere, elsewhere);
    };
    await toldDuring(() => scripted(['雨。'], run), 'Write Here', moves);
    assert.equal(document.getText(), '去年。雨。\n\n```js\nconst a = ');
    for (const text of ['# 故乡的雨', '---\ntitle: 雨\n---\n\n# 雨', '']) {
      const { document } = await openText(text);
      assert.deepEqual(await toldDuring(() => scripted(['雨。'], run)), [], text);
      assert.ok(document.getText().endsWith('雨。'));
    }
  });

  it('lets the writer look at another place of the document meanwhile', async () => {
    await setLength(longLength);
    const editor = await openText(`${'雨停了。\n\n'.repeat(150)}他想`);
    const { document } = editor;
    const { finished } = await runInto(document);
    const isAtEnd = () => editor.visibleRanges.some(({ end }) => end.line >= document.lineCount - 2);
    await until('the end is seen', isAtEnd);
    let stays = false;
    // We hear of a scroll a moment later: what was written meanwhile may have brought the end back.
    for (let tries = 0; tries < 4 && !stays; tries++) {
      await vscode.commands.executeCommand('editorScroll', { to: 'up', by: 'page', value: 3 });
      await until('the writer has scrolled', () => !isAtEnd());
      const { length } = document.getText();
      await until('it goes on', () => document.getText().length > length + 60);
      stays = !isAtEnd();
    }
    assert.ok(stays, 'the view stays where the writer looks');
    await stop();
    await finished;
  });

  describe('an end that is followed', () => {
    let editor: vscode.TextEditor;
    let insert: StreamedInsert;
    let busy: NodeJS.Timeout | undefined;
    const isAtEnd = () => editor.visibleRanges.some(({ end }) => end.line >= editor.document.lineCount - 2);
    async function append(numLines: number): Promise<void> {
      for (let i = 0; i < numLines; i++) {
        insert.append(`第${i}行\n`);
        await sleep(40);
      }
    }
    beforeEach(async () => {
      editor = await openText('雨停了。\n\n'.repeat(50));
      insert = new StreamedInsert(editor.document, editor.document.getText().length);
    });
    afterEach(() => {
      clearInterval(busy);
      insert.dispose();
    });

    function beBusy(): void {
      // What VS Code tells waits while this thread is at work; an edit is due before it is heard.
      busy = setInterval(() => {
        for (const since = Date.now(); Date.now() - since < 60;);
      });
    }

    it('stays in view while VS Code is late to tell what is visible', async () => {
      beBusy();
      await append(60);
      clearInterval(busy);
      assert.equal(await insert.finish(), 'done');
      await until('the end is seen', isAtEnd);
    });

    it('lets the writer look at another place meanwhile', async () => {
      beBusy();
      await append(20);
      let stays = false;
      for (let tries = 0; tries < 4 && !stays; tries++) {
        await vscode.commands.executeCommand('editorScroll', { to: 'up', by: 'page', value: 3 });
        await append(15);
        stays = !isAtEnd();
      }
      clearInterval(busy);
      await insert.finish();
      assert.ok(stays, 'the view stays where the writer looks');
      await sleep(500);
      assert.ok(!isAtEnd(), 'and still does');
    });

    it('goes along again where the writer comes back to it, pages below', async () => {
      await append(20);
      await vscode.commands.executeCommand('editorScroll', { to: 'up', by: 'page', value: 3 });
      await append(60);
      assert.ok(!isAtEnd(), 'the writer looks at another place');
      await vscode.commands.executeCommand('editorScroll', { to: 'down', by: 'page', value: 9 });
      await until('the end is seen', isAtEnd);
      await append(60);
      await insert.finish();
      await until('it still is', isAtEnd);
    });
  });

  it('keeps its end in view where it was begun, and leaves another view of the document alone', async () => {
    const first = await openText(`${'雨停了。\n\n'.repeat(60)}他想`);
    const { document } = first;
    const showIn = async (viewColumn: vscode.ViewColumn, offset: number) => {
      const editor = await vscode.window.showTextDocument(document, { viewColumn });
      const place = document.positionAt(offset);
      editor.selection = new vscode.Selection(place, place);
      editor.revealRange(new vscode.Range(place, place));
      return editor;
    };
    await showIn(vscode.ViewColumn.One, 0);
    const second = await showIn(vscode.ViewColumn.Two, document.getText().length);
    const lines = Array.from({ length: 60 }, (_, line) => `第${line}行。\n`);
    const writerGoes = () => showIn(vscode.ViewColumn.One, 0);
    await scripted([...lines, writerGoes, ...lines], run);
    const isAtEnd = () => second.visibleRanges.some(({ end }) => end.line >= document.lineCount - 2);
    await until('the end is seen', isAtEnd);
    assert.equal(first.visibleRanges[0]?.start.line, 0);
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

  /** A new document for a file that is not there yet, with the cursor at its end. */
  async function openNew(): Promise<vscode.Uri> {
    const file = vscode.Uri.file(join(mkdtempSync(join(tmpdir(), 'moxu-')), '新.md'));
    const editor = await show(await vscode.workspace.openTextDocument(file.with({ scheme: 'untitled' })));
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), essay));
    return file;
  }
  async function saveAs(file: vscode.Uri): Promise<vscode.TextDocument> {
    const shown = () => vscode.window.activeTextEditor?.document;
    await vscode.commands.executeCommand('workbench.action.files.save');
    await until('the file is shown', () => shown()?.uri.toString() === file.toString());
    return shown() as vscode.TextDocument;
  }

  it('goes on in the file where a new document is saved for the first time', async () => {
    const file = await openNew();
    const shown = () => vscode.window.activeTextEditor?.document.getText() ?? '';
    let document: vscode.TextDocument | undefined;
    const save = async () => {
      await until('it is written', () => shown().endsWith('瓦上'));
      // What comes while it is saved is not in the file yet.
      const saving = saveAs(file).then((saved) => (document = saved));
      for (let i = 0; i < 10; i++) await sleep(20);
      await saving;
    };
    const told = await toldDuring(() => scripted(['天亮了，', '瓦上', '有光，', save, '雨又', '下了。'], run));
    assert.deepEqual(told, []);
    assert.equal(document?.getText(), `${essay}天亮了，瓦上有光，雨又下了。`);
  });

  it('换一个 replaces what was written in a new document before it was saved', async () => {
    const file = await openNew();
    await scripted(['天亮了，', '瓦上', '有光。'], run);
    const document = await saveAs(file);
    await scripted(['雨又下了。'], another);
    assert.equal(document.getText(), `${essay}雨又下了。`);
    await undo();
    assert.equal(document.getText(), `${essay}天亮了，瓦上有光。`);
  });

  it('goes on where it is when the document gets other line ends, and 换一个 replaces it after that', async () => {
    const editor = await openText(`${essay}\n\n后来天亮了。\n`);
    const { document } = editor;
    const end = document.positionAt(essay.length);
    editor.selection = new vscode.Selection(end, end);
    const have = async (eol: vscode.EndOfLine) => {
      await until('the line ends are others', () => editor.edit((builder) => builder.setEndOfLine(eol)));
    };
    const change = async () => {
      await until('it is written', () => document.getText().includes('瓦上'));
      await have(vscode.EndOfLine.CRLF);
    };
    await scripted(['天亮了。\n', '瓦上', '有光。\n', change, '雨又', '下了。'], run);
    const whole = (text: string) => `${essay}${text}\n\n后来天亮了。\n`;
    const first = whole('天亮了。\n\n瓦上有光。\n\n雨又下了。');
    assert.equal(document.getText(), first.replaceAll('\n', '\r\n'));
    await have(vscode.EndOfLine.LF);
    await scripted(['都走了。'], another);
    assert.equal(document.getText(), whole('都走了。'));
    await undo();
    assert.equal(document.getText(), first);
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

  const readOnly = /read-only.*cannot go into it/;

  it('a document of a read-only file system: the writer is told before the engine is asked', async () => {
    const none = () => undefined;
    const provider = vscode.workspace.registerFileSystemProvider(
      'moxu-read-only',
      {
        onDidChangeFile: () => ({ dispose: none }),
        watch: () => ({ dispose: none }),
        stat: () => ({ type: vscode.FileType.File, ctime: 0, mtime: 0, size: Buffer.byteLength(essay) }),
        readFile: () => Buffer.from(essay),
        ...{ readDirectory: () => [], createDirectory: none, writeFile: none, delete: none, rename: none },
      },
      { isReadonly: true },
    );
    try {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.parse('moxu-read-only:/雨.md'));
      await show(document);
      const told = await toldDuring(async () => {
        assert.equal(await scripted(['雨停了。'], run), undefined, 'the engine was asked');
      });
      assert.deepEqual(
        told.map(({ actions }) => actions),
        [['Continue Anyway']],
      );
      assert.match(told[0]?.message ?? '', readOnly);
      assert.equal(document.getText(), essay);
    } finally {
      provider.dispose();
    }
  });

  it('another read-only document: the writer is told at the first words, and may have the whole in a new document', async () => {
    const provider = vscode.workspace.registerTextDocumentContentProvider('moxu-test', {
      provideTextDocumentContent: () => essay,
    });
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse('moxu-test:/雨.md'));
    await show(document);
    let isAborted = false;
    const { engine } = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    const generate = engine.generate.bind(engine);
    engine.generate = async function* (...[, , signal]) {
      for (const text of ['雨停了，', '天亮了，']) yield { text, logProb: 0, numTokens: 1 };
      await until('it is stopped', () => signal.aborted, 20_000);
      isAborted = true;
      return { text: '', finishReason: 'aborted', numTokens: 2, numPromptTokens: 1 };
    };
    const [first, ...more] = await toldDuring(run).finally(() => (engine.generate = generate));
    assert.ok(isAborted);
    assert.match(first?.message ?? '', readOnly);
    assert.deepEqual([first?.actions, more], [['Continue Anyway'], []]);

    const shown = () => vscode.window.activeTextEditor?.document;
    const told = await toldDuring(async () => {
      await run();
      await until('what was written is shown', () => shown() !== undefined && shown() !== document);
    }, ['Continue Anyway', 'Open as New Document']);
    // A short text may be at its end before its first words are refused; it is offered at once then.
    assert.match(told.at(-1)?.message ?? '', /read-only.*Copy what Moxu wrote/);
    assert.deepEqual(told.at(-1)?.actions, ['Copy', 'Open as New Document']);
    // The whole of it, as if the document had taken it.
    assert.match(shown()?.getText() ?? '', /[。！？…][”’」』）]*$/);
    assert.ok(characterCount(shown()?.getText() ?? '').all >= 60, shown()?.getText());
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

  it('a read-only document that is hidden before the first words come stays as it is; the whole is offered', async () => {
    const provider = vscode.workspace.registerTextDocumentContentProvider('moxu-test', {
      provideTextDocumentContent: () => essay,
    });
    const files = vscode.workspace.getConfiguration('files');
    const setReadOnly = (value: unknown) => files.update('readonlyInclude', value, vscode.ConfigurationTarget.Global);
    try {
      await setReadOnly({ '**/*.md': true });
      const { document: file } = await openEssay();
      const provided = await vscode.workspace.openTextDocument(vscode.Uri.parse('moxu-test:/另.md'));
      for (const document of [file, provided]) {
        await show(document);
        const hides = () => openText('另一篇');
        const script = [hides, '雨停了，', '天亮了。\n', '瓦上有光。'];
        const told = await toldDuring(() => scripted(script, run), 'Copy');
        assert.equal(told.length, 1, document.uri.scheme);
        assert.match(told[0]?.message ?? '', /read-only.*Copy what Moxu wrote/);
        assert.equal(document.getText(), essay);
        const copied = async () => (await vscode.env.clipboard.readText()) === '雨停了，天亮了。\n\n瓦上有光。';
        await until('the whole is copied', copied);
        await vscode.env.clipboard.writeText('');
      }
    } finally {
      await setReadOnly(undefined);
      provider.dispose();
    }
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
      await until('what was left is shown', () => vscode.window.activeTextEditor?.document !== other.document);
    }, 'Open as New Document');
    // VS Code may tell so after its tab is gone, which is enough for us.
    await until('it is closed', () => document.isClosed);
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

  it('a document that is closed is not opened again where VS Code has it still, as for its preview', async () => {
    const { document, file } = await openEssay();
    const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const isIts = ({ input }: vscode.Tab) => input instanceof vscode.TabInputText && input.uri.fsPath === file;
    let saved = '';
    const closes = async () => {
      await until('it is written', () => document.getText().endsWith('天亮了，'));
      await openText('另一篇');
      await until('it is saved', async () => (await document.save()) && !document.isDirty);
      saved = document.getText();
      await vscode.window.tabGroups.close(tabs().filter(isIts));
    };
    const told = await toldDuring(() => scripted(['天亮了，', '瓦上', closes, '有光，', '雨又', '下了。'], run));
    assert.equal(document.isClosed, false, 'it is what is to be tested');
    assert.match(told[0]?.message ?? '', /was closed while Moxu was writing.*Copy what was not inserted/);
    assert.deepEqual([document.getText(), tabs().filter(isIts)], [saved, []]);
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

  it('who reverts the file has thrown the text away: no more is written', async () => {
    await setLength(longLength);
    const { document } = await openEssay();
    const { finished } = await runInto(document);
    const revert = () => vscode.commands.executeCommand('workbench.action.files.revert');
    // VS Code gives it up where an edit comes in between.
    await revert();
    await finished;
    assert.ok(written(document) < longLength, 'it has stopped');
    await revert();
    await until('it is as it was', () => document.getText() === essay && !document.isDirty);
    await setLength(10);
    await run();
    assert.ok(document.getText().length > essay.length, 'the next run works');
  });

  it('换一个 shows what it exchanges', async () => {
    const editor = await openText(`${'雨停了。\n\n'.repeat(150)}他想`);
    await scripted(['走吧。'], run);
    const isAtEnd = () => editor.visibleRanges.some(({ end }) => end.line === editor.document.lineCount - 1);
    await until('the end is seen', isAtEnd);
    const top = new vscode.Position(0, 0);
    editor.selection = new vscode.Selection(top, top);
    editor.revealRange(new vscode.Range(top, top));
    await until('the beginning is seen', () => !isAtEnd());
    await scripted(['算了。'], another);
    await until('the end is seen again', isAtEnd);
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
    assert.match(
      told[0]?.message ?? '',
      /no moxu\.json in “.*no-such-model”\. .*choose another model.*or clear the setting/,
    );
    assert.deepEqual(told[0]?.actions, ['Choose Model…', 'Open Settings', 'Open Log']);
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
