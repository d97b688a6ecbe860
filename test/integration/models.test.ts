/** A model is imported through its command, written with, verified, and removed, all in one window. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { parseManifest } from '../../src/manifest';
import { configOf, randomTensors, safetensorsBytes } from '../unit/builder/tinyCheckpoint';
import { dictPickle, pickle, torchArchive } from '../unit/builder/torchArchive';
import { openText, until } from './editing';

/** What a person would pick: the item whose label or description holds the text; null goes away. */
type Pick = string | null;

const sizes = { numPositions: 64, hiddenSize: 16, numLayers: 1, numHeads: 2 };

describe('models in VS Code', () => {
  const settings = vscode.workspace.getConfiguration('moxu');
  const folder = mkdtempSync(join(tmpdir(), 'moxu-models-'));
  const from = join(folder, '小模型');
  const window = vscode.window as unknown as Record<string, unknown>;
  const original = { ...vscode.window } as Record<string, unknown>;
  const picks: Pick[] = [];
  const shown: string[][] = [];
  const messages: string[] = [];
  /** The line that each list of settings begins at, and what is found wrong with what is typed. */
  const begunAt: string[] = [];
  const faults: (string | null)[] = [];
  /** What dialogs answer, one after the other, and then the one that asks for a folder; and the box that asks for a name. */
  const dialogs: string[] = [];
  let opened = from;
  let typed = '';
  /** Messages are left to stand, and nobody answers. */
  let areLeft = false;
  let api: MoxuApi;

  before(async () => {
    const extension = vscode.extensions.getExtension<MoxuApi>('moxu.moxu');
    assert.ok(extension);
    api = await extension.activate();
    await settings.update('ghostText.confidenceFloor', 0, vscode.ConfigurationTarget.Global);
    cpSync(join(extension.extensionPath, 'models', 'builtin'), from, { recursive: true });
    // With the built-in model's tokenizer goes its vocabulary, whatever model that is.
    const { vocabSize } = parseManifest(readFileSync(join(from, 'moxu.json'), 'utf8'));
    const shape = { ...sizes, vocabSize };
    for (const name of ['moxu.json', 'model.onnx', 'model.onnx.data']) rmSync(join(from, name));
    writeFileSync(join(from, 'config.json'), JSON.stringify(configOf(shape)));
    writeFileSync(join(from, 'model.safetensors'), safetensorsBytes(randomTensors(shape)));
    window['showOpenDialog'] = () => Promise.resolve([vscode.Uri.file(dialogs.shift() ?? opened)]);
    window['showInputBox'] = (box: { validateInput?: (typed: string) => string | null }) => {
      faults.push(box.validateInput?.(typed) ?? null);
      return Promise.resolve(typed);
    };
    const pick = (items: readonly vscode.QuickPickItem[]): vscode.QuickPickItem | undefined => {
      shown.push(items.map(({ label, description, detail }) => [label, description, detail].join(' ')));
      const wanted = picks.shift() ?? null;
      if (wanted === null) return undefined;
      const found = items.find(({ label, description }) => `${label} ${description ?? ''}`.includes(wanted));
      assert.ok(found, `${wanted} is not among ${shown.at(-1)?.join(' | ')}`);
      return found;
    };
    window['showQuickPick'] = async (items: vscode.QuickPickItem[] | Thenable<vscode.QuickPickItem[]>) =>
      pick(await items);
    window['createQuickPick'] = () => {
      let accept = (): void => undefined;
      let hide = (): void => undefined;
      const list = {
        items: [] as vscode.QuickPickItem[],
        activeItems: [] as vscode.QuickPickItem[],
        onDidAccept: (listener: () => void) => (accept = listener),
        onDidHide: (listener: () => void) => (hide = listener),
        show() {
          begunAt.push(list.activeItems[0]?.label ?? '');
          const picked = pick(list.items);
          if (picked) list.activeItems = [picked];
          (picked ? accept : hide)();
        },
        dispose: () => undefined,
      };
      return list;
    };
    for (const name of ['showInformationMessage', 'showWarningMessage', 'showErrorMessage'])
      window[name] = (message: string, ...rest: unknown[]) => {
        messages.push(message);
        if (areLeft) return new Promise(() => undefined);
        // The first button is what the message offers; the log of an error is nothing to look at here.
        if (name === 'showErrorMessage') return Promise.resolve(undefined);
        return Promise.resolve(rest.find((item) => typeof item === 'string'));
      };
  });
  after(async () => {
    for (const name of [
      'showOpenDialog',
      'showInputBox',
      'showQuickPick',
      'createQuickPick',
      'showInformationMessage',
      'showWarningMessage',
    ])
      window[name] = original[name];
    window['showErrorMessage'] = original['showErrorMessage'];
    await settings.update('model.path', undefined, vscode.ConfigurationTarget.Global);
    await settings.update('ghostText.confidenceFloor', undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(folder, { recursive: true, force: true });
  });

  const modelName = () => (api.engine.state.kind === 'ready' ? api.engine.state.model.name : '');
  const path = () => vscode.workspace.getConfiguration('moxu').get<string>('model.path', '');

  it('are recognised, changed, converted and taken into use while a text is being written', async () => {
    await openText('# 故乡的雨\n\n故乡的雨总是下得很慢。', 'markdown');
    await until('the built-in model is ready', () => api.engine.state.kind === 'ready');
    await settings.update('continuation.length', 5000, vscode.ConfigurationTarget.Global);
    const writing = vscode.commands.executeCommand('moxu.continue');
    const text = () => vscode.window.activeTextEditor?.document.getText() ?? '';
    const before = text();
    await until('a text is written', () => text().length > before.length + 20);
    // 4 bits, then convert; afterwards the message's button, which uses the model.
    picks.push('Precision', '4 bits', 'Convert');
    await vscode.commands.executeCommand('moxu.importModel');
    await writing;
    await settings.update('continuation.length', undefined, vscode.ConfigurationTarget.Global);
    assert.match(shown[0]?.join('\n') ?? '', /GPT-2 with SentencePiece/);
    assert.match(shown[2]?.join('\n') ?? '', /4 bits/);
    await until('the imported model is loaded', () => modelName() === '小模型');
    assert.ok(existsSync(join(path(), 'moxu.json')));
    // What was written stays, and one undo takes it back.
    assert.ok(text().startsWith(before) && text().length > before.length + 20);
    await vscode.commands.executeCommand('undo');
    assert.equal(text(), before);
  });

  it('write: ghost text comes from the imported model', async () => {
    const editor = await openText('故乡的雨总是下得很慢，', 'markdown');
    const before = editor.document.getText();
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    await until('a suggestion is inserted', async () => {
      await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
      return editor.document.getText() !== before;
    });
    assert.equal(modelName(), '小模型');
  });

  it('are listed with what they are, and verified', async () => {
    picks.push('小模型', 'Verify');
    await vscode.commands.executeCommand('moxu.manageModels');
    assert.match(
      shown.at(-2)?.join('\n') ?? '',
      /\$\(check\) 小模型 in use · [\d.]+ MB · 4-bit .* · window of 64 tokens · licence/,
    );
    await until('the files are whole', () => messages.some((message) => message.startsWith('All files of “小模型”')));
  });

  it('are renamed while they are in use: the name is new everywhere, nothing is loaded, and their speed is still known', async () => {
    const listed = async (): Promise<string> => {
      picks.push(null);
      await vscode.commands.executeCommand('moxu.manageModels');
      return shown.at(-1)?.find((item) => item.includes('in use')) ?? '';
    };
    const prompt = { title: '', text: '故乡的雨总是下得很慢，', fromStart: true };
    for (let seed = 1; api.engine.speed === null && seed < 50; seed++)
      for await (const { text } of api.engine.generate(
        prompt,
        { seed, maxNewTokens: 40 },
        new AbortController().signal,
      ))
        assert.equal(typeof text, 'string');
    assert.match(await listed(), /小模型 .* parameters · tokens\/s here: \d+ \(CPU\) · .* · licence \S/);

    const states: string[] = [];
    const unsubscribe = api.engine.onStateChange(({ kind }) => states.push(kind));
    for (const [before, after] of [
      ['小模型', '新名字'],
      ['新名字', '小模型'],
    ] as const) {
      typed = after;
      picks.push(before, 'Rename');
      await vscode.commands.executeCommand('moxu.manageModels');
      // What the status bar and its tooltip show.
      await until('the engine knows the name', () => modelName() === after);
      assert.equal(parseManifest(readFileSync(join(path(), 'moxu.json'), 'utf8')).name, after);
      assert.match(await listed(), new RegExp(`^\\$\\(check\\) ${after} in use .* tokens/s here`));
    }
    unsubscribe();
    assert.deepEqual([...new Set(states)], ['ready']);
  });

  it('are not looked for where there are none: the message says so, and another folder can be chosen', async () => {
    const empty = join(folder, '空的');
    mkdirSync(empty);
    dialogs.push(empty);
    picks.push(null);
    await vscode.commands.executeCommand('moxu.importModel');
    assert.match(
      messages.at(-1) ?? '',
      /^There is no model in “空的” that Moxu can read\. It needs one of these files: /,
    );
    assert.match(shown.at(-1)?.join('\n') ?? '', /GPT-2 with SentencePiece/);
  });

  it('that are packed are to be unpacked: what else lies beside the archive is not taken for it', async () => {
    const archive = join(folder, '下载的模型.zip');
    writeFileSync(archive, 'PK');
    dialogs.push(archive);
    picks.push(null);
    await vscode.commands.executeCommand('moxu.importModel');
    rmSync(archive);
    assert.match(messages.at(-1) ?? '', /^“下载的模型\.zip” is packed\. Unpack it first/);
    assert.deepEqual(dialogs, []);
  });

  it('for other programs are refused by name, and another folder can be chosen', async () => {
    const file = join(folder, '通义千问.gguf');
    writeFileSync(file, 'GGUF');
    dialogs.push(file);
    picks.push(null);
    await vscode.commands.executeCommand('moxu.importModel');
    rmSync(file);
    assert.match(messages.at(-1) ?? '', /^“通义千问\.gguf” is in a format for other programs, such as GGUF/);
    assert.deepEqual(dialogs, []);
  });

  it('are looked for on the machine on which Moxu runs, also in a window that shows another’s files', async () => {
    const begun: unknown[] = [];
    const choose = window['showOpenDialog'];
    const { workspace } = vscode;
    const folders = Object.getOwnPropertyDescriptor(workspace, 'workspaceFolders') ?? assert.fail();
    window['showOpenDialog'] = ({ defaultUri }: vscode.OpenDialogOptions) => {
      begun.push(defaultUri?.toString());
      return Promise.resolve(undefined);
    };
    try {
      await vscode.commands.executeCommand('moxu.importModel');
      const uri = vscode.Uri.parse('vscode-remote://ssh-remote+server/home/writer');
      Object.defineProperty(workspace, 'workspaceFolders', { ...folders, get: () => [{ uri, name: '', index: 0 }] });
      await vscode.commands.executeCommand('moxu.importModel');
    } finally {
      Object.defineProperty(workspace, 'workspaceFolders', folders);
      window['showOpenDialog'] = choose;
    }
    assert.deepEqual(begun, [undefined, vscode.Uri.file(homedir()).toString()]);
  });

  it('have no window that is longer than theirs, and not the name of the built-in one', async () => {
    const check = async (line: string, value: string) => {
      typed = value;
      picks.push(line, null);
      await vscode.commands.executeCommand('moxu.importModel');
      return faults.at(-1);
    };
    assert.equal(await check('Context window', '99999'), 'Enter a whole number from 1 to 64.');
    assert.equal(await check('Context window', '0'), 'Enter a whole number from 1 to 64.');
    assert.equal(await check('Context window', ' 64 '), null);
    assert.match((await check('Name', 'Built-in trial model')) ?? '', /choose another name/);
    assert.equal(await check('Name', '小说'), null);
  });

  it('are refused by name: the message tells which file, and what in it', async () => {
    opened = join(folder, '坏模型');
    cpSync(from, opened, { recursive: true });
    rmSync(join(opened, 'model.safetensors'));
    const { global, tupleOf, text, reduce } = pickle;
    const calling = Buffer.concat([global('os', 'system'), tupleOf(text('id')), reduce]);
    writeFileSync(join(opened, 'pytorch_model.bin'), torchArchive(dictPickle([['w', calling]])));
    await vscode.commands.executeCommand('moxu.importModel');
    opened = from;
    assert.match(
      messages.at(-1) ?? '',
      /^This file holds more than weights \(pytorch_model\.bin: os\.system\), and Moxu runs no code/,
    );
  });

  it('made by Moxu are refused when a file is missing: the advice is for whoever copies them', async () => {
    opened = join(folder, '半个模型');
    mkdirSync(opened);
    const builtin = vscode.extensions.getExtension('moxu.moxu')?.extensionPath ?? '';
    cpSync(join(builtin, 'models', 'builtin', 'moxu.json'), join(opened, 'moxu.json'));
    await vscode.commands.executeCommand('moxu.importModel');
    assert.match(
      messages.at(-1) ?? '',
      /^This Moxu model cannot be imported: .* Copy it again from the other computer/,
    );
    writeFileSync(join(opened, 'moxu.json'), '{ "format": 99 }');
    await vscode.commands.executeCommand('moxu.importModel');
    opened = from;
    assert.match(messages.at(-1) ?? '', /^This model was made by another version of Moxu/);
  });

  it('are removed, after the built-in one has taken over', async () => {
    const dir = path();
    picks.push('小模型', 'Remove');
    await vscode.commands.executeCommand('moxu.manageModels');
    await until('the built-in model is used again', () => path() === '' && modelName() === '试用模型');
    assert.ok(!existsSync(dir));
    assert.match(messages.at(-1) ?? '', /^Remove “小模型”/);
  });

  it('are imported one after the other, though nobody has answered whether to use them', async () => {
    const names = () => shown.at(-1)?.filter((name) => name.includes('小模型')).length;
    areLeft = true;
    for (let i = 0; i < 2; i++) {
      picks.push('Convert');
      await vscode.commands.executeCommand('moxu.importModel');
      assert.match(messages.at(-1) ?? '', /^“小模型” was imported/);
    }
    areLeft = false;
    picks.push(null);
    await vscode.commands.executeCommand('moxu.manageModels');
    assert.equal(names(), 2);
    const told = shown.at(-1)?.filter((item) => item.includes('小模型')) ?? [];
    assert.match(told[0] ?? '', /folder 小模型 /);
    assert.match(told[1] ?? '', /folder 小模型-2 /);
    for (let i = 0; i < 2; i++) {
      picks.push('小模型', 'Remove');
      await vscode.commands.executeCommand('moxu.manageModels');
    }
    picks.push(null);
    await vscode.commands.executeCommand('moxu.manageModels');
    assert.equal(names(), 0);
  });

  /** Of the latest import, whose message was answered with its button. */
  async function importedManifest(): Promise<ReturnType<typeof parseManifest>> {
    await until('the imported model is in use', () => api.engine.state.kind === 'ready' && path() !== '');
    const manifest = parseManifest(readFileSync(join(path(), 'moxu.json'), 'utf8'));
    picks.push(manifest.name, 'Remove');
    await vscode.commands.executeCommand('moxu.manageModels');
    await until('the built-in model is used again', () => path() === '');
    return manifest;
  }

  it('without a tokenizer are asked for it once', async () => {
    const bare = join(folder, '无词表');
    cpSync(from, bare, { recursive: true });
    rmSync(join(bare, 'tokenizer.model'));
    const asked = () => messages.filter((message) => message.startsWith('This folder holds no tokenizer')).length;
    for (let i = 0; i < 2; i++) {
      dialogs.push(bare, ...(i === 0 ? [join(from, 'tokenizer.model')] : []));
      picks.push('Convert');
      await vscode.commands.executeCommand('moxu.importModel');
      assert.deepEqual([asked(), dialogs], [1, []]);
      const { name, tokenizer } = await importedManifest();
      assert.deepEqual([name, tokenizer.kind], ['无词表', 'sentencepiece-unigram']);
    }
  });

  it('are imported as the writer has set them, whatever was guessed; what cannot be is refused, and stays as it was', async () => {
    const set = async (line: string, value: string) => {
      picks.push(line);
      typed = value;
      picks.push(null);
      await vscode.commands.executeCommand('moxu.importModel');
    };
    await set('Name', '改过的');
    // Gone away: nothing is imported.
    assert.equal(path(), '');
    typed = ' 48 ';
    picks.push('Tokenizer', 'BERT, upper case kept', 'Prompt format', 'Title as the first line', 'Context window');
    picks.push('Precision', '32 bits', 'Convert');
    await vscode.commands.executeCommand('moxu.importModel');
    // Where the writer was, not at the top, and what is so: Enter alone changes nothing.
    const tokenizers = ['SentencePiece', 'Tokenizer'];
    const layouts = ['Title, separator, text', 'Prompt format'];
    const others = ['Context window', '8 bits: recommended', 'Precision'];
    assert.deepEqual(begunAt.slice(-7), [...tokenizers, ...layouts, ...others]);
    assert.ok(messages.includes('This setting does not fit the model and was not applied; the log says why.'));
    const lines = shown.at(-1)?.join('\n') ?? '';
    assert.match(lines, /Tokenizer SentencePiece/);
    const { tokenizer, promptLayout, contextLength, quantization } = await importedManifest();
    assert.deepEqual(
      { kind: tokenizer.kind, promptLayout, contextLength, quantization },
      { kind: 'sentencepiece-unigram', promptLayout: 'title-text', contextLength: 48, quantization: 'none' },
    );
    typed = '7，9';
    picks.push('Kind of model', 'CPM, from a title to an essay', 'Kind of model', 'GPT-2 with SentencePiece');
    picks.push('A text ends with token', 'Convert');
    await vscode.commands.executeCommand('moxu.importModel');
    const again = await importedManifest();
    assert.deepEqual(again.specialTokens.endOfText, [7, 9]);
    assert.equal(again.family, 'gpt2-sentencepiece');
    assert.notEqual(again.promptLayout, 'title-text');
  });

  it('made by Moxu are found in the folder that holds them; of several one is asked for', async () => {
    const builtin = join(vscode.extensions.getExtension('moxu.moxu')?.extensionPath ?? '', 'models', 'builtin');
    const outer = join(folder, '从旧电脑复制来的');
    cpSync(builtin, join(outer, '一'), { recursive: true });
    // All of the old computer's models, and what was removed there while it was in use.
    cpSync(builtin, join(outer, '.removed-二-1'), { recursive: true });
    // A name that VS Code would make a link and an icon of, and that hides everything beside it.
    const manifest = JSON.parse(readFileSync(join(outer, '一', 'moxu.json'), 'utf8')) as object;
    const name = `[看](command:x) $(trash) ${'长'.repeat(100)}`;
    writeFileSync(join(outer, '一', 'moxu.json'), JSON.stringify({ ...manifest, name }));
    dialogs.push(outer);
    await vscode.commands.executeCommand('moxu.importModel');
    await until('the copy is in use', () => api.engine.state.kind === 'ready' && modelName() === name);
    assert.match(messages.at(-1) ?? '', /^“［看］\(command:x\) ＄\(trash\) 长+…” was imported/);
    picks.push('［看］', 'Remove');
    await vscode.commands.executeCommand('moxu.manageModels');
    assert.match(shown.at(-2)?.join('\n') ?? '', /\$\(check\) ［看］\(command:x\) ＄\(trash\) 长{1,60}… in use/);
    await until('the built-in model is used again', () => path() === '');

    cpSync(builtin, join(outer, '二'), { recursive: true });
    dialogs.push(outer);
    picks.push(null);
    await vscode.commands.executeCommand('moxu.importModel');
    assert.match(
      messages.at(-1) ?? '',
      /^There are several models in “从旧电脑复制来的”\. Choose the folder of the one/,
    );
    assert.deepEqual(dialogs, []);
  });

  it('are verified, renamed and removed while they write: what is written stays, and nothing is said to be wrong', async () => {
    const copied = join(folder, '正在用的');
    cpSync(join(vscode.extensions.getExtension('moxu.moxu')?.extensionPath ?? '', 'models', 'builtin'), copied, {
      recursive: true,
    });
    const manifest = JSON.parse(readFileSync(join(copied, 'moxu.json'), 'utf8')) as object;
    writeFileSync(join(copied, 'moxu.json'), JSON.stringify({ ...manifest, name: '正在用的' }));
    dialogs.push(copied);
    await vscode.commands.executeCommand('moxu.importModel');
    await until('the copy is in use', () => api.engine.state.kind === 'ready' && modelName() === '正在用的');
    const dir = path();
    const { document } = await openText('# 故乡的雨\n\n故乡的雨总是下得很慢。', 'markdown');
    const before = document.getText();
    await settings.update('continuation.length', 5000, vscode.ConfigurationTarget.Global);
    const seen = messages.length;
    const writing = vscode.commands.executeCommand('moxu.continue');
    await until('a text is written', () => document.getText().length > before.length + 20);
    picks.push('正在用的', 'Verify');
    await vscode.commands.executeCommand('moxu.manageModels');
    typed = '换了名字';
    picks.push('正在用的', 'Rename');
    await vscode.commands.executeCommand('moxu.manageModels');
    await until('the engine knows the name', () => modelName() === '换了名字');
    picks.push('换了名字', 'Remove');
    await vscode.commands.executeCommand('moxu.manageModels');
    await writing;
    await settings.update('continuation.length', undefined, vscode.ConfigurationTarget.Global);
    await until('the built-in model is used again', () => path() === '' && modelName() === '试用模型');
    assert.ok(!existsSync(dir));
    assert.deepEqual(messages.slice(seen), [
      'All files of “正在用的” are intact.',
      'Remove “换了名字” from this computer?',
    ]);
    assert.ok(document.getText().startsWith(before) && document.getText().length > before.length + 20);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), before);
  });

  it('that another window removes while they are looked at are gone, and the built-in one is not blamed', async () => {
    picks.push('Convert');
    await vscode.commands.executeCommand('moxu.importModel');
    await until('the imported model is in use', () => path() !== '' && modelName() === '小模型');
    const dir = path();
    picks.push('Built-in');
    await vscode.commands.executeCommand('moxu.chooseModel');
    await until('the built-in model is used again', () => path() === '');
    const choose = window['showQuickPick'] as (items: vscode.QuickPickItem[]) => Promise<vscode.QuickPickItem>;
    window['showQuickPick'] = async (items: vscode.QuickPickItem[]) => {
      const picked = await choose(items);
      if (picked.label.includes('Verify')) rmSync(dir, { recursive: true });
      return picked;
    };
    try {
      picks.push('小模型', 'Verify');
      await vscode.commands.executeCommand('moxu.manageModels');
    } finally {
      window['showQuickPick'] = choose;
    }
    assert.match(messages.at(-1) ?? '', /^This model is not there any more: .* import it again\.$/);
  });

  it('in use are not removed where the built-in one cannot take over', async () => {
    picks.push('Convert');
    await vscode.commands.executeCommand('moxu.importModel');
    await until('the imported model is in use', () => path() !== '' && modelName() === '小模型');
    const dir = path();
    Object.assign(api.engine, { load: () => Promise.reject(new Error('it cannot be loaded')) });
    try {
      picks.push('小模型', 'Remove');
      await vscode.commands.executeCommand('moxu.manageModels');
    } finally {
      Reflect.deleteProperty(api.engine, 'load');
    }
    assert.ok(existsSync(join(dir, 'moxu.json')));
    picks.push('小模型', 'Remove');
    await vscode.commands.executeCommand('moxu.manageModels');
    await until('it is removed', () => !existsSync(dir) && path() === '');
  });

  it('can be chosen from a short list that goes on to importing', async () => {
    picks.push(null);
    await vscode.commands.executeCommand('moxu.chooseModel');
    const items = shown.at(-1)?.join('\n') ?? '';
    assert.match(items, /Built-in trial model in use/);
    assert.match(items, /Import Model…/);
  });
});
