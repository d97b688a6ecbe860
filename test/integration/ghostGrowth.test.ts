/** A writer who types along a ghost: what follows it is written before its end is reached, and the ghost goes on with it. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { ghostAt, openText, until } from './editing';

/** What the model says, by the end of what it reads. */
const says: Readonly<Record<string, string>> = {
  村口: '的桥，天黑',
  村口的桥: '，天黑了',
  后来: '天黑了',
  后来天黑了: '，我们走',
  清早: '天亮了。',
  '清早天亮了。': '鸟在叫',
  雨后: '晴，来',
  '雨后晴，来': '了风',
};

describe('a ghost that is typed along', () => {
  let api: MoxuApi;
  /** What the model was asked for. */
  let asked: { text: string; signal: AbortSignal }[] = [];
  /** What the model has to wait for before it writes. */
  let gate = Promise.resolve();
  let restore = (): void => undefined;

  before(async () => {
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    const { engine } = api;
    await engine.load();
    const generate = engine.generate.bind(engine);
    engine.generate = async function* ({ text }, _, signal) {
      asked.push({ text, signal });
      await gate;
      const answer = says[text.trim()] ?? '';
      if (answer !== '') yield { text: answer, logProb: 0, numTokens: 1 };
      return { text: answer, finishReason: 'stop', numTokens: 1, numPromptTokens: 1 };
    };
    restore = () => (engine.generate = generate);
  });
  after(() => restore());
  beforeEach(() => {
    api.ghostText.forget();
    asked = [];
    gate = Promise.resolve();
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  const isAsked = (end: string): boolean => asked.some(({ text }) => text.endsWith(end));

  function ghostHere(kind: 'Automatic' | 'Invoke' = 'Automatic'): Promise<string> {
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    return ghostAt(api, editor, kind);
  }

  async function type(character: string): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    const { document, selection } = editor;
    await until('it is typed', () => editor.edit((builder) => builder.insert(selection.active, character)));
    await until(
      'the cursor is behind it',
      () => document.offsetAt(editor.selection.active) === document.getText().length,
    );
  }

  /** As an input method does. */
  async function compose(preedit: string, words: string): Promise<void> {
    await type(preedit);
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    const { active } = editor.selection;
    const composed = new vscode.Range(active.translate(0, -preedit.length), active);
    await until('it is committed', () => editor.edit((builder) => builder.replace(composed, words)));
  }

  /** @returns has the model go on, which waits from now on */
  function closeGate(): () => void {
    let open = (): void => undefined;
    gate = new Promise((resolve) => (open = resolve));
    return open;
  }

  /** @returns has the model go on, which waits behind the ghost */
  async function typeTowardsWhatFollows(): Promise<() => void> {
    await openText('# 院子\n\n后来');
    await ghostHere();
    // VS Code asks at the key.
    const open = closeGate();
    await type('天');
    await ghostHere();
    await until('the model writes what follows', () => isAsked('后来天黑了'));
    return open;
  }

  it('goes on with what follows, before its end is reached', async () => {
    await openText('# 院子\n\n后来');
    assert.equal(await ghostHere(), '天黑了');
    await type('天');
    // A slow model may have been asked, and have answered, by now.
    assert.match(await ghostHere(), /^黑了(?:，我们走)?$/);
    await until('the model writes what follows', () => isAsked('后来天黑了'));
    await type('黑');
    assert.equal(await ghostHere(), '了，我们走');
    assert.equal(await ghostHere('Invoke'), '了，我们走', 'what is shown stays the first');
    await type('了');
    assert.equal(await ghostHere(), '，我们走');
    assert.equal(asked.filter(({ text }) => text === '后来天黑了').length, 1);
  });

  it('has what follows written while the writer types towards it, without a rest', async () => {
    await openText('# 院子\n\n后来');
    assert.equal(await ghostHere(), '天黑了');
    const open = closeGate();
    await type('天');
    await ghostHere();
    // Each key ends the wait for a rest.
    await type('黑');
    assert.equal(asked.find(({ text }) => text === '后来天黑了')?.signal.aborted, false);
    open();
    await until('it has come', async () => (await ghostHere()) === '了，我们走');
  });

  it('and while an input method composes', async () => {
    const open = await typeTowardsWhatFollows();
    await compose('h', '黑');
    assert.equal(asked.find(({ text }) => text === '后来天黑了')?.signal.aborted, false);
    open();
    await until('it has come', async () => (await ghostHere()) === '了，我们走');
  });

  it('and where it is typed in another width', async () => {
    await openText('# 院子\n\n雨后');
    assert.equal(await ghostHere(), '晴，来');
    const open = closeGate();
    await type('晴');
    await ghostHere();
    await until('the model writes what follows', () => isAsked('雨后晴，来'));
    await type(',');
    assert.equal(await ghostHere(), '来');
    await type('来');
    open();
    await until('it has come', async () => (await ghostHere()) === '了风');
    assert.equal(asked.find(({ text }) => text === '雨后晴，来')?.signal.aborted, false);
  });

  it('and where more is typed at once than was left of it, as input methods do', async () => {
    const open = await typeTowardsWhatFollows();
    await compose('h', '黑了，');
    // VS Code asks, and the answer has to wait.
    const asking = ghostHere();
    await sleep(100);
    await compose('w', '我');
    open();
    assert.equal(await asking, '', 'it was asked before 我');
    await until('it has come', async () => (await ghostHere()) === '们走');
    assert.equal(asked.filter(({ text }) => text === '后来天黑了').length, 1);
    assert.equal(asked.find(({ text }) => text === '后来天黑了')?.signal.aborted, false);
  });

  it('and no longer where the writer goes another way', async () => {
    const open = await typeTowardsWhatFollows();
    await vscode.commands.executeCommand('deleteLeft');
    await until('that ends', () => asked.some(({ text, signal }) => text === '后来天黑了' && signal.aborted));
    open();
  });

  it('ends with its sentence', async () => {
    await openText('# 院子\n\n清早');
    assert.equal(await ghostHere(), '天亮了。');
    await type('天');
    await type('亮');
    assert.equal(await ghostHere(), '了。');
    await until('the model writes what follows', () => isAsked('清早天亮了。'));
    await type('了');
    assert.equal(await ghostHere(), '。');
    await type('。');
    assert.equal(await ghostHere(), '鸟在叫');
  });

  it('ends with its heading', async () => {
    await openText('# 院子\n\n## 村口');
    assert.equal(await ghostHere(), '的桥');
    await type('的');
    assert.equal(await ghostHere(), '桥');
    await until('the model writes what follows', () => isAsked('村口的桥'));
    assert.equal(await ghostHere(), '桥');
    await type('桥');
    assert.equal(await ghostHere(), '');
  });
});
