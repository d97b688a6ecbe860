import assert from 'node:assert/strict';
import { mayEnd, stopIndex } from '../../../src/context/stopIndex';
import type { StopAt } from '../../../src/options';

describe('stopIndex', () => {
  const verse = '春眠不觉晓\n'.repeat(21).trim();
  const cases: [string, StopAt, number, string | null][] = [
    ['下雨了。我', 'sentence', 0, '下雨了。'],
    ['下雨了。', 'sentence', 0, null], // a ” may follow
    ['“下雨了。”他说', 'sentence', 0, '“下雨了。”'],
    ['真的？！……”）她', 'sentence', 0, '真的？！……”）'],
    ['走吧，慢慢', 'sentence', 0, null],
    ['下雨了\n我', 'sentence', 0, '下雨了'],
    ['\n下雨了。我', 'sentence', 0, '\n下雨了。'],
    ['一。二。三。四', 'sentence', 3, '一。二。'],
    ['VS Code 是编辑器。好。我', 'sentence', 8, 'VS Code 是编辑器。好。'], // 7 字 before 好
    ['一。\n二。三', 'paragraph', 0, '一。'],
    ['一。\n二。\n三', 'paragraph', 3, '一。\n二。'],
    ['一。\n二', 'none', 0, null],
    ['', 'sentence', 0, null],
    ['他说：\n“好。”我', 'sentence', 3, '他说：\n“好。”'], // what was begun is ended
    ['好。”\n我', 'sentence', 3, '好。”'],
    [`${verse}\n`, 'sentence', 3, verse], // but not for ever
  ];
  for (const [text, stopAt, minCharacters, expected] of cases)
    it(`${JSON.stringify(text)}, ${stopAt}, from ${minCharacters} → ${JSON.stringify(expected)}`, () => {
      const index = stopIndex(text, stopAt, minCharacters);
      assert.equal(index < 0 ? null : text.slice(0, index), expected);
    });
});

describe('a text', () => {
  it('may end with a sentence where that is wanted, and when it is long enough', () => {
    for (const text of ['下雨了。', '“好！”', '走吧……\n', '雨'.repeat(103)])
      assert.ok(mayEnd(text, 'sentence', 3), text);
    for (const text of ['他说：', '走。', '下雨了', '雨'.repeat(102)]) assert.ok(!mayEnd(text, 'sentence', 3), text);
    assert.ok(mayEnd('他说：', 'none', 3));
    assert.ok(mayEnd('', 'sentence', 0));
  });
});
