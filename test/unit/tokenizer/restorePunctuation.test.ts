import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PunctuationRestorer, restorePunctuation } from '../../../src/tokenizer/restorePunctuation';

/** What a CPM model gives back, and what a reader expects. */
const cases: [halfWidth: string, restored: string, why?: string][] = [
  ['春天来了,小草绿了;花儿开了!', '春天来了，小草绿了；花儿开了！'],
  ['你去哪里?他问:“去哪里?”', '你去哪里？他问：“去哪里？”'],
  ['我喜欢的季节(尤其是秋天)很短。', '我喜欢的季节（尤其是秋天）很短。'],
  ['他想了想...还是走了', '他想了想……还是走了'],
  ['他想了想......', '他想了想……'],
  ['很久............', '很久…………'],
  ['那一年--我还小--她走了', '那一年——我还小——她走了'],
  ['那一年——我还小', '那一年——我还小', 'dashes of their own stay'],
  ['售价3,000元,上午10:30开门,圆周率是3.14', '售价3,000元，上午10:30开门，圆周率是3.14', 'numbers keep theirs'],
  ['比分是3:2,第10,我记得', '比分是3:2，第10，我记得'],
  ['我用Python,也用C++;他不用!', '我用Python，也用C++；他不用！', 'Latin before, Chinese after'],
  ['我喜欢Python!', '我喜欢Python！', 'Latin before, the line is Chinese'],
  ['Hello, world! How are you?', 'Hello, world! How are you?', 'an English line'],
  ['他说Hello, world,然后笑了', '他说Hello, world，然后笑了'],
  ['函数f(x)很简单', '函数f(x)很简单', 'the closing parenthesis follows its opening one'],
  ['苹果(apple)很甜', '苹果（apple）很甜'],
  ['(一)春天\n(二)夏天', '（一）春天\n（二）夏天'],
  ['春天\nHello!', '春天\nHello!', 'each line for itself'],
  ['他走了!!!', '他走了！！！'],
  ['真的吗?!', '真的吗？！'],
  ['见[墨续](https://example.org)和![图](a.png),好', '见[墨续](https://example.org)和![图](a.png)，好', 'Markdown'],
  ['---\n\n春天', '---\n\n春天', 'a rule'],
  ['用--help看帮助', '用--help看帮助', 'an option'],
  ['「好」,他说', '「好」，他说'],
  ['𠮷野家,好吃', '𠮷野家，好吃', 'Han outside the basic plane'],
  ['', ''],
  [',', ','],
];

describe('restorePunctuation', () => {
  for (const [halfWidth, restored, why] of cases)
    it(`${JSON.stringify(halfWidth)} → ${JSON.stringify(restored)}${why ? `: ${why}` : ''}`, () =>
      assert.equal(restorePunctuation(halfWidth), restored));

  it('looks at the text before, and leaves it alone', () => {
    assert.equal(restorePunctuation(',夏天来了', '春天走了'), '，夏天来了');
    assert.equal(restorePunctuation('!', '我喜欢Python'), '！');
    assert.equal(restorePunctuation('!', 'I like Python'), '!');
    assert.equal(restorePunctuation(')', '春天(spring'), '）');
    assert.equal(restorePunctuation(')', '函数f(x'), ')');
    assert.equal(restorePunctuation('00', '他有3,0'), '00');
  });

  it('gives the same in pieces as at once', () => {
    const text = fc
      .array(fc.constantFrom(...Array.from('春天来了𠮷,,!?:;()..--ab3 \n“”。—]['), '...', '--'), { maxLength: 60 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (before, whole, lengths) => {
        const restorer = new PunctuationRestorer(before);
        let output = '';
        const characters = Array.from(whole);
        for (let turn = 0; characters.length > 0; turn++)
          output += restorer.push(characters.splice(0, lengths[turn % lengths.length]).join(''));
        assert.equal(output + restorer.end(), restorePunctuation(whole, before));
      }),
      { numRuns: 2000, seed: 3 },
    );
  });

  it('holds back only what is not settled', () => {
    const restorer = new PunctuationRestorer('从前');
    assert.equal(restorer.push('有一座山'), '有一座山');
    assert.equal(restorer.push(','), '');
    assert.equal(restorer.push('山里'), '，山里');
    assert.equal(restorer.push('有庙.'), '有庙');
    assert.equal(restorer.push('..'), '');
    assert.equal(restorer.end(), '……');
    assert.equal(restorer.end(), '');
  });

  it('is linear in a text of nothing but marks', () => {
    for (const unit of ['!', ',(', '.', '[('])
      assert.equal(restorePunctuation(unit.repeat(100_000)).length, unit.length * 100_000);
  });
});
