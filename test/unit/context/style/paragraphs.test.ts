import assert from 'node:assert/strict';
import { ParagraphWriter, lineBefore, paragraphStyle } from '../../../../src/context/style/paragraphs';
import type { LineBefore } from '../../../../src/context/style/paragraphs';

describe('paragraphStyle', () => {
  const cases: [string, string, boolean, { blankLine: boolean; indent: string }][] = [
    ['Markdown with nothing to learn from', '雨', true, { blankLine: true, indent: '' }],
    ['plain text with nothing to learn from', '雨', false, { blankLine: false, indent: '' }],
    ['Markdown with blank lines', '甲\n\n乙\n\n丙', true, { blankLine: true, indent: '' }],
    ['Markdown without', '甲\n乙\n丙', true, { blankLine: false, indent: '' }],
    ['plain text with indents', '　　甲\n　　乙', false, { blankLine: false, indent: '　　' }],
    ['plain text with blank lines', '甲\n\n乙\n\n丙', false, { blankLine: true, indent: '' }],
    ['one indented line among many is a quotation', '甲\n乙\n  丙\n丁', false, { blankLine: false, indent: '' }],
    ['headings are no paragraphs', '# 题\n\n　　甲', true, { blankLine: true, indent: '　　' }],
  ];
  for (const [name, text, isMarkdown, expected] of cases)
    it(name, () => assert.deepEqual(paragraphStyle(text, isMarkdown, '\n'), { ...expected, eol: '\n', container: '' }));
});

describe('ParagraphWriter', () => {
  const write = (
    style: { blankLine: boolean; indent: string; eol: string; container?: string },
    before: LineBefore,
    ...pieces: string[]
  ) => {
    const writer = new ParagraphWriter({ container: '', ...style }, before);
    return pieces.map((piece) => writer.write(piece)).join('');
  };
  const novel = { blankLine: false, indent: '　　', eol: '\r\n' };
  const markdown = { blankLine: true, indent: '', eol: '\n' };

  it('indents new paragraphs, not the one it goes on with', () => {
    assert.equal(write(novel, 'text', '雨停了。', '\n天', '晴了。'), '雨停了。\r\n　　天晴了。');
  });

  it('indents at the beginning of a line', () => {
    assert.equal(write(novel, 'nothing', '天晴了。'), '　　天晴了。');
  });

  it('puts an empty line between paragraphs, never two', () => {
    assert.equal(write(markdown, 'text', '雨停了。\n', '\n', '天晴了。'), '雨停了。\n\n天晴了。');
    assert.equal(write(markdown, 'nothing', '\n', '天晴了。'), '天晴了。');
  });

  it('goes on with lists and quotations in kind', () => {
    assert.equal(
      write({ ...novel, eol: '\n', container: '- ' }, 'text', '雨停了。\n', '天晴了。'),
      '雨停了。\n- 天晴了。',
    );
    assert.equal(write({ ...markdown, container: '3. ' }, 'text', '雨。\n风。\n雪。'), '雨。\n3. 风。\n4. 雪。');
    assert.equal(write({ ...markdown, container: '> ' }, 'text', '雨。\n风。'), '雨。\n>\n> 风。');
  });

  it('begins where the writer has begun a paragraph, whether or not the model thinks that it must begin one', () => {
    for (const begun of [
      ['', '\n'],
      ['\n', '\n\n'],
    ].flat()) {
      assert.equal(
        write({ ...markdown, container: '3. ' }, 'marker', begun, '雨。\n风。'),
        '雨。\n3. 风。',
        JSON.stringify(begun),
      );
      assert.equal(write(novel, 'marker', begun, '雨。\n风。'), '雨。\r\n　　风。', JSON.stringify(begun));
    }
  });

  it('the pieces do not matter', () => {
    const text = '甲乙。\n丙𠮷丁。\n戊';
    assert.equal(write(novel, 'nothing', ...Array.from(text)), write(novel, 'nothing', text));
  });
});

describe('lineBefore', () => {
  const cases: [string, boolean, LineBefore][] = [
    ['', true, 'nothing'],
    ['雨', true, 'text'],
    ['　　', false, 'marker'],
    ['　　雨', false, 'text'],
    ['- ', true, 'marker'],
    ['- ', false, 'text'],
    ['  12. ', true, 'marker'],
    ['- [ ] ', true, 'marker'],
    ['> ', true, 'marker'],
    ['> - ', true, 'marker'],
    ['> 雨', true, 'text'],
    ['# ', true, 'text'],
  ];
  for (const [line, isMarkdown, expected] of cases)
    it(`${JSON.stringify(line)} in ${isMarkdown ? 'Markdown' : 'plain text'}`, () =>
      assert.equal(lineBefore(line, isMarkdown), expected));
});
