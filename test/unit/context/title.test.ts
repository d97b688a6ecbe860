import assert from 'node:assert/strict';
import { frontMatterGoesOn, titleAndBody } from '../../../src/context/title';

describe('titleAndBody', () => {
  const cases: [string, string, string, boolean, { title: string; headLines: number }][] = [
    ['first heading', '# 故乡的雨\n\n雨', 'a.md', true, { title: '故乡的雨', headLines: 1 }],
    ['heading after blank lines', '\n\n# 雨 #\n', 'a.md', true, { title: '雨', headLines: 3 }],
    ['a heading that ends with #', '# 学 C#\n', 'a.md', true, { title: '学 C#', headLines: 1 }],
    ['a heading that is underlined', '\n雨\n==\n', 'a.md', true, { title: '雨', headLines: 3 }],
    ['what is no underlined heading', '- 雨\n==\n', '雪.md', true, { title: '雪', headLines: 0 }],
    ['nor is code', '```\n==\n```\n', '雪.md', true, { title: '雪', headLines: 0 }],
    ['nor in plain text', '雨\n==\n', '雪.txt', false, { title: '雪', headLines: 0 }],
    ['below a picture', '![封面](a.png)\n\n# 雨\n', 'a.md', true, { title: '雨', headLines: 3 }],
    ['below a comment', '<!-- 甲\n乙 -->\n<!-- 丙 -->\n# 雨', 'a.md', true, { title: '雨', headLines: 4 }],
    ['below badges', '[![甲](a.svg)](b) ![乙][c]\n雨\n==', 'a.md', true, { title: '雨', headLines: 3 }],
    ['below badges that are cut off', '[![甲](a.svg)](b) [![乙](https', '雪.md', true, { title: '雪', headLines: 0 }],
    ['below tags', '<p align="center">\n<img src="a">\n</p>\n[TOC]\n# 雨', 'a.md', true, { title: '雨', headLines: 5 }],
    ['not below words', '![封面](a.png) 图一\n# 雨', '雪.md', true, { title: '雪', headLines: 0 }],
    ['nor behind a comment', '<!-- 甲 --> 图一\n# 雨', '雪.md', true, { title: '雪', headLines: 0 }],
    ['a picture alone', '![封面](a.png)\n', '雪.md', true, { title: '雪', headLines: 0 }],
    [
      'a heading without its marks',
      ' # **学** `C*` [雨](a.md)[^1] {#rain}',
      'a.md',
      true,
      { title: '学 C* 雨', headLines: 1 },
    ],
    ['a heading that is a picture', '# ![雨](a.png)\n', '雪.md', true, { title: '雪', headLines: 1 }],
    ['front matter', '---\ntags: [a]\ntitle: "雨"\n---\n雨', 'a.md', true, { title: '雨', headLines: 4 }],
    ['front matter and heading', '---\ntitle: 甲\n---\n# 乙\n', 'a.md', true, { title: '乙', headLines: 4 }],
    ['a title below its key', '---\ntitle: >-\n  甲\n---\n雨', '乙.md', true, { title: '甲', headLines: 4 }],
    ['a key that has none yet', '---\ntitle: >-\n---\n雨', '乙.md', true, { title: '乙', headLines: 3 }],
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
    [
      'front matter in TOML',
      '+++\ntitle = "雨"\ntags = [\n  "甲",\n]\n[params]\n+++\n雨',
      'a.md',
      true,
      { title: '雨', headLines: 7 },
    ],
    ['the same, being written', '+++\ntitle = "甲"\n[params]\nauth', '乙.md', true, { title: '甲', headLines: 4 }],
    ['each closed by its own', '+++\ntitle = "甲"\n---\n雨', '乙.md', true, { title: '甲', headLines: 2 }],
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
    ['Windows’ name of a new file', '雨', '新建文本文档.txt', false, { title: '', headLines: 0 }],
    ['dates', '雨', '2026-11-24.md', true, { title: '', headLines: 0 }],
    ['Untitled-1', '', 'Untitled-1', false, { title: '', headLines: 0 }],
    ['empty document', '', '', true, { title: '', headLines: 0 }],
  ];
  for (const [name, text, fileName, isMarkdown, expected] of cases)
    it(name, () => assert.deepEqual(titleAndBody(text.split('\n'), fileName, isMarkdown), expected));

  it('a new file’s name says nothing, whoever gives it, and one of its own does', () => {
    const titleOf = (name: string) => titleAndBody(['雨'], name, false).title;
    for (const name of [
      '新建 文本文档 (2).txt',
      '新建 Markdown 文档.md',
      'New Text Document.txt',
      '新文件.md',
      '未命名 2.md',
    ])
      assert.equal(titleOf(name), '', name);
    for (const name of ['新年', '新闻 2', '草稿箱里的信', '文件柜', '新春走基层（2）'])
      assert.equal(titleOf(`${name}.md`), name);
  });

  it('front matter goes on until it is closed or prose stands there', () => {
    const goesOn = (text: string) => frontMatterGoesOn(text.split('\n'));
    assert.equal(goesOn('---\ntitle: 甲'), true);
    assert.equal(goesOn('---\ntitle: 甲\n\nsummary: >\n  雨'), true);
    assert.equal(goesOn('---\ntitle: 甲\n---'), false);
    assert.equal(goesOn('---\ntitle: 甲\n雨停了。'), false);
    assert.equal(goesOn('---\n雨停了。'), false);
    assert.equal(goesOn('+++\ntitle = "甲"\n\n[params]'), true);
    assert.equal(goesOn('+++\ntitle = "甲"\n+++'), false);
    assert.equal(goesOn('# 甲'), false);
  });
});
