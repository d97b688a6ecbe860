import assert from 'node:assert/strict';
import fc from 'fast-check';
import { modelStyle, styleOf } from '../../../../src/context/style/documentStyle';
import type { DocumentStyle } from '../../../../src/context/style/documentStyle';
import { toModelForm } from '../../../../src/context/style/modelForm';
import { sameScript } from '../../../../src/context/style/script';
import { StyleStream, inStyle, restyled } from '../../../../src/context/style/styleWriter';

const place = (style: DocumentStyle, before = '', modelBefore = before) => ({
  ...{ style, script: sameScript, before, modelBefore, modelBehind: '' },
});
const toModel = (text: string, style: DocumentStyle) => toModelForm(text, style, false, (form) => form);

/** Texts of one style each, and what the model reads. */
const documents: [string, string, string][] = [
  ['简体', '他说：“走吧，‘老张’在等。”雨停了！', '他说：“走吧，‘老张’在等。”雨停了！'],
  ['「」', '他说：「走吧，『老张』在等。」雨停了！', '他说：“走吧，‘老张’在等。”雨停了！'],
  ['straight', '他说："走吧，快。"她说："好。"', '他说：“走吧，快。”她说：“好。”'],
  ['half-width', '雨停了,天晴了.真好!他(老张)说:走吧?', '雨停了，天晴了。真好！他（老张）说：走吧？'],
  ['half-width with spaces', '雨停了, 天晴了. 真好, 走吧.', '雨停了，天晴了。真好，走吧。'],
  ['commas only', '雨停了,天晴了。真好,走吧。', '雨停了，天晴了。真好，走吧。'],
  ['spaces', '我用 VS Code 写了 3 年，Word 也用。', '我用VS Code写了3年，Word也用。'],
  ['no spaces', '我用VS Code写了3年，Word也用。', '我用VS Code写了3年，Word也用。'],
];

describe('to the model and back', () => {
  for (const [name, text, form] of documents)
    it(name, () => {
      const style = styleOf(text);
      assert.equal(toModel(text, style), form);
      assert.equal(inStyle(form, place(style)), text);
    });

  it('wide letters are read as narrow ones, and a word that began with them goes on so', () => {
    const before = '他买了一部ｉＰｈ';
    const style = styleOf(before);
    assert.equal(toModel(`${before}ｏｎｅ，２０２６年`, style), '他买了一部iPhone，2026年');
    assert.equal(
      inStyle('one，又买了Mac和3本书', place(style, before, toModel(before, style))),
      'ｏｎｅ，又买了Mac和3本书',
    );
  });

  const ends: [string, string][] = [
    ['想起河边的老屋，    ', '想起河边的老屋，'],
    ['想起河边的老屋，\t', '想起河边的老屋，'],
    ['想起河边的老屋， ', '想起河边的老屋，'],
    ['想起河边的老屋　', '想起河边的老屋'],
    ['想起河边的    ', '想起河边的'],
    ['他说：“走吧。”  ', '他说：“走吧。”'],
    ['雨停了,天晴了,    ', '雨停了，天晴了，'],
    // A word may begin here, or goes on.
    ['我用 ', '我用 '],
    ['我用VS ', '我用VS '],
    ['我用VS  ', '我用VS  '],
    ['想起河边的老屋，    我', '想起河边的老屋，    我'],
  ];
  for (const [before, form] of ends)
    it(`blanks at the end that begin no word are not read: ${JSON.stringify(before)}`, () =>
      assert.equal(toModel(before, styleOf(before)), form));

  it('an apostrophe is no quote', () => {
    for (const text of ['他说：「走吧，『老张』在等。」', '他说："走吧。"她说："好。"'])
      assert.equal(inStyle('It’s好', place(styleOf(text))), 'It’s好');
  });

  it('gives the text again, for any style', () => {
    const style = fc.record({
      ...{ script: fc.constant('simplified' as const), variants: fc.constant('') },
      quotes: fc.constantFrom('curly' as const, 'corner' as const, 'straight' as const),
      halfWidth: fc.constantFrom('', '，。？！：；（）'),
      halfGap: fc.constantFrom('' as const, ' ' as const),
      spaced: fc.constantFrom(true, false, null),
      digitsSpaced: fc.constantFrom(true, false, null),
    });
    const word = fc.constantFrom('雨停', '我们', '老张说', '院子');
    const part = fc.oneof(
      word,
      fc.tuple(word, fc.constantFrom('，', '。', '？', '！', '：', '；'), word).map((parts) => parts.join('')),
      word.map((inside) => `“${inside}”`),
      fc.tuple(word, fc.constantFrom('Word', '3', 'VS Code'), word).map((parts) => parts.join('')),
    );
    const form = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(style, form, (one, text) => {
        const written = inStyle(text, place(one));
        assert.equal(toModel(written, one), text);
        assert.equal(inStyle(toModel(written, one), place(one)), written);
      }),
    );
  });

  it('the pieces do not matter', () => {
    fc.assert(
      fc.property(fc.constantFrom(...documents), fc.array(fc.nat(3)), ([, text, form], lengths) => {
        const stream = new StyleStream(place(styleOf(text)));
        let written = '';
        let at = 0;
        for (const length of lengths) written += stream.push(form.slice(at, (at += length)));
        assert.equal(written + stream.push(form.slice(at)) + stream.end(true), text);
      }),
    );
  });

  it('no character is lost or added in the model’s own style', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        // Quotes and brackets have rules of their own: quotePairs.test.ts.
        fc.pre(!/[“”‘’「」『』）》〉】〕]/.test(text));
        assert.equal(inStyle(text, place(modelStyle)), text);
      }),
    );
  });
});

describe('a text that is whole already', () => {
  for (const [name, text, form] of documents) it(name, () => assert.equal(restyled(form, place(styleOf(text))), text));

  it('keeps quotes that have no partner, in the marks of the document', () => {
    assert.equal(restyled('”雨。“走', place(modelStyle)), '”雨。“走');
    assert.equal(restyled('”雨。“走', place(styleOf('「走」'))), '」雨。「走');
  });
});

describe('where text goes on', () => {
  it('the border to the text before counts', () => {
    const spaced = styleOf('我用 Word 写。');
    assert.equal(inStyle('Word', place(spaced, '他用')), ' Word');
    assert.equal(inStyle('Word', place(spaced, '他用 ')), 'Word');
    assert.equal(toModel('他用 ', spaced), '他用');
    assert.equal(inStyle('写', place(spaced, '用 Word')), ' 写');
    const words = styleOf('2026年我用 Word 写。');
    assert.equal(inStyle('用Word写了3年', place(words, '我')), '用 Word 写了3年');
    assert.equal(toModel('2026年我用 Word 写了3 年', words), '2026年我用Word写了3 年');
  });

  it('an indent is not for the model', () => {
    assert.equal(toModel('　　雨停了。\r\n　　天晴了。', modelStyle), '雨停了。\n天晴了。');
  });

  it('addresses and numbers stay', () => {
    const half = styleOf('雨停了,天晴了.');
    assert.equal(toModel('见例.com,共3.14,好.', half), '见例.com，共3.14，好。');
  });
});
