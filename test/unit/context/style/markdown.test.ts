import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BlockIndex } from '../../../../src/context/style/blockIndex';
import {
  beginsBlock,
  containerOf,
  isProse,
  nextContainer,
  restOfHeading,
  takesIndented,
  withoutMarkup,
} from '../../../../src/context/style/markdown';

const open = { text: '', block: 'text', endsParagraph: true, isInList: false } as const;

describe('isProse', () => {
  /** | is the cursor. */
  const cases: [string, boolean, string?][] = [
    ['雨停了|', true],
    ['|', true],
    ['- 雨停了|', true],
    ['- |', true],
    ['-|', false],
    ['1.|', false],
    ['1. |', true],
    ['> 雨停了|', true],
    ['> - 雨|', true],
    ['## 雨|', true],
    ['##|', false],
    ['    code|', false],
    ['\tcode|', false],
    ['　　雨|', true],
    ['用 `npm|', false],
    ['用 `npm` 来|', true],
    ['用 ``a`b`` 来|', true],
    ['用 ``a`b|', false],
    ['[祖父|', true],
    ['[祖父](http|', false],
    ['[祖父](a.md)的|', true],
    ['![图](雨|', false],
    ['[1]: 雨|', false],
    ['<span|', false],
    ['<b>雨|', true],
    ['<https://a|', false],
    ['见 https://a.cn/b|', false],
    ['见 https://a.cn/b 雨|', true],
    ['见https://a.cn，雨|', true],
    ['<!-- 雨|', false],
    ['<!-- 雨 -->雨|', true],
    ['%% 雨|', false],
    ['他说 %%记得改|', false],
    ['他说 %%记得改%% 雨|', true],
    ['涨了 5%%，雨|', true],
    ['公式 $x + |', false],
    ['公式 $x$ 是|', true],
    ['花了 $5 买|', true],
    ['$$x|', false],
    ['人均| $$', true],
    ['人均 $$|', false],
    ['| 甲 | 乙|', false],
    ['| --- | --- ||', false],
    ['甲 | 乙|', true],
    ['甲 | 乙|', false, '--- | ---'],
    ['```js|', false],
    ['```npm``` 来|', true],
    ['\\`雨|', true],
    // Footnotes: the note is prose, its mark is none.
    ['[^1]: 雨|', true],
    ['  [^注]: 雨|', true],
    ['[^1]:|', false],
    ['[^1|', false],
    ['雨[^1|', false],
    ['雨[^1]|', true],
    ['- [|', false],
    ['- [ |', false],
    ['- [ ]|', false],
    ['- [ ] |', true],
    ['- [x] 雨|', true],
    ['-----|', false],
    ['===|', false],
    ['12|', false],
    ['12. |', true],
    ['2024|', true],
    [':::tip|', false],
    ['若 a<b，则|', true],
    ['若 a<b 时|', true],
    ['<a href="雨|', false],
    ['<br |', false],
    ['公式 $|', false],
    ['公式 $2x + |', false],
    ['公式 $2x$ 是|', true],
    ['花了 $5|', true],
    ['花了 $5M，后来|', true],
    ['按 <kbd>Ctrl|', false],
    ['按 <kbd>Ctrl</kbd> 再|', true],
    ['<pre>雨|', false],
    ['{{ page.|', false],
    ['{{ page }} 雨|', true],
    ['{% raw|', false],
    // A formula within a line; its line goes on, and so does the text below.
    ['$$x$$ 是|', true],
    ['见 [[春|', false],
    ['见 [[春]|', false],
    ['见 ![[图|', false],
    ['见 [[春天|四|', true],
    ['见 [[春天]] 雨|', true],
    ['> [!NOTE|', false],
    ['> [!NOTE]|', false],
    // Keys of references and names of places; the words around them are prose.
    ['见 [@|', false],
    ['见 [@zhang20|', false],
    ['见 [@张三20|', false],
    ['见 [参考 @zhang2020; @li|', false],
    ['见 [@zhang2020, 第 3 页的|', true],
    ['见 [@zhang2020] 的|', true],
    ['如 @zhang20|', false],
    ['如 @zhang2020 的|', true],
    ['@张三|', true],
    ['写信到 yu@a.|', false],
    ['见图 \\re|', false],
    ['见图 \\ref{fig:|', false],
    ['见图 \\ref{fig:rain} 中|', true],
    ['见 \\citep[3]{zhang|', false],
    ['\\textbf{雨|', true],
    ['## 引言 {|', false],
    ['## 引言 {#sec-|', false],
    ['![雨](a.png){width=|', false],
    ['[雨]{.mark|', false],
    ['集合{雨|', true],
    ['- ```js|', false],
    // A row whose outer lines are left out begins as any line does; only an empty line ends a table.
    ['雨|', false, '| 甲 | 乙 |'],
    ['|', false, '| --- | --- |'],
    ['雨|', false, '--- | ---'],
    ['雨|', true, '甲 | 乙'],
    ['雨|', true, '---'],
  ];
  for (const [line, expected, above = ''] of cases)
    it(`${above}${above && ' ⏎ '}${line} ${expected ? '' : 'is none'}`, () => {
      const column = line.lastIndexOf('|');
      const text = line.slice(0, column) + line.slice(column + 1);
      assert.equal(isProse(text, column, { ...open, text: above }), expected);
    });

  it('lines indented by four spaces go on with a paragraph or a list', () => {
    assert.equal(isProse('    雨', 5, { ...open, endsParagraph: false }), true);
    assert.equal(isProse('    雨', 5, { ...open, isInList: true }), true);
  });

  it('and with a note, a definition or a box', () => {
    for (const line of ['- 雨', '[^1]: 雨', ':   雨', '!!! note "雨"', '??? tip', '???+ tip', '=== "雨"'])
      assert.ok(takesIndented(line), line);
    for (const line of ['雨', '!!!雨', '===', '：雨']) assert.ok(!takesIndented(line), line);
  });

  it('is none in blocks', () => {
    for (const block of ['fence', 'math', 'comment', 'raw'] as const)
      assert.equal(isProse('雨', 1, { ...open, block }), false);
  });
});

describe('lists and quotations', () => {
  const next: [string, string][] = [
    ['- 雨', '- '],
    ['* 雨', '* '],
    ['9. 雨', '10. '],
    ['2) 雨', '3) '],
    ['- [x] 雨', '- [ ] '],
    ['> 雨', '> '],
    ['> - 雨', '> - '],
    ['  - 雨', '  - '],
    ['雨', ''],
    ['2024 年', ''],
    ['-雨', ''],
  ];
  for (const [line, expected] of next) it(`${line} → ${expected}`, () => assert.equal(nextContainer(line), expected));

  it('are read without their marks', () => {
    assert.equal(withoutMarkup('## 雨\n- 甲\n> 乙\n1. **丙**\n丁'), '雨\n甲\n乙\n丙\n丁');
    assert.equal(withoutMarkup('雨[^1]停了[^注]。\n[^1]: 甲\n> [^注]:乙'), '雨停了。\n甲\n乙');
    assert.equal(withoutMarkup('见[^1]: 雨，[雨]和 \\[^1]'), '见: 雨，[雨]和 \\[^1]');
    assert.equal(containerOf('> 1. 雨'), '> 1. ');
  });

  it('are not begun by a ghost', () => {
    for (const text of ['# 雨', '- 雨', '1. 雨', '> 雨', '```', '    雨', '| 雨', '---'])
      assert.ok(beginsBlock(text), text);
    for (const text of ['雨', '-雨', '1.5 倍', '2024', '“雨', '　　雨', '*雨*']) assert.ok(!beginsBlock(text), text);
  });
});

describe('restOfHeading', () => {
  const cases: [string, string][] = [
    ['院子，天黑了。', '院子'],
    ['写作？我想', '写作？'],
    ['，天黑', ''],
    ['一：祖父的院子——雨', '一：祖父的院子——雨'],
    ['雨……', '雨'],
    ['《雨，夜》，第二', '《雨，夜》'],
    ['第1,000天', '第1,000天'],
    ['“他说，走', '“他说，走'],
  ];
  for (const [ghost, rest] of cases) it(`of ${ghost} is ${rest}`, () => assert.equal(restOfHeading(ghost), rest));
});

describe('BlockIndex', () => {
  const read = (lines: string[]) => {
    const index = new BlockIndex();
    index.read(0, lines);
    return lines.map((_, line) => index.at(line));
  };

  it('knows code, mathematics and comments', () => {
    const [text, code, math, comment, raw] = ['text', 'fence', 'math', 'comment', 'raw'];
    assert.deepEqual(read(['```js', 'a', '~~~', '```', '雨']), [text, code, code, code, text]);
    assert.deepEqual(read(['~~~~', '~~~', '~~~~', '雨']), [text, code, code, text]);
    assert.deepEqual(read(['$$', 'x', '$$', '$$x$$', '雨']), [text, math, math, text, text]);
    assert.deepEqual(read(['<!--', '雨', '--> 雨', '雨']), [text, comment, comment, text]);
    assert.deepEqual(read(['<!-- 雨 -->', '雨']), [text, text]);
    assert.deepEqual(read(['<pre>', '雨', '</pre>', '雨']), [text, raw, raw, text]);
    assert.deepEqual(read(['<style lang="css">', '<script>', '</style>雨', '雨']), [text, raw, raw, text]);
    assert.deepEqual(read(['<pre>雨</pre>', '<preface>', '雨']), [text, text, text]);
    assert.deepEqual(read(['```', '雨']), [text, code]);
    // Code within a line begins no block, whatever stands in it.
    assert.deepEqual(read(['```npm``` 装好了', '雨']), [text, text]);
    assert.deepEqual(read(['注释以 `<!--` 开头', '雨']), [text, text]);
    assert.deepEqual(read(['<!-- `', '-->', '雨']), [text, comment, text]);
    assert.deepEqual(read(['%%', '雨', '', '雨 %%', '雨']), [text, comment, comment, comment, text]);
    assert.deepEqual(read(['%%雨%%', '雨']), [text, text]);
    assert.deepEqual(read(['涨了 5%%', '雨']), [text, text]);
    assert.deepEqual(read(['    %%time', '雨']), [text, text]);
  });

  it('knows code and mathematics that begin in a list, or end with more behind them', () => {
    const [text, code, math, raw] = ['text', 'fence', 'math', 'raw'];
    assert.deepEqual(read(['1. ```bash', '   npm i', '   ```', '2. 雨']), [text, code, code, text]);
    assert.deepEqual(read(['> - ~~~', '>   a', '>   ~~~', '雨']), [text, code, code, text]);
    // A list in code is code.
    assert.deepEqual(read(['```md', '- ```', '```', '雨']), [text, code, code, text]);
    assert.deepEqual(read(['- $$', '  x', '  $$', '雨']), [text, math, math, text]);
    assert.deepEqual(read(['其中 $$', 'x', '$$', '雨']), [text, math, math, text]);
    assert.deepEqual(read(['$$x$$ 是方程。', '雨']), [text, text]);
    assert.deepEqual(read(['$$', 'x', '$$。', '雨']), [text, math, math, text]);
    assert.deepEqual(read(['$$x', 'y$$，其中', '雨']), [text, math, text]);
    for (const line of ['变量 $$ 是进程号', '人均 $$$', '用 `$$`', '\\$$'])
      assert.deepEqual(read([line, '雨']), [text, text], line);
    // Behind words it ends with its paragraph, and is none where that ends first.
    assert.deepEqual(read(['人均 $$', '', '雨', '', '其中 $$', 'x', '$$', '雨']).slice(1), [
      ...[text, text, text, text],
      ...[math, math, text],
    ]);
    assert.deepEqual(read(['> 人均 $$', '>', '> 雨']), [text, text, text]);
    assert.deepEqual(read(['- 人均：$$', '- 地址：雨巷']), [text, text]);
    assert.deepEqual(read(['人均 $$', '```', 'x', '```', '雨']), [text, text, code, code, text]);
    assert.deepEqual(read(['其中 $$', '雨', '', '雨']), [text, text, text, text]);
    assert.deepEqual(read(['其中 $$', '\\begin{align}', 'x', '\\end{align}', '$$', '雨']).slice(-2), [math, text]);
    assert.deepEqual(read(['其中 $$', 'x']), [text, math]);
    assert.deepEqual(read(['\\[', 'x', '\\]', '雨 \\[1\\]', '雨']), [text, math, math, text, text]);
    assert.deepEqual(read(['\\begin{align}', 'x', '\\end{align}', '雨']), [text, math, math, text]);
    assert.deepEqual(read(['{% codeblock lang:js %}', 'a', '{% endcodeblock %}', '雨']), [text, raw, raw, text]);
    assert.deepEqual(read(['{{< highlight go >}}', 'a', '{{< /highlight >}}', '雨']), [text, raw, raw, text]);
    assert.deepEqual(read(['{% note %}', '雨']), [text, text]);
  });

  it('knows that what a quotation begins ends with it', () => {
    const [text, code, math, comment] = ['text', 'fence', 'math', 'comment'];
    assert.deepEqual(read(['> ```', '> a', '>', '> b', '雨', '雨']), [text, code, code, code, text, text]);
    assert.deepEqual(read(['> ```', '', '> 雨']), [text, text, text]);
    assert.deepEqual(read(['> ```', '> a', '```', 'b', '```', '雨']), [text, code, text, code, code, text]);
    assert.deepEqual(read(['> > ```', '> > a', '> 雨', '> > 雨']), [text, code, text, text]);
    assert.deepEqual(read(['> ```', '> > a', '> b', '> ```', '> 雨']), [text, code, code, code, text]);
    assert.deepEqual(read(['- > ```', '  > a', '  雨']), [text, code, text]);
    assert.deepEqual(read(['> - ```', '>   a', '- 雨']), [text, code, text]);
    assert.deepEqual(read(['> $$', '> x', '雨']), [text, math, text]);
    assert.deepEqual(read(['> <!-- 雨', '> 雨', '雨']), [text, comment, text]);
    // In code > is nothing; nor does words' going on with the paragraph of a quotation end their mathematics.
    assert.deepEqual(read(['```', '> a', 'b', '```', '雨']), [text, code, code, code, text]);
    assert.deepEqual(read(['> 其中 $$', '> x', '> $$', '> 雨']), [text, math, math, text]);
    assert.deepEqual(read(['> 人均 $$', '> 雨', '>', '> 雨']), [text, text, text, text]);
  });

  it('after edits knows what it would know from reading', () => {
    const line = fc.constantFrom(
      '雨',
      '```',
      '~~~',
      '$$',
      '<!--',
      '-->',
      '%%',
      '%% 雨',
      '',
      '```js',
      '<pre>',
      '</pre>',
      '- ```',
      '\\[',
      '\\]',
      '人均 $$',
      '- 雨 $$',
      '> 雨',
      '> ```',
      '> > ```',
      '> 其中 $$',
      '>',
    );
    const lines = fc.array(line, { minLength: 1, maxLength: 12 });
    const edits = fc.array(fc.tuple(fc.nat(20), fc.nat(3), lines), { maxLength: 5 });
    fc.assert(
      fc.property(lines, edits, (start, changes) => {
        const index = new BlockIndex();
        const document = [...start];
        index.read(0, document);
        for (const [at, more, inserted] of changes) {
          const first = at % document.length;
          const last = Math.min(document.length - 1, first + more);
          document.splice(first, last - first + 1, ...inserted);
          if (more === 0) {
            index.cutAt(first);
            index.read(first, document.slice(first));
          } else index.replace(first, last, inserted);
          assert.deepEqual(
            document.map((_, i) => index.at(i)),
            read(document),
          );
        }
      }),
    );
  });
});
