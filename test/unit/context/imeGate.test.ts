import assert from 'node:assert/strict';
import { ImeGate } from '../../../src/context/imeGate';

type Edit = [offset: number, length: number, text: string];

/** Edits 100 ms apart, as VS Code reported them for a simulated input method; what holds right after each. */
function holds(...edits: Edit[]): string[] {
  const gate = new ImeGate();
  return edits.map(([rangeOffset, rangeLength, text], i) => {
    gate.edit([{ rangeOffset, rangeLength, text }], i * 100);
    return gate.at(i * 100).kind;
  });
}

describe('ImeGate', () => {
  const cases: [string, Edit[], string[]][] = [
    [
      '全拼',
      [
        [4, 0, 'h'],
        [4, 1, 'he'],
        [4, 2, "hen'h"],
        [4, 5, "hen'hao"],
        [4, 7, '很好'],
      ],
      ['composing', 'composing', 'composing', 'composing', 'none'],
    ],
    [
      'a preedit with spaces',
      [
        [6, 0, 'w'],
        [6, 1, 'wo'],
        [6, 2, 'wo m'],
        [6, 4, '我们'],
      ],
      ['composing', 'composing', 'composing', 'none'],
    ],
    [
      '五笔 and 双拼: letters, then characters',
      [
        [0, 0, 'g'],
        [0, 1, 'gg'],
        [0, 2, '王'],
      ],
      ['composing', 'composing', 'none'],
    ],
    [
      'one letter is enough',
      [
        [0, 0, 'a'],
        [0, 1, '啊'],
      ],
      ['composing', 'none'],
    ],
    [
      '注音: characters are shown before the commit',
      [
        [8, 0, 'ㄊ'],
        [8, 1, 'ㄊㄧㄢ'],
        [8, 3, '天'],
        [8, 1, '天'],
      ],
      ['composing', 'composing', 'until', 'none'],
    ],
    [
      '注音 goes on after a character',
      [
        [8, 0, 'ㄊ'],
        [8, 1, '天'],
        [8, 1, '天ㄑ'],
        [8, 2, '天氣'],
        [8, 2, '天氣'],
      ],
      ['composing', 'until', 'composing', 'until', 'none'],
    ],
    [
      'a choice for a part',
      [
        [4, 0, 'x'],
        [4, 1, "xiao'shi"],
        [4, 8, '小shi'],
        [4, 4, '小时'],
      ],
      ['composing', 'composing', 'composing', 'none'],
    ],
    [
      'a Han preedit',
      [
        [9, 0, '天'],
        [9, 1, '天气'],
        [9, 2, '天气很'],
        [9, 3, '天气很'],
      ],
      ['none', 'until', 'until', 'none'],
    ],
    [
      'cancelled',
      [
        [13, 0, 'n'],
        [13, 1, 'ni'],
        [13, 2, ''],
      ],
      ['composing', 'composing', 'none'],
    ],
    [
      'capitals, committed as they are',
      [
        [13, 0, 'A'],
        [13, 1, 'AB'],
        [13, 2, 'AB'],
      ],
      ['composing', 'composing', 'none'],
    ],
    [
      'plain English',
      [
        [15, 0, 'h'],
        [16, 0, 'e'],
        [17, 0, 'l'],
      ],
      ['composing', 'until', 'until'],
    ],
    ['pasted English', [[15, 0, 'hello world']], ['until']],
    ['committed or pasted Chinese', [[15, 0, '今天']], ['none']],
    [
      'punctuation, a new line, a space',
      [
        [0, 0, '，'],
        [1, 0, '\n'],
        [2, 0, ' '],
      ],
      ['none', 'none', 'none'],
    ],
    ['deleting', [[5, 1, '']], ['none']],
    [
      'a commit, then the next word',
      [
        [0, 0, 'w'],
        [0, 1, '我'],
        [1, 0, 'm'],
        [1, 1, 'men'],
        [1, 3, '们'],
      ],
      ['composing', 'none', 'composing', 'composing', 'none'],
    ],
  ];
  for (const [name, edits, expected] of cases) it(name, () => assert.deepEqual(holds(...edits), expected));

  it('English is clear after the hold, a composition never', () => {
    const gate = new ImeGate();
    gate.edit([{ rangeOffset: 0, rangeLength: 0, text: 'o' }], 0);
    assert.equal(gate.at(60_000).kind, 'composing');
    gate.edit([{ rangeOffset: 1, rangeLength: 0, text: 'k' }], 100);
    assert.deepEqual(gate.at(499), { kind: 'until', timeMs: 500 });
    assert.equal(gate.at(500).kind, 'none');
  });

  it('a Han preedit that stays open is given time, not for ever', () => {
    const gate = new ImeGate();
    gate.edit([{ rangeOffset: 0, rangeLength: 0, text: '天' }], 0);
    gate.edit([{ rangeOffset: 0, rangeLength: 1, text: '天气' }], 100);
    assert.equal(gate.at(1500).kind, 'until');
    assert.equal(gate.at(2100).kind, 'none');
  });

  it('several cursors are no composition', () => {
    const gate = new ImeGate();
    gate.edit(
      [
        { rangeOffset: 0, rangeLength: 0, text: 'o' },
        { rangeOffset: 9, rangeLength: 0, text: 'o' },
      ],
      0,
    );
    assert.equal(gate.at(0).kind, 'none');
  });
});
