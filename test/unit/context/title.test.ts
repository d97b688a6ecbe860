import assert from 'node:assert/strict';
import { titleAndBody } from '../../../src/context/title';

describe('titleAndBody', () => {
  const cases: [string, string, string, boolean, { title: string; headLines: number }][] = [
    ['first heading', '# 故乡的雨\n\n雨', 'a.md', true, { title: '故乡的雨', headLines: 1 }],
    ['heading after blank lines', '\n\n# 雨 #\n', 'a.md', true, { title: '雨', headLines: 3 }],
    ['a heading that ends with #', '# 学 C#\n', 'a.md', true, { title: '学 C#', headLines: 1 }],
    ['front matter', '---\ntags: [a]\ntitle: "雨"\n---\n雨', 'a.md', true, { title: '雨', headLines: 4 }],
    ['front matter and heading', '---\ntitle: 甲\n---\n# 乙\n', 'a.md', true, { title: '乙', headLines: 4 }],
    ['unclosed front matter is text', '---\ntitle: 甲\n', '乙.md', true, { title: '乙', headLines: 0 }],
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
});
