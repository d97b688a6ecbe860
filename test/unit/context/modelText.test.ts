import assert from 'node:assert/strict';
import { hasHan, isChinese, toModelText } from '../../../src/context/modelText';

describe('toModelText', () => {
  const cases: [string, string][] = [
    ['　　春天来了。\r\n\r\n　　花开了，', '春天来了。\n花开了，'],
    ['一\n\n\n  二', '一\n二'],
    ['一\n　　', '一\n'],
    // Below a heading, with an empty line between.
    ['\n\n　　一\n', '一\n'],
    ['\r\n', ''],
    ['一 二', '一 二'],
    ['', ''],
  ];
  for (const [text, expected] of cases) it(JSON.stringify(text), () => assert.equal(toModelText(text), expected));

  it('a text that grows keeps its beginning', () => {
    const text = '　　甲。\n\n　　乙，\n丙';
    for (let i = 1; i < text.length; i++)
      assert.ok(toModelText(text).startsWith(toModelText(text.slice(0, i)).trimEnd()), text.slice(0, i));
  });
});

describe('hasHan', () => {
  it('knows Han, rare Han too, from Latin, kana and punctuation', () => {
    assert.deepEqual(['雨', 'a𠮷b', 'rain', 'あめ', '。', ''].map(hasHan), [true, true, false, false, false, false]);
  });
});

describe('isChinese', () => {
  const cases: [string, string, string, boolean][] = [
    ['', '雨停了', 'en', true],
    ['故乡的雨', '', 'en', true],
    ['故乡的雨', '\n\n', 'en', true],
    ['', '', 'zh-cn', true],
    ['chapter1', '\n', 'zh-tw', true],
    ['', '', 'en', false],
    ['', 'The rain', 'zh-cn', false],
    ['chapter1', '', 'en', false],
  ];
  for (const [title, text, locale, expected] of cases)
    it(JSON.stringify([title, text, locale]), () => assert.equal(isChinese(title, text, locale), expected));
});
