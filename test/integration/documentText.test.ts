/** What is read around the cursor is what stands there, whatever edits came before; read once, followed since. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { DocumentStyles } from '../../src/editor/documentStyles';
import { DocumentText } from '../../src/editor/documentText';
import { ProsePlaces } from '../../src/editor/prosePlaces';
import { openFile, openText, until } from './editing';

const maxCharacters = 60;
const paragraph = '清晨的集市很热闹，卖菜的人把摊子摆到路边，一边吆喝，一边给客人称菜。';

describe('text around the cursor', () => {
  const log = vscode.window.createOutputChannel('test', { log: true });
  const places = new ProsePlaces();
  const styles = new DocumentStyles('', log);
  const followed = new DocumentText(styles, places);
  after(() => {
    for (const made of [log, places, followed]) made.dispose();
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  /** Reads it anew: a document text that has followed nothing. */
  function anew(document: vscode.TextDocument, position: vscode.Position): ReturnType<DocumentText['at']> {
    const fresh = new DocumentText(styles, places);
    try {
      return fresh.at(document, position, maxCharacters);
    } finally {
      fresh.dispose();
    }
  }

  function compare(document: vscode.TextDocument, position: vscode.Position): void {
    const [mine, theirs] = [followed.at(document, position, maxCharacters), anew(document, position)];
    assert.equal(mine.suffix, theirs.suffix);
    assert.equal(mine.prompt.title, theirs.prompt.title);
    // The start stays put while the writer types on.
    const [longer, shorter] = [mine.before, theirs.before].sort((a, b) => b.length - a.length) as [string, string];
    assert.ok(longer.endsWith(shorter), `${longer} | ${shorter}`);
    assert.ok(mine.before.length <= maxCharacters);
    assert.ok(mine.prompt.fromStart || mine.before.length >= maxCharacters / 2, mine.before);
  }

  const texts = {
    'many lines': `---\ntitle: 集市\n---\n${`${paragraph}\n\n`.repeat(30)}`,
    'one line': paragraph.repeat(100),
    'CRLF line ends': `# 集市\r\n\r\n${`\u3000\u3000${paragraph}\r\n`.repeat(30)}`,
  };
  for (const [what, text] of Object.entries(texts))
    it(`${what}: the same as if it had been read anew`, async () => {
      const { document } = await openText(text);
      let seed = 7;
      const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
      let offset = Math.floor(text.length / 2);
      for (let i = 0; i < 40; i++) {
        // The writer stays where he is, mostly.
        if (random(8) === 0) offset = random(document.getText().length);
        const at = Math.max(0, Math.min(document.getText().length, offset + random(5) - 2));
        const inserted = ['雨', '，', '', '后来，', '\n\n', '“好。”'][random(6)] as string;
        const removed = random(4) === 0 ? random(6) : 0;
        const edit = new vscode.WorkspaceEdit();
        const range = new vscode.Range(document.positionAt(at), document.positionAt(at + removed));
        edit.replace(document.uri, range, inserted);
        const { version } = document;
        // Refused where another edit came first, as that of an indent after Enter.
        await until('the edit is taken', () => vscode.workspace.applyEdit(edit));
        if (inserted !== '' || !range.isEmpty) await until('the edit', () => document.version > version);
        offset = at + inserted.length;
        compare(document, document.positionAt(offset));
      }
      const eol = document.eol === vscode.EndOfLine.LF ? vscode.EndOfLine.CRLF : vscode.EndOfLine.LF;
      await vscode.window.activeTextEditor?.edit((builder) => builder.setEndOfLine(eol));
      await until('other line ends', () => document.eol === eol);
      compare(document, document.lineAt(document.lineCount - 1).range.end);
      for (let i = 0; i < 4; i++) await vscode.commands.executeCommand('undo');
      compare(document, document.positionAt(offset));
    });

  it('the title is that of the heading, also after that was edited', async () => {
    const { document } = await openText(`# 集市\n\n${paragraph}`);
    const end = () => document.positionAt(document.getText().length);
    assert.equal(followed.at(document, end(), maxCharacters).prompt.title, '集市');
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 2), '清晨的');
    await vscode.workspace.applyEdit(edit);
    assert.equal(followed.at(document, end(), maxCharacters).prompt.title, '清晨的集市');
    assert.equal(followed.at(document, new vscode.Position(0, 3), maxCharacters).inProse, false);
  });

  it('a plain text’s title is the name of its file, and one that has no file has none', async () => {
    for (const [{ document, selection }, title] of [
      [await openFile('雨停了。', undefined, '春日.txt'), '春日'],
      [await openText('雨停了。', 'plaintext'), ''],
    ] as const)
      assert.equal(followed.at(document, selection.active, maxCharacters).prompt.title, title);
  });

  it('a plain text’s lines say nothing of its title: they are not read again at each key', async () => {
    const { document } = await openFile(paragraph, undefined, '春日.txt');
    const cursor = () => document.positionAt(document.getText().length);
    followed.at(document, cursor(), maxCharacters);
    const head = followed['heads'].get(document);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), '雨停了。');
    await until('the edit is taken', () => vscode.workspace.applyEdit(edit));
    assert.ok(head && followed['heads'].get(document) === head);
    assert.equal(followed.at(document, cursor(), maxCharacters).prompt.title, '春日');
  });

  it('long front matter is the head, while it is being written and when it is closed', async () => {
    const tags = Array.from({ length: 90 }, (_, i) => `  - 雨${i}`).join('\n');
    const { document } = await openText(`---\ntags:\n${tags}\ntitle: 集市\n`);
    const end = () => document.positionAt(document.getText().length);
    const isProse = () => followed.at(document, end(), maxCharacters).inProse;
    const title = () => followed.at(document, end(), maxCharacters).prompt.title;
    assert.deepEqual([title(), isProse()], ['集市', false]);
    const insert = async (text: string) => {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, end(), text);
      await until('the edit is taken', () => vscode.workspace.applyEdit(edit));
    };
    await insert('---\n\n');
    assert.deepEqual([title(), isProse()], ['集市', true]);
    await insert(paragraph);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, document.lineAt(92).range.end, '之晨');
    await until('the edit is taken', () => vscode.workspace.applyEdit(edit));
    assert.deepEqual([title(), isProse()], ['集市之晨', true]);
  });
});
