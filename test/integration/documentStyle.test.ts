/** Texts come as the document writes, and go to the model as the model reads; the real model, in a real editor. */
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { DocumentStyles } from '../../src/editor/documentStyles';
import { openText, show, until } from './editing';

/** Characters that only simplified, and only traditional Chinese has. */
const simplified = /[们这个来时说国会对过发经么学动样还实现开问关没点门间见听边东从长车书马风飞鸟鱼龙爱岁处头乐业义]/;
const traditional = /[們這個來時說國會對過發經麼學動樣還實現開問關沒點門間見聽邊東從長車書馬風飛鳥魚龍愛歲處頭樂業義]/;

const chinese = {
  taiwan:
    '# 祖父的院子\n\n祖父的院子裡有一棵老槐樹，夏天的傍晚，一家人坐在樹下乘涼，說些田裡的事。他總是說：「種樹的人，自己乘不到涼。」後來，我們',
  halfWidth: '# 祖父的院子\n\n院子里有一棵树,夏天的傍晚,一家人坐在树下,说些田里的事.后来,我们',
};

describe('document style', function () {
  this.timeout(120_000);
  const settings = vscode.workspace.getConfiguration('moxu');
  let api: MoxuApi;
  let prompts: string[] = [];
  let restore = (): void => undefined;

  before(async () => {
    await settings.update('ghostText.confidenceFloor', 0, vscode.ConfigurationTarget.Global);
    await settings.update('continuation.length', 120, vscode.ConfigurationTarget.Global);
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    await api.engine.load();
    const { engine } = api;
    const [generate, several] = [engine.generate.bind(engine), engine.generateCandidates.bind(engine)];
    engine.generate = (prompt, ...rest) => {
      prompts.push(prompt.text);
      return generate(prompt, ...rest);
    };
    engine.generateCandidates = (prompt, ...rest) => {
      prompts.push(prompt.text);
      return several(prompt, ...rest);
    };
    restore = () => {
      engine.generate = generate;
      engine.generateCandidates = several;
    };
  });
  after(async () => {
    restore();
    await settings.update('ghostText.confidenceFloor', undefined, vscode.ConfigurationTarget.Global);
    await settings.update('continuation.length', undefined, vscode.ConfigurationTarget.Global);
  });
  beforeEach(() => {
    prompts = [];
    api.ghostText.forget();
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  async function ghostAt(
    { document }: vscode.TextEditor,
    offset = document.getText().length,
    kind: 'Invoke' | 'Automatic' = 'Invoke',
  ): Promise<string> {
    const { token } = new vscode.CancellationTokenSource();
    const context = { triggerKind: vscode.InlineCompletionTriggerKind[kind], selectedCompletionInfo: undefined };
    const position = document.positionAt(offset);
    const [item] = await api.ghostText.provideInlineCompletionItems(document, position, context, token);
    return typeof item?.insertText === 'string' ? item.insertText : '';
  }

  it('a text in 繁體 reaches the model in 简体, and its ghosts are 繁體', async () => {
    const editor = await openText(chinese.taiwan);
    let ghosts = '';
    // Some places, so that there is enough to look at.
    for (const end of ['傍晚，', '一家人', '他總是', '後來，', '我們']) {
      const offset = chinese.taiwan.lastIndexOf(end) + end.length;
      if (offset === chinese.taiwan.length) ghosts += await ghostAt(editor, offset);
      else {
        const part = await openText(chinese.taiwan.slice(0, offset));
        ghosts += await ghostAt(part);
      }
    }
    assert.ok(ghosts.length > 5, ghosts);
    assert.doesNotMatch(ghosts, simplified);
    assert.ok(prompts.length > 0);
    for (const prompt of prompts) {
      assert.doesNotMatch(prompt, traditional);
      assert.doesNotMatch(prompt, /[「」]/);
    }
  });

  it('a text that takes the place of another is read anew', async () => {
    const editor = await openText(`# 祖父的院子\n\n${'这个时候，东边来了一辆马车，我们从门里看见。'.repeat(12)}`);
    await ghostAt(editor);
    const { document } = editor;
    await editor.edit((builder) => builder.delete(new vscode.Range(0, 0, document.lineCount, 0)));
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), chinese.taiwan));
    prompts = [];
    assert.doesNotMatch(await ghostAt(editor), simplified);
    const prompt = prompts[0] ?? '';
    assert.match(prompt, simplified);
    assert.doesNotMatch(prompt, traditional);
  });

  for (const [name, content, wanted, unwanted] of [
    ['繁體 with 「」', chinese.taiwan, /[\u4e00-\u9fff]/, simplified],
    ['half-width marks', chinese.halfWidth, /[,.]/, /[，。]/],
    ['a list', '# 院子\n\n- 院子里有一棵老槐树，夏天很凉快。\n- 后来，我们', /\n- |。/, /\n(?!- )/],
    ['a quotation', '# 院子\n\n> 院子里有一棵老槐树，夏天很凉快。后来，我们', /。/, /\n(?!>)/],
    ['indented paragraphs', '　　院子里有一棵老槐树。\n　　夏天很凉快。后来，我们', /。/, /\n(?!\u3000\u3000)/],
  ] as const)
    it(`续写 goes on as the document writes: ${name}`, async () => {
      const editor = await openText(content, name === 'indented paragraphs' ? 'plaintext' : 'markdown');
      await vscode.commands.executeCommand('moxu.continue');
      const text = editor.document.getText();
      assert.equal(text.slice(0, content.length), content);
      const written = text.slice(content.length);
      assert.ok(written.length > 50, written);
      assert.match(written, wanted);
      assert.doesNotMatch(written, unwanted);
    });

  it('no ghost in code, tables, addresses, comments', async () => {
    /** ‸ is the cursor. */
    const places = [
      '```\n院子‸\n```',
      '| 院子‸里 | 树 |',
      '[院子](树‸',
      '用 `院子‸',
      '<!-- 院子‸ -->',
      '    院子‸',
      '$$\n院子‸',
    ];
    for (const place of places) {
      const content = `# 祖父的院子\n\n院子里有一棵老槐树。\n\n${place}`;
      const editor = await openText(content.replace('‸', ''));
      assert.equal(await ghostAt(editor, content.indexOf('‸')), '', place);
    }
    assert.deepEqual(prompts, []);
    const after = await openText('# 祖父的院子\n\n```\n院子\n```\n\n院子里有一棵老槐树，');
    assert.notEqual(await ghostAt(after), '');
  });

  it('a text from which words are learnt comes into 简体 in slices: keys have their turn meanwhile', async () => {
    const log = vscode.window.createOutputChannel('test', { log: true });
    const { extensionPath = '' } = vscode.extensions.getExtension('moxu.moxu') ?? {};
    const styles = new DocumentStyles(join(extensionPath, 'dist', 'traditional.bin.br'), log);
    const toModel = await styles.ofText('種樹的人，說些田裡的事。', false);
    // For these all phrases of the dictionaries are read.
    const rows = Array.from({ length: 0x520 }, (_, row) => Array.from({ length: 16 }, (_, i) => 0x4e00 + 16 * row + i));
    const characters = rows.map((row) => String.fromCharCode(...row));
    let turns = 0;
    let next: NodeJS.Immediate;
    const turn = () => {
      turns++;
      next = setImmediate(turn);
    };
    next = setImmediate(turn);
    await toModel(characters.join('。'));
    clearImmediate(next);
    log.dispose();
    assert.ok(turns > 2, `${turns}`);
    assert.equal(await toModel('種樹的人。'), '种树的人。');
  });

  describe('Enter', () => {
    const enter = () => vscode.commands.executeCommand('type', { text: '\n' });
    const content = '　　院子里有一棵老槐树。';

    for (const language of ['plaintext', 'markdown'])
      it(`carries the indent, one step to undo: ${language}`, async () => {
        const editor = await openText(content, language);
        await enter();
        await until('the indent', () => editor.document.getText() === `${content}\n\u3000\u3000`);
        await vscode.commands.executeCommand('undo');
        await until('it is undone', () => editor.document.getText() === content);
      });

    it('twice leaves an empty line, however quick', async () => {
      const editor = await openText(content);
      let expected = content;
      for (let i = 0; i < 10; i++) {
        await Promise.all([enter(), enter()]);
        expected += '\n\n　　';
        await until(`Enter ${i + 1}`, () => editor.document.getText() === expected);
        await vscode.commands.executeCommand('type', { text: '雨停了。' });
        expected += '雨停了。';
      }
      assert.equal(editor.document.getText(), expected);
    });

    it('is not what saving does to the end of a file', async () => {
      const files = vscode.workspace.getConfiguration('files');
      await files.update('insertFinalNewline', true, vscode.ConfigurationTarget.Global);
      try {
        const file = join(mkdtempSync(join(tmpdir(), 'moxu-')), '院子.md');
        writeFileSync(file, content);
        const editor = await show(await vscode.workspace.openTextDocument(file));
        for (const text of ['雨', '停']) {
          await vscode.commands.executeCommand('type', { text });
          assert.ok(await editor.document.save());
        }
        assert.equal(editor.document.getText(), `${content}雨停\n`);
        // Not when the cursor comes there later, either.
        await vscode.commands.executeCommand('cursorDown');
        await vscode.commands.executeCommand('type', { text: '了' });
        assert.equal(editor.document.getText(), `${content}雨停\n了`);
      } finally {
        await files.update('insertFinalNewline', undefined, vscode.ConfigurationTarget.Global);
      }
    });

    it('is VS Code’s own in lists, and where it is turned off', async () => {
      const list = await openText('- 院子');
      await enter();
      assert.doesNotMatch(list.document.getText(), /\u3000/);
      await settings.update('style.carryIndent', false, vscode.ConfigurationTarget.Global);
      try {
        const editor = await openText(content);
        await enter();
        await vscode.commands.executeCommand('type', { text: '雨' });
        assert.equal(editor.document.getText(), `${content}\n雨`);
      } finally {
        await settings.update('style.carryIndent', undefined, vscode.ConfigurationTarget.Global);
      }
    });
  });
});
