import assert from 'node:assert/strict';
import { asMarkdown, bodyText, insertion } from '../../../src/editor/article/articleText';
import { article } from './fakes';

const written = article({ title: '雨', opening: '雨停了。\n', text: '\n天晴了。\n我出门。' });

describe('an article as text', () => {
  it('is its opening and what followed, a line to a paragraph', () => {
    assert.equal(
      bodyText(article({ opening: '雨停了。', text: '天晴了。\n我出门。\n' })),
      '雨停了。天晴了。\n我出门。',
    );
  });

  it('is a Markdown document with its title', () => {
    assert.equal(asMarkdown(written), '# 雨\n\n雨停了。\n\n天晴了。\n\n我出门。\n');
  });
});

describe('insertion', () => {
  const markdown = { blankLine: true, indent: '', eol: '\n', container: '' };
  const plain = { blankLine: false, indent: '', eol: '\r\n', container: '' };
  const novel = { blankLine: false, indent: '　　', eol: '\n', container: '' };
  const alone = { lineAbove: null, before: '', after: '', lineBelow: null };
  const insert = (around: Partial<typeof alone> | Record<string, string>, style = markdown) =>
    insertion(article({ text: '甲。\n乙。' }), { ...alone, ...around }, style);

  it('separates paragraphs as the document does', () => {
    assert.equal(insert({}), '甲。\n\n乙。');
    assert.equal(insert({}, plain), '甲。\r\n乙。');
    assert.equal(insert({}, novel), '　　甲。\n　　乙。');
  });

  it('begins a new paragraph behind text', () => {
    assert.equal(insert({ before: '# 雨' }), '\n\n甲。\n\n乙。');
    assert.equal(insert({ before: '雨停了。' }, novel), '\n　　甲。\n　　乙。');
  });

  it('makes a paragraph of the rest of a line', () => {
    assert.equal(insert({ before: '雨停', after: '了。' }), '\n\n甲。\n\n乙。\n\n');
    assert.equal(insert({ before: '　　雨停', after: '了。' }, novel), '\n　　甲。\n　　乙。\n　　');
    assert.equal(insert({ after: '　　雨停了。' }, novel), '　　甲。\n　　乙。\n');
  });

  it('is in the document’s style', () => {
    const restyled = (text: string) => text.replaceAll('。', '.');
    assert.equal(insertion(article({ text: '甲。\n乙。' }), alone, novel, restyled), '　　甲.\n　　乙.');
  });

  it('has the document’s quotes, whatever its own are', () => {
    const restyled = (text: string) => text.replace(/[“”]/g, (quote) => (quote === '“' ? '<' : '>'));
    for (const opening of ['“甲。”', '「甲。」', '"甲。"']) {
      const written = article({ opening, text: opening });
      assert.equal(insertion(written, alone, plain, restyled), '<甲。><甲。>');
    }
  });

  it('does not indent twice', () => {
    assert.equal(insert({ before: '　　' }, novel), '甲。\n　　乙。');
  });

  it('leaves an empty line above and below where the document has them', () => {
    assert.equal(insert({ lineAbove: '雨停了。', lineBelow: '风起了。' }), '\n甲。\n\n乙。\n');
    assert.equal(insert({ lineAbove: '', lineBelow: '' }), '甲。\n\n乙。');
    assert.equal(insert({ lineAbove: '雨停了。', lineBelow: '风起了。' }, plain), '甲。\r\n乙。');
  });
});
