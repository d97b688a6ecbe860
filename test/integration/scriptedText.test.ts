/**
 * What becomes of text that a model writes, in real VS Code. The model is there; what it says is told to it, so that each
 * case has something to show: all else – prompt, style, rules of ghost text, insertion – is what runs.
 */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import { ghostAt, openText, until } from './editing';

interface Case {
  name: string;
  /** ‸ is the cursor. */
  text: string;
  language?: 'plaintext';
  /** What the model says, token by token. */
  says: string[];
  /** What stands at the cursor. */
  wanted: string;
}

const tree = '# 祖父的院子\n\n院子里有一棵老槐树。';

const ghosts: Case[] = [
  // Quotes.
  { name: '“” in a text with “”', text: `${tree}他说：“好。”我说：‸`, says: ['“走', '吧。”'], wanted: '“走吧。”' },
  {
    name: '「」 in a text with 「」',
    text: `${tree}他说：「好。」我说：‸`,
    says: ['“走', '吧。”'],
    wanted: '「走吧。」',
  },
  {
    name: '『』 within 「」',
    text: `${tree}他说：「好。」我说：‸`,
    says: ['“他说', '‘走吧', '’，我', '不走。”'],
    wanted: '「他说『走吧』，我不走。」',
  },
  { name: 'straight quotes', text: `${tree}他说："好。"我说：‸`, says: ['“走', '吧。”'], wanted: '"走吧。"' },
  { name: 'a quotation that it opens is closed', text: `${tree}我说：‸`, says: ['“走', '吧'], wanted: '“走吧”' },
  {
    name: 'the writer’s quotation is closed where a sentence ends',
    text: `${tree}我说：“天黑了，‸`,
    says: ['走', '吧。'],
    wanted: '走吧。”',
  },
  { name: 'not where none does', text: `${tree}我说：“天黑了，‸`, says: ['走', '吧'], wanted: '走吧' },
  { name: 'nor where it is closed behind', text: `${tree}我说：“天黑了，‸”`, says: ['走', '吧。'], wanted: '走吧。' },
  { name: 'what is not open is not closed', text: `${tree}天黑了，‸`, says: ['走吧', '”', '他说'], wanted: '走吧' },
  // Marks.
  {
    name: 'half-width marks',
    text: '# 院子\n\n院子里有一棵树,夏天的傍晚,一家人坐在树下.后来‸',
    says: ['，天黑', '了。'],
    wanted: ',天黑了.',
  },
  { name: 'full-width marks', text: `${tree}后来，天热，人多，我们‸`, says: ['，走', '了。'], wanted: '，走了。' },
  // 中英文
  {
    name: 'with spaces around Latin',
    text: '# 写作\n\n我用 GPT 写作，又用 Word 修改，今天又用‸',
    says: ['PPT画', '图，做了3页', '。'],
    wanted: ' PPT 画图，做了 3 页。',
  },
  {
    name: 'without spaces around Latin',
    text: '# 写作\n\n我用GPT写作，又用Word修改，今天又用‸',
    says: ['PPT', ' 画图，做了 3', ' 页。'],
    wanted: 'PPT画图，做了3页。',
  },
  // Paragraphs.
  {
    name: 'the indent of a paragraph',
    text: '　　院子里有一棵老槐树。\n　　夏天很凉快。\n‸',
    language: 'plaintext',
    says: ['后来', '，天黑了。'],
    wanted: '　　后来，天黑了。',
  },
  {
    name: 'no second indent',
    text: '　　院子里有一棵老槐树。\n　　夏天很凉快。\n　　‸',
    language: 'plaintext',
    says: ['后来', '，天黑了。'],
    wanted: '后来，天黑了。',
  },
  { name: 'one line', text: `${tree}‸`, says: ['天黑了。', '\n', '我们走了。'], wanted: '天黑了。' },
  { name: 'no list in place of a paragraph', text: `${tree}\n\n‸`, says: ['- 槐树', '很老'], wanted: '' },
  // Headings.
  { name: 'no sentence in a heading', text: `${tree}\n\n## 雨后的‸`, says: ['院子', '，天黑', '了。'], wanted: '院子' },
  { name: 'a question in one', text: `${tree}\n\n## 为什么‸`, says: ['写作？', '我想'], wanted: '写作？' },
  { name: 'nothing that only ends it', text: `${tree}\n\n## 雨后‸`, says: ['，天黑', '了。'], wanted: '' },
  // 繁體
  {
    name: '繁體 with its quotes',
    text: '# 祖父的院子\n\n祖父的院子裡有一棵老槐樹，他總是說：「種樹的人，自己乘不到涼。」後來，我們‸',
    says: ['说：“', '这个时候', '，没有人。”'],
    wanted: '說：「這個時候，沒有人。」',
  },
  // What nobody should see.
  { name: 'the name of a token', text: `${tree}后来‸`, says: ['天黑了', '<eod>', '天'], wanted: '天黑了' },
  { name: 'in pieces', text: `${tree}后来‸`, says: ['天黑了', '<|im', '_end|>', '天'], wanted: '天黑了' },
  { name: 'half a character', text: `${tree}后来‸`, says: ['天黑了', '\ufffd'], wanted: '天黑了' },
  { name: 'a loop', text: `${tree}后来‸`, says: ['慢慢走', '慢慢走', '慢慢走'], wanted: '慢慢走' },
];

const articles: Case[] = [
  {
    name: 'paragraphs between empty lines',
    text: `${tree}\n\n夏天很凉快。后来‸`,
    says: ['天黑了。', '\n我们', '走了。'],
    wanted: '天黑了。\n\n我们走了。',
  },
  {
    name: 'paragraphs with their indent',
    text: '　　院子里有一棵老槐树。\n　　夏天很凉快。后来‸',
    language: 'plaintext',
    says: ['天黑了。', '\n我们', '走了。'],
    wanted: '天黑了。\n　　我们走了。',
  },
  { name: 'a list', text: '# 院子\n\n- 槐树\n- 夏天‸', says: ['很热。\n', '竹椅\n井'], wanted: '很热。\n- 竹椅\n- 井' },
  {
    name: 'a list with numbers',
    text: '# 院子\n\n1. 槐树\n2. 夏天‸',
    says: ['很热。\n', '竹椅\n井'],
    wanted: '很热。\n3. 竹椅\n4. 井',
  },
  { name: 'a list of tasks', text: '# 院子\n\n- [x] 浇树‸', says: ['\n扫地'], wanted: '\n- [ ] 扫地' },
  { name: 'a quotation', text: '# 院子\n\n> 槐树很老。‸', says: ['\n竹椅', '很新。'], wanted: '\n>\n> 竹椅很新。' },
  { name: '「」', text: `${tree}他说：「好。」我说：‸`, says: ['“走', '吧。'], wanted: '「走吧。」' },
];

describe('text that the model writes', () => {
  const settings = vscode.workspace.getConfiguration('moxu');
  const setFloor = (floor: number | undefined) =>
    settings.update('ghostText.confidenceFloor', floor, vscode.ConfigurationTarget.Global);
  let api: MoxuApi;
  let says: string[] = [];
  let document: vscode.TextDocument | undefined;
  let restore = (): void => undefined;

  before(async () => {
    await setFloor(0);
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    await api.engine.load();
    const { engine } = api;
    const generate = engine.generate.bind(engine);
    engine.generate = async function* () {
      for (const text of says) yield await Promise.resolve({ text, logProb: -0.1, numTokens: 1 });
      return { text: says.join(''), finishReason: 'stop', numTokens: says.length, numPromptTokens: 1 };
    };
    restore = () => (engine.generate = generate);
  });
  after(async () => {
    restore();
    await setFloor(undefined);
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    // VS Code would put the next text into it, as an edit.
    await until('the document is closed', () => document?.isClosed !== false);
  });

  async function open({ text, language, says: said }: Omit<Case, 'name' | 'wanted'>): Promise<vscode.TextEditor> {
    api.ghostText.forget();
    says = said;
    const editor = await openText(text.replace('‸', ''), language);
    ({ document } = editor);
    const position = document.positionAt(text.indexOf('‸'));
    editor.selection = new vscode.Selection(position, position);
    return editor;
  }

  const ghostIn = (editor: vscode.TextEditor): Promise<string> => ghostAt(api, editor);

  describe('as a ghost', () => {
    for (const { wanted, name, ...place } of ghosts)
      it(name, async () => assert.equal(await ghostIn(await open(place)), wanted));

    it('in 繁體 it stays while it is typed', async () => {
      const text = '# 祖父的院子\n\n祖父的院子裡有一棵老槐樹，他總是說起這個地方。後來，我們‸';
      const editor = await open({ text, says: ['说', '这个时候'] });
      assert.equal(await ghostIn(editor), '說這個時候');
      const { started } = api.ghostText.counts;
      await vscode.commands.executeCommand('type', { text: '說' });
      await until('it is typed', () => editor.selection.active.character === (text.split('\n')[2] ?? '').length);
      assert.equal(await ghostIn(editor), '這個時候');
      assert.equal(api.ghostText.counts.started, started);
    });

    for (const [name, text, whole] of [
      ['half-width', '院子里有一棵树,夏天的傍晚很凉快.后来我们', '(天黑了)走了'],
      ['full-width', '院子里有一棵老槐树，夏天的傍晚很凉快。后来我们', '（天黑了）走了'],
    ] as const)
      for (const place of [{}, { language: 'plaintext' }] as const)
        it(`it stays where ( is typed along it and closed by VS Code: ${name}, ${JSON.stringify(place)}`, async () => {
          const editor = await open({ text: `${text}‸`, ...place, says: ['（天', '黑', '了）', '走了'] });
          const type = async (typed: string, line: string) => {
            await vscode.commands.executeCommand('type', { text: typed });
            const column = line.indexOf('‸');
            const isThere = () => editor.document.getText() === line.replace('‸', '');
            await until(`${line} is there`, () => isThere() && editor.selection.active.character === column);
          };
          assert.equal(await ghostIn(editor), whole);
          const { counts } = api.ghostText;
          const { started } = counts;
          await type('(', `${text}(‸)`);
          assert.equal(await ghostIn(editor), '天黑了');
          assert.equal(api.ghostText.shownAt(editor.document, editor.selection.active), '天黑了');
          await type('天', `${text}(天‸)`);
          assert.equal(await ghostIn(editor), '黑了');
          for (const typed of ['黑了', ')']) await vscode.commands.executeCommand('type', { text: typed });
          await until('it is closed', () => editor.selection.active.character === `${text}(天黑了)`.length);
          assert.equal(editor.document.getText(), `${text}(天黑了)`);
          assert.equal(await ghostIn(editor), '走了');
          assert.equal(counts.started, started);
        });

    it('not where it has to be surer than a model is', async () => {
      await setFloor(1);
      try {
        await until(
          'it is silent',
          async () => (await ghostIn(await open({ text: `${tree}‸`, says: ['天黑了。'] }))) === '',
        );
      } finally {
        await setFloor(0);
      }
      await until(
        'it is not',
        async () => (await ghostIn(await open({ text: `${tree}‸`, says: ['天黑了。'] }))) !== '',
      );
    });
  });

  describe('as 续写', () => {
    for (const { wanted, name, ...place } of articles)
      it(name, async () => {
        const editor = await open(place);
        await vscode.commands.executeCommand('moxu.continue');
        assert.equal(editor.document.getText(), place.text.replace('‸', wanted));
      });
  });
});
