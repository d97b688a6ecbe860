import assert from 'node:assert/strict';
import { defaultGhostSettings, GhostBuilder, ghostOptions, withoutSuffix } from '../../../src/context/ghost';

const settings = { confidenceFloor: 0.25, maxTokens: 24 };

/** Feeds [text, probability] tokens; gives the ghost and how many tokens were taken before it had enough. */
function build(tokens: [string, number][], suffix = '', before = ''): { ghost: string; taken: number } {
  const builder = new GhostBuilder(suffix, settings, before);
  let taken = 0;
  for (const [text, probability] of tokens) {
    taken++;
    if (!builder.push({ text, logProb: Math.log(probability), numTokens: 1 })) break;
  }
  return { ghost: builder.result(), taken };
}

describe('ghostOptions', () => {
  it('do not have the text before the cursor computed again at each key', () => {
    assert.equal(ghostOptions(defaultGhostSettings).repeatable, false);
  });

  it('go no further than the sentence', () => {
    assert.equal(ghostOptions(defaultGhostSettings).stopAt, 'sentence');
  });
});

describe('GhostBuilder', () => {
  it('is silent when the first token is unlikely, and stops there', () => {
    assert.deepEqual(
      build([
        ['春', 0.24],
        ['天', 1],
      ]),
      { ghost: '', taken: 1 },
    );
  });

  it('cuts before the token that pulls the geometric mean below the floor', () => {
    // √(0.6 × 0.6) = 0.6; ∛(0.6 × 0.6 × 0.03) = 0.221
    assert.deepEqual(
      build([
        ['春', 0.6],
        ['天', 0.6],
        ['来', 0.03],
        ['了', 1],
      ]),
      { ghost: '春天', taken: 3 },
    );
  });

  it('is silent when the first word is unlikely, however sure it is of the rest', () => {
    // 春天: 0.6 × 0.4 = 0.24, and 0.6 × 0.45 = 0.27
    const withSpring = (spring: number): [string, number][] => [
      ['春', 0.6],
      ['天', spring],
      ['来了', 1],
    ];
    assert.equal(build(withSpring(0.4)).ghost, '');
    assert.equal(build(withSpring(0.45)).ghost, '春天来了');
    // Of one piece of text that goes beyond the word, two of four characters count for half: √0.07 = 0.26.
    assert.equal(build([['春天来了', 0.07]]).ghost, '');
    const builder = new GhostBuilder('', settings);
    builder.push({ text: '春天来了', logProb: Math.log(0.07), numTokens: 2 });
    assert.equal(builder.result(), '春天来了');
  });

  it('ends at the end of the line', () => {
    assert.deepEqual(
      build([
        ['春天。\n夏', 1],
        ['天', 1],
      ]),
      { ghost: '春天。', taken: 1 },
    );
    assert.equal(build([['\n', 1]]).ghost, '');
  });

  it('shows neither mere whitespace nor a mark alone, which is typed with the key that would accept it', () => {
    for (const alone of [' ', '。', '，', ' ，', '——', '……', '～', '😀'])
      assert.equal(build([[alone, 1]]).ghost, '', alone);
    const never = new GhostBuilder('', { confidenceFloor: 0, maxTokens: 24 });
    never.push({ text: '。', logProb: -1, numTokens: 1 });
    assert.equal(never.result(), '。', 'who wants to see everything sees it');
    const symbol = new GhostBuilder('', { confidenceFloor: 0, maxTokens: 24 });
    symbol.push({ text: '￥', logProb: -1, numTokens: 1 });
    assert.equal(symbol.result(), '');
    for (const worth of ['。”', '，我', '我']) assert.equal(build([[worth, 1]], '', '他说：“好').ghost, worth);
  });

  it('takes no more once it goes round in circles, or the model names a token', () => {
    const again: [string, number] = ['院子里下着雨，', 1];
    assert.deepEqual(build([again, again, again]), { ghost: '院子里下着雨，', taken: 2 });
    assert.deepEqual(build([again, again], '', '院子里下着雨，'), { ghost: '', taken: 1 });
    assert.deepEqual(
      build([
        ['雨停了', 1],
        ['<e', 1],
        ['od>', 1],
        ['天', 1],
      ]),
      { ghost: '雨停了', taken: 3 },
    );
    assert.deepEqual(
      build([
        ['雨停了', 1],
        ['<e', 1],
      ]),
      { ghost: '雨停了', taken: 2 },
    );
  });

  it('ends with a word where the model becomes unsure, with a clause where it is long', () => {
    assert.equal(
      build([
        ['我们的', 1],
        ['祖', 1],
        ['国', 0.001],
      ]).ghost,
      '我们的',
    );
    const long = Array.from({ length: settings.maxTokens }, (_, i): [string, number] => [
      i === 20 ? '，' : `${'雨云风雪'.charAt(i % 4)}${i}`,
      1,
    ]);
    assert.ok(build(long).ghost.endsWith('，'));
  });

  it('closes what it opens, and ends before what would close nothing', () => {
    assert.equal(build([['“走吧', 1]], '', '他说：').ghost, '“走吧”');
    assert.equal(build([['走吧。', 1]], '', '他说：“').ghost, '走吧。”');
    assert.equal(build([['走吧。', 1]], '”', '他说：“').ghost, '走吧。');
    assert.equal(build([['雨停了。”', 1]], '', '后来').ghost, '雨停了。');
  });

  it('does not repeat what stands to the right', () => {
    assert.equal(build([['下着雨。', 1]], '。').ghost, '下着雨');
  });
});

describe('a ghost that is shorter than what the model wrote', () => {
  it('does not end as the text to the right begins', () => {
    const builder = new GhostBuilder('，再也没有听过那样的雨。', defaultGhostSettings);
    for (const [text, probability] of [
      ['回到', 0.9],
      ['故乡', 0.9],
      ['，', 0.9],
      ['一直', 0.1],
      ['到', 0.3],
      ['现在', 0.3],
    ] as const)
      builder.push({ text, logProb: Math.log(probability), numTokens: 1 });
    assert.equal(builder.result(), '回到故乡');
  });
});

describe('withoutSuffix', () => {
  it('ends where what the suffix closes is closed', () => {
    assert.equal(withoutSuffix('下雨了。”他说', '”'), '下雨了。');
    assert.equal(withoutSuffix('”他说', '”'), '');
    assert.equal(withoutSuffix('（雨）下了）一夜', '），'), '（雨）下了');
    assert.equal(withoutSuffix('下了一夜', '》'), '下了一夜');
  });

  it('in whatever width, and with whatever quotes', () => {
    assert.equal(withoutSuffix('下雨了。”他说', '」'), '下雨了。');
    assert.equal(withoutSuffix('下雨了。”他说', '"'), '下雨了。');
    assert.equal(withoutSuffix('“好”，下雨了。」他说', '”'), '“好”，下雨了。');
    assert.equal(withoutSuffix('下雨了’他说', '』'), '下雨了');
    assert.equal(withoutSuffix('（雨）下了）一夜', ')，'), '（雨）下了');
    assert.equal(withoutSuffix('(雨）下了)一夜', '）'), '(雨）下了');
    assert.equal(withoutSuffix('下雨了。’他说', '”'), '下雨了。’他说');
    assert.equal(withoutSuffix('“好”他说', '"'), '“好”他说');
  });

  const cases: [string, string, string][] = [
    ['下着雨', '', '下着雨'],
    ['下着雨。”', '”', '下着雨。'],
    ['下着雨', '下着雨，很大', ''],
    ['正下着雨，很大的雨', '下着雨，很大', '正'],
    ['雨很大', '小雨', '雨很大'],
    ['下着雨，“真大”', ',"真大"他说', '下着雨'],
    ['下着雨！', '!', '下着雨'],
    ['回到故乡，，再也没有', '，再也没有听过', '回到故乡'],
    ['说那年的水比', '，那年的水比哪一年都大。', '说'],
    ['说：那年的水比', '，“那年的水比哪一年都大。”', '说'],
    ['那年的水比', '……那年的水比哪一年都大。', ''],
    ['说那年的雨比', '，那年的水比哪一年都大。', '说那年的雨比'],
    ['下着雨，他笑', '。他笑', '下着雨，他笑'],
  ];
  for (const [text, suffix, expected] of cases)
    it(`${text} | ${suffix} → ${expected}`, () => assert.equal(withoutSuffix(text, suffix), expected));
});
