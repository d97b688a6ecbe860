import assert from 'node:assert/strict';
import {
  atClauseEnd,
  atWordEnd,
  beforeSpecialToken,
  loopStart,
  withoutBeginningOfToken,
  withoutOpening,
} from '../../../src/context/ghostFilters';

describe('loopStart', () => {
  const cases: [string, string, string, string][] = [
    ['a word three times', '', '慢慢走慢慢走慢慢走', '慢慢走'],
    ['a sentence twice', '', '院子里下着雨，院子里下着雨，', '院子里下着雨，'],
    ['what was just written', '院子里下着雨。', '院子里下着雨。', ''],
    ['what was just written, in other widths', '院子里下着雨，', '院子里下着雨,', ''],
    ['what the writer says again, to its end', '院子里下着雨，院子里下', '着雨，', '着雨，'],
    ['and no further', '院子里下着雨，院子里下', '着雨，院子里', '着雨，'],
    ['what the writer has hardly begun again', '院子里下着雨，院', '子里下着雨，', ''],
    [
      'a refrain that comes for the third time',
      '雨停了，天晴了。\n雨停了，天晴了。\n雨',
      '停了，天晴了。',
      '停了，天晴了。',
    ],
    ['and for the fifth', '雨停了，天晴了。\n'.repeat(4) + '雨停', '了，天晴了。', '了，天晴了。'],
    ['a short one', '归去来兮，归去来兮，归', '去来兮，', '去来兮，'],
    ['one that the ghost would begin', '雨停了，天晴了。\n雨停了，天晴了。\n', '雨停了，天晴了。', ''],
    ['a laugh', '', '哈哈哈哈', '哈哈哈哈'],
    ['a laugh without end', '', '哈哈哈哈哈哈', '哈'],
    ['twice is speech', '', '一步一步', '一步一步'],
    ['ellipsis and dash', '他想……', '……——', '……——'],
    ['longer ellipses and dashes', '', '…………————', '…………————'],
    ['a line of marks', '', `le : ${'"'.repeat(18)}`, 'le : "'],
    ['numbers', '', '共1000000元', '共1000000元'],
    ['nothing again', '雨停了', '，天晴了，风也小了', '，天晴了，风也小了'],
  ];
  for (const [name, before, ghost, expected] of cases)
    it(name, () => assert.equal(ghost.slice(0, loopStart(before, ghost)), expected));
});

describe('special tokens', () => {
  const cases: [string, string][] = [
    ['雨停了<eod>天', '雨停了'],
    ['雨<unk>停', '雨'],
    ['雨</s>', '雨'],
    ['雨<|im_end|>', '雨'],
    ['雨[UNK]', '雨'],
    ['雨▃天', '雨'],
    ['雨\ufffd', '雨'],
    ['a < b 与 [注]', 'a < b 与 [注]'],
    ['<b>雨', '<b>雨'],
  ];
  for (const [text, expected] of cases) it(text, () => assert.equal(beforeSpecialToken(text), expected));

  it('nor their beginnings', () => {
    assert.equal(withoutBeginningOfToken('雨停了<eo'), '雨停了');
    assert.equal(withoutBeginningOfToken('雨停了<|im_'), '雨停了');
    assert.equal(withoutBeginningOfToken('雨停了。'), '雨停了。');
  });
});

describe('natural ends', () => {
  it('no half words', () => {
    assert.equal(atWordEnd('我们的祖', '国'), '我们的');
    assert.equal(atWordEnd('我们的', '祖国'), '我们的');
    assert.equal(atWordEnd('雨停了，', '天'), '雨停了，');
    assert.equal(atWordEnd('我们的', ''), '我们的');
    assert.equal(atWordEnd('祖', '国'), '祖');
  });

  it('a long ghost ends with a clause', () => {
    assert.equal(atClauseEnd('雨停了，天晴了，我们都走到'), '雨停了，天晴了，');
    assert.equal(
      atClauseEnd('雨停了，天晴了，我们都走到了院子里面的石榴树下面'),
      '雨停了，天晴了，我们都走到了院子里面的石榴树下面',
    );
    assert.equal(atClauseEnd('雨停了，我们高高兴兴地走到了'), '雨停了，我们高高兴兴地走到了');
    assert.equal(atClauseEnd('雨停了，我们高高兴兴地走到了院'), '雨停了，我们高高兴兴地走到了');
    assert.equal(atClauseEnd('院'), '院');
    assert.equal(atClauseEnd('雨停了，天晴了。”'), '雨停了，天晴了。”');
    assert.equal(atClauseEnd('明天的会，上午10:30开始'), '明天的会，上午10:30开始');
    assert.equal(atClauseEnd('明天的会，上午10：30开始'), '明天的会，上午10：30开始');
    assert.equal(atClauseEnd('见网页，https://example'), '见网页，https://example');
    assert.equal(atClauseEnd('雨停了,天晴了,我们'), '雨停了,天晴了,');
  });

  it('nothing is opened at the end', () => {
    assert.equal(withoutOpening('他说：“'), '他说：');
    assert.equal(withoutOpening('“'), '');
  });
});
