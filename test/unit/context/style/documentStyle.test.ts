import assert from 'node:assert/strict';
import { documentStyle, styleOf } from '../../../../src/context/style/documentStyle';
import type { DocumentStyle } from '../../../../src/context/style/documentStyle';
import { addCounts, countStyle } from '../../../../src/context/style/styleCounts';

describe('documentStyle', () => {
  const cases: [string, string, Partial<DocumentStyle>][] = [
    ['简体 with “”', '他们说：“这个院子很大。”', { script: 'simplified', quotes: 'curly', halfWidth: '' }],
    ['繁體 with 「」', '他們說：「這個院子很大。」', { script: 'traditional', quotes: 'corner' }],
    ['繁體 without quotes takes 「」', '他們說這個院子很大。', { quotes: 'corner' }],
    ['繁體 with “”', '他們說：“這個院子很大。”', { script: 'traditional', quotes: 'curly' }],
    ['简体 with 「」', '他们说：「这个院子很大。」', { script: 'simplified', quotes: 'corner' }],
    ['straight quotes', '他们说:"这个院子很大。"', { quotes: 'straight' }],
    ['half-width', '雨停了,天晴了.真好!', { halfWidth: '，。？！：；（）', halfGap: '' }],
    ['half-width with spaces', '雨停了, 天晴了, 真好. 我出门.', { halfWidth: '，。？！：；（）', halfGap: ' ' }],
    ['half-width commas, full stops', '雨停了,天晴了,真好。我出门。', { halfWidth: '，' }],
    ['full-width with one slip', '雨停了,天晴了，真好，我出门。', { halfWidth: '' }],
    ['numbers are no marks', '圆周率是3.14，时间是10:30。', { halfWidth: '' }],
    ['spaces', '我用 VS Code 写了 3 年。', { spaced: true }],
    ['no spaces', '我用VS Code写了3年。', { spaced: false }],
    ['spaces around words, none around numbers', '2026年我用 Word 写了3年。', { spaced: true, digitsSpaced: false }],
    ['numbers as words, where there are none', '我用 Word 写。', { spaced: true, digitsSpaced: true }],
    ['words as numbers', '写了3年。', { spaced: false, digitsSpaced: false }],
    ['now so, now so', '我用 Word写，写了3 年。', { spaced: null, digitsSpaced: null }],
    ['shows nothing', '', { script: 'simplified', quotes: 'curly', halfWidth: '', spaced: null }],
  ];
  for (const [name, text, expected] of cases)
    it(name, () => {
      const style = styleOf(text);
      for (const [key, value] of Object.entries(expected)) assert.equal(style[key as keyof DocumentStyle], value, key);
    });

  it('where nothing is shown, the interface tells the script', () => {
    assert.equal(styleOf('', 'zh-tw').script, 'traditional');
    assert.equal(styleOf('', 'zh-cn').script, 'simplified');
    assert.equal(styleOf('我们', 'zh-tw').script, 'simplified');
  });

  it('writes the forms that the document writes', () => {
    const taiwan = styleOf('這裡的人們說著話。').variants;
    assert.ok(/裡/.test(taiwan) && /著/.test(taiwan) && !/着/.test(taiwan));
    const hongKong = styleOf('這裏的人們説話。').variants;
    assert.ok(/裏/.test(hongKong) && /着/.test(hongKong) && /説/.test(hongKong) && /衞/.test(hongKong));
    assert.ok(/臺/.test(styleOf('臺灣這個地方').variants));
    assert.ok(/台/.test(styleOf('台灣這個地方').variants));
  });

  it('counts of parts add up', () => {
    const parts = ['他們說：「雨停了。」', '這裡 is 3 年前,的事。', '我们用Word。'];
    const sum = parts.map(countStyle).reduce(addCounts);
    assert.deepEqual(sum, countStyle(parts.join('\n')));
    assert.deepEqual(documentStyle(sum, ''), styleOf(parts.join('\n')));
  });
});
