import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OpenQuotes, QuotePairs, withQuotesInPairs } from '../../../../src/context/style/quotePairs';

describe('withQuotesInPairs', () => {
  const cases: [string, string, string, string, string][] = [
    ['closes what the ghost opens', '祖父说：', '“走吧', '', '“走吧”'],
    ['closes behind the end of the sentence', '祖父说：“', '走吧。', '', '走吧。”'],
    ['leaves the writer in his quotation', '祖父说：“', '走吧，我们', '', '走吧，我们'],
    ['what stands to the right closes it', '祖父说：“', '走吧。', '”', '走吧。'],
    ['ends before a stray quote', '雨停了', '。”他说', '', '。'],
    ['the closing quote itself', '祖父说：“走吧。', '”他站起来。', '', '”他站起来。'],
    ['inner quotes', '他说：“我听见', '‘走吧', '', '‘走吧’'],
    ['both', '', '“我听见‘走吧。', '', '“我听见‘走吧。’”'],
    ['a forgotten inner one', '', '“我听见‘走吧。”', '', '“我听见‘走吧。’”'],
    ['inner ones of the same kind', '', '“那‘怎么’叫“小人”？', '', '“那‘怎么’叫‘小人’？”'],
    ['one inside the writer’s', '他说：“我听见', '“走吧”。', '', '‘走吧’。”'],
    ['an inner one of the same kind that is closed as what it became', '', '“叫“小人’？”', '', '“叫‘小人’？”'],
    ['what the writer has written stays', '他说：“我听见“走', '吧”。”', '', '吧”。”'],
    ['an apostrophe', '', 'It’s', '', 'It’s'],
    ['quotations of lines above', '他说：“走。\n', '雨停了。', '', '雨停了。'],
    ['a quotation after one that was forgotten', '', '“走。“好。”', '', '“走。”“好。”'],
    ['quotes in their other form', '祖父说：', '「走，『快』走', '', '“走，‘快’走”'],
    ['ends before a stray bracket', '他读过家', '》，也读过春', '', ''],
    ['and within a ghost', '他读过', '《家》和春》', '', '《家》和春'],
    ['closes what the writer opened', '他读过《家', '》，在（灯下', '', '》，在（灯下'],
    ['a bracket that was written half-width', '他读过(在灯下', '的）书', '', '的）书'],
    ['brackets of lines above', '他读过《家\n', '》雨停了。', '', ''],
    ['numbers have one alone', '', '1）雨；二）风；a)云', '', '1）雨；二）风；a)云'],
    ['a face', '雨停了', ':)。', '', ':)。'],
  ];
  for (const [name, before, ghost, behind, expected] of cases)
    it(name, () => assert.equal(withQuotesInPairs(ghost, before, behind), expected));
});

describe('QuotePairs', () => {
  it('closes a quotation before its paragraph ends, drops what closes nothing', () => {
    const pairs = new QuotePairs('', '');
    assert.equal(pairs.push('“走吧。\n雨停') + pairs.push('了。”') + pairs.end(), '“走吧。”\n雨停了。');
  });

  it('drops brackets that close nothing, piece by piece', () => {
    const pairs = new QuotePairs('他读过《家', '');
    assert.equal(
      pairs.push('》和') + pairs.push('春》，') + pairs.push('（在夜里）') + pairs.push('）。'),
      '》和春，（在夜里）。',
    );
  });

  it('always leaves pairs, and loses nothing else', () => {
    const text = fc.array(fc.constantFrom(...Array.from('雨“”‘’。，《》（）\n'))).map((list) => list.join(''));
    fc.assert(
      fc.property(text, (generated) => {
        const pairs = new QuotePairs('', '');
        const written = pairs.push(generated) + pairs.end();
        assert.equal(new OpenQuotes(written).closers, '');
        const without = (one: string) => one.replace(/[“”‘’》）]/g, '');
        assert.equal(without(written), without(generated));
        const again = new QuotePairs('', '');
        assert.equal(again.push(written) + again.end(), written);
      }),
    );
  });
});
