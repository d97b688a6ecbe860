import assert from 'node:assert/strict';
import { frontMatterGoesOn, titleAndBody } from '../../../src/context/title';

describe('titleAndBody', () => {
  const cases: [string, string, string, boolean, { title: string; headLines: number }][] = [
    ['first heading', '# 故乡的雨\n\n雨', 'a.md', true, { title: '故乡的雨', headLines: 1 }],
    ['heading after blank lines', '\n\n# 雨 #\n', 'a.md', true, { title: '雨', headLines: 3 }],
    ['a heading that ends with #', '# 学 C#\n', 'a.md', true, { title: '学 C#', headLines: 1 }],
    ['front matter', '---\ntags: [a]\ntitle: "雨"\n---\n雨', 'a.md', true, { title: '雨', headLines: 4 }],
    ['front matter and heading', '---\ntitle: 甲\n---\n# 乙\n', 'a.md', true, { title: '乙', headLines: 4 }],
    ['front matter that is being written', '---\ntitle: 甲\n', '乙.md', true, { title: '甲', headLines: 3 }],
    ['its first letters', '---\nti', '乙.md', true, { title: '乙', headLines: 2 }],
    ['its next key', '---\ntitle: 甲\ntag', '乙.md', true, { title: '甲', headLines: 3 }],
    [
      'lists, comments, what is indented, a key in Chinese',
      '---\ntitle: 甲\ntags:\n- 雨\n# 草稿\nsummary: |\n  雨停了。\n标签: 雨\n雨停了。',
      '乙.md',
      true,
      { title: '甲', headLines: 8 },
    ],
    ['prose under what is not closed', '---\ntitle: 甲\n雨停了。', '乙.md', true, { title: '甲', headLines: 2 }],
    ['a list in the body', '---\ntitle: 甲\n\n- 雨停了。', '乙.md', true, { title: '甲', headLines: 3 }],
    ['a heading in the body', '---\ntitle: 甲\n\n# 丙\n', '乙.md', true, { title: '丙', headLines: 4 }],
    ['a line above prose', '---\n雨停了。\n', '乙.md', true, { title: '乙', headLines: 0 }],
    ['a line above what somebody says', '---\n他说: 好。\n', '乙.md', true, { title: '乙', headLines: 0 }],
    ['a line alone', '---\n', '乙.md', true, { title: '乙', headLines: 0 }],
    [
      'long front matter',
      `---\n${'tag: 雨\n'.repeat(80)}title: 甲\n\n---\n雨`,
      '乙.md',
      true,
      { title: '甲', headLines: 84 },
    ],
    ['second-level heading is no title', '## 一\n', '游记.md', true, { title: '游记', headLines: 0 }],
    ['file name', '雨', '春日的午后.txt', false, { title: '春日的午后', headLines: 0 }],
    ['plain text has no headings', '# 雨', '雪.txt', false, { title: '雪', headLines: 0 }],
    ['file names that say nothing', '雨', 'README.md', true, { title: '', headLines: 0 }],
    ['dates', '雨', '2026-11-24.md', true, { title: '', headLines: 0 }],
    ['Untitled-1', '', 'Untitled-1', false, { title: '', headLines: 0 }],
    ['empty document', '', '', true, { title: '', headLines: 0 }],
  ];
  for (const [name, text, fileName, isMarkdown, expected] of cases)
    it(name, () => assert.deepEqual(titleAndBody(text.split('\n'), fileName, isMarkdown), expected));

  it('front matter goes on until it is closed or prose stands there', () => {
    const goesOn = (text: string) => frontMatterGoesOn(text.split('\n'));
    assert.equal(goesOn('---\ntitle: 甲'), true);
    assert.equal(goesOn('---\ntitle: 甲\n\nsummary: >\n  雨'), true);
    assert.equal(goesOn('---\ntitle: 甲\n---'), false);
    assert.equal(goesOn('---\ntitle: 甲\n雨停了。'), false);
    assert.equal(goesOn('---\n雨停了。'), false);
    assert.equal(goesOn('# 甲'), false);
  });
});
