import assert from 'node:assert/strict';
import { repairAfterEnter } from '../../../../src/context/style/enterIndent';

describe('Enter in an indented text', () => {
  /** The new line, and those above it from the nearest up. */
  const cases: [string, string, string[], string, number[]][] = [
    ['VS Code has carried it', '　　', ['　　雨停了。'], '', []],
    ['VS Code has not', '', ['　　雨停了。'], '　　', []],
    ['in the middle of a paragraph', '天晴了。', ['　　雨停了。'], '　　', []],
    ['twice', '　　', ['　　', '　　雨停了。'], '', [0]],
    ['twice, the second one not carried', '', ['　　', '　　雨停了。'], '　　', [0]],
    ['twice, neither carried', '', ['', '　　雨停了。'], '　　', []],
    ['three times', '　　', ['　　', '　　', '　　雨停了。'], '', [0, 1]],
    ['in a text without', '', ['雨停了。', '　　天晴了。'], '', []],
    ['at the very beginning', '　　', ['　　'], '', [0]],
    ['below a heading', '', ['　　', '# 雨'], '　　', [0]],
    ['in a list', '- ', ['- 雨'], '', []],
    ['other indents are VS Code’s', '', ['    雨停了。'], '', []],
  ];
  for (const [name, line, above, insert, emptied] of cases)
    it(name, () => assert.deepEqual(repairAfterEnter(line, above), { insert, emptied }));
});
