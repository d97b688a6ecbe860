import assert from 'node:assert/strict';
import { firstWord, longestReach, unitEnds } from '../../../src/context/acceptUnits';

/** The pieces that successive keys of one kind take. */
function pieces(text: string, kind: 'words' | 'clauses' | 'sentences', before?: string): string[] {
  const ends = unitEnds(text, before)[kind];
  return ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end));
}

describe('units of acceptance', () => {
  it('binds punctuation to the word before it, an opening quote to the word after it', () => {
    assert.deepEqual(pieces('今天天气，很好。', 'words'), ['今天', '天气，', '很好。']);
    assert.deepEqual(pieces('他说：“今天。”', 'words'), ['他', '说：', '“今天。”']);
  });

  it('takes punctuation at the beginning alone: its word is already there', () => {
    assert.deepEqual(pieces('，今天', 'words'), ['，', '今天']);
    assert.deepEqual(pieces('。”', 'words'), ['。”']);
  });

  it('takes the rest of the word in which it begins, however it is cut off', () => {
    assert.deepEqual(pieces('及待地打开', 'words', '孩子们迫不'), ['及待', '地', '打开']);
    assert.deepEqual(pieces('和国的', 'words', '中华人民共'), ['和国', '的']);
    assert.deepEqual(pieces('时候，我', 'words', '小'), ['时候，', '我']);
    assert.deepEqual(pieces('rosoft 的', 'words', '我们用Mic'), ['rosoft', ' 的']);
    assert.deepEqual(pieces('。”她', 'words', '“走吧'), ['。”', '她']);
    assert.deepEqual(pieces('“走', 'words', '他说：'), ['“走']);
  });

  it('binds a space to the word that follows', () => {
    assert.deepEqual(pieces('用 GPT 写', 'words'), ['用', ' GPT', ' 写']);
  });

  it('ends clauses at ，；：、 and sentences at 。！？…… with their closers', () => {
    assert.deepEqual(pieces('春天，夏天；秋天……冬', 'clauses'), ['春天，', '夏天；', '秋天……', '冬']);
    assert.deepEqual(pieces('春天，夏天。”秋天！？', 'sentences'), ['春天，夏天。”秋天！？']);
    assert.deepEqual(pieces('春天。秋天！？冬', 'sentences'), ['春天。', '秋天！？', '冬']);
  });

  it('counts a quote and who says it as one sentence', () => {
    assert.deepEqual(pieces('“真的吗？”她问。“真的。”', 'sentences'), ['“真的吗？”她问。', '“真的。”']);
  });

  it('goes on behind a quote that a comma or a space follows, not behind one that ends its paragraph', () => {
    assert.deepEqual(pieces('“真的吗？”，她问。好。', 'sentences'), ['“真的吗？”，她问。', '好。']);
    assert.deepEqual(pieces('“真的吗？” 她点头。好。', 'sentences'), ['“真的吗？” 她点头。', '好。']);
    assert.deepEqual(pieces('“真的吗？” “真的。”', 'sentences'), ['“真的吗？”', ' “真的。”']);
    assert.deepEqual(pieces('“真的。”\n她点头。', 'sentences'), ['“真的。”', '\n', '她点头。']);
  });

  it('leaves Markdown’s closing marks with the sentence before', () => {
    assert.deepEqual(pieces('**下雨了。**天晴了。', 'sentences'), ['**下雨了。**', '天晴了。']);
    assert.deepEqual(pieces('*下雨了！*_天晴了。_~~停了。~~好。', 'sentences'), [
      '*下雨了！*',
      '_天晴了。_',
      '~~停了。~~',
      '好。',
    ]);
    assert.deepEqual(pieces('下雨了。**天晴了。', 'sentences'), ['下雨了。**', '天晴了。']);
    assert.deepEqual(pieces('天晴了。**雨停了**。', 'sentences'), ['天晴了。', '**雨停了**。']);
    assert.deepEqual(pieces('**春天，夏天。**秋天，**冬天**。', 'clauses'), [
      '**春天，',
      '夏天。**',
      '秋天，',
      '**冬天**。',
    ]);
    assert.deepEqual(pieces('**“真的吗？”**她问。', 'sentences'), ['**“真的吗？”**她问。']);
  });

  it('ends English sentences at their points, no number and no name', () => {
    assert.deepEqual(pieces('It rains. He left. 3.14 and a.b end', 'sentences'), [
      'It rains.',
      ' He left.',
      ' 3.14 and a.b end',
    ]);
    assert.deepEqual(pieces('1. Mr. Li left in 1984. 雨停了。', 'sentences'), ['1. Mr. Li left in 1984.', ' 雨停了。']);
    assert.deepEqual(pieces('他说 It rains. 雨停了。', 'sentences'), ['他说 It rains.', ' 雨停了。']);
  });

  it('cuts no number at its comma or point', () => {
    assert.deepEqual(pieces('约3.14和1,000', 'clauses'), ['约3.14和1,000']);
  });

  it('cuts no address, time or name', () => {
    for (const clauses of [
      ['见 example.com 的说明，', '好。'],
      ['见 https://example.com/a?b=1,2 的说明，', '好。'],
      ['上午10:30开始，', '下午3：00结束。'],
      ['Mr. Li 说，', '好。'],
      ['It rains, ', 'he left. ', '雨停了。'],
      ['It is "wet", ', '(he said); ', '雨停了。'],
      ['院子里有一棵树,', '说些事.', '后来,', '我们用 GPT,', '不用别的;', '注:', '好'],
      ['他想...', '好'],
    ])
      assert.deepEqual(pieces(clauses.join(''), 'clauses'), clauses);
    assert.deepEqual(pieces('见 https://a.com/?q=1 的说明。好', 'sentences'), ['见 https://a.com/?q=1 的说明。', '好']);
  });

  it('tells straight quotes that open from those that close by those before them in the line', () => {
    assert.deepEqual(pieces('雨停了。"走吧。"他说。', 'sentences'), ['雨停了。', '"走吧。"他说。']);
    assert.deepEqual(pieces('雨停了，"走吧，"他说。', 'clauses'), ['雨停了，', '"走吧，"', '他说。']);
    assert.deepEqual(pieces('他说"今天"。', 'words'), ['他', '说', '"今天"。']);
    assert.deepEqual(pieces("他说：'今天。'好", 'words'), ['他', '说：', "'今天。'", '好']);
    // One was opened before.
    assert.deepEqual(pieces('走吧。"他说。"好。"', 'sentences', '"雨停了，'), ['走吧。"他说。', '"好。"']);
    assert.deepEqual(pieces('今天，"他说', 'words', '"雨停了，'), ['今天，"', '他', '说']);
    // In another line.
    assert.deepEqual(pieces('走吧。\n"好。"', 'sentences', '"雨停了，'), ['走吧。\n', '"好。"']);
    assert.deepEqual(pieces("It isn't 'here'. 好", 'clauses'), ["It isn't 'here'. ", '好']);
  });

  it('has no ends in an empty text', () => {
    assert.deepEqual(unitEnds(''), { words: [], clauses: [], sentences: [] });
  });
});

describe('firstWord', () => {
  it('is the first word with what stands before it, without what follows', () => {
    assert.equal(firstWord('天气，很好'), '天气');
    assert.equal(firstWord('，天气'), '，天气');
    assert.equal(firstWord('。'), '。');
  });
});

describe('longestReach', () => {
  it('takes all of a right ghost with Tab', () => {
    assert.deepEqual(longestReach('今天天气，很好。', 8), { length: 8, keys: 1 });
  });

  it('takes the words that are right all through', () => {
    assert.deepEqual(longestReach('今天天气，很好。', 4), { length: 2, keys: 1 });
    assert.deepEqual(longestReach('今天天气，很好。', 1), { length: 0, keys: 0 });
  });

  it('uses the key that goes farthest without going too far', () => {
    // 今天天气， is one clause; 很 alone is no word of 很好。
    assert.deepEqual(longestReach('今天天气，很好。', 6), { length: 5, keys: 1 });
    assert.deepEqual(longestReach('今天天气，我们去散步。', 8), { length: 8, keys: 3 });
    // a sentence, a clause, a word
    assert.deepEqual(longestReach('下雨了。今天，天气很好。', 9), { length: 9, keys: 3 });
  });

  it('takes nothing where nothing is right', () => {
    assert.deepEqual(longestReach('今天', 0), { length: 0, keys: 0 });
    assert.deepEqual(longestReach('', 0), { length: 0, keys: 1 });
  });
});
