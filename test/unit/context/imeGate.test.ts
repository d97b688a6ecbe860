import assert from 'node:assert/strict';
import { ImeGate, WriterHabit, atCursors } from '../../../src/context/imeGate';

type Edit = [offset: number, length: number, text: string];

/** Edits 100 ms apart, as VS Code reported them for a simulated input method; what holds right after each. */
function holds(...edits: Edit[]): string[] {
  return holdsFor(new WriterHabit(), ...edits);
}

/** The same for a writer of whom something is known. */
function holdsFor(habit: WriterHabit, ...edits: Edit[]): string[] {
  const gate = new ImeGate(habit);
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
      ['composing', 'composing', 'composing', 'none'],
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
      ['composing', 'composing', 'composing', 'composing', 'none'],
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
      ['composing', 'composing', 'composing', 'none'],
    ],
    [
      'nv as Rime shows it, with a tone',
      [
        [4, 0, 'n'],
        [4, 1, 'nü'],
        [4, 2, 'nǚ'],
        [4, 2, '女'],
      ],
      ['composing', 'composing', 'composing', 'none'],
    ],
    [
      'tones',
      [
        [4, 0, 'n'],
        [4, 1, 'nǐ'],
        [4, 2, 'nǐ hǎo'],
        [4, 6, '你好'],
      ],
      ['composing', 'composing', 'composing', 'none'],
    ],
    [
      'a mark that is a key of 双拼',
      [
        [4, 0, 'x'],
        [4, 1, 'x;'],
        [4, 2, '性'],
      ],
      ['composing', 'composing', 'none'],
    ],
    [
      'a mark that is the first key',
      [
        [4, 0, '/'],
        [4, 1, '/f'],
        [4, 2, '/fh'],
        [4, 3, '☆'],
      ],
      ['none', 'composing', 'composing', 'none'],
    ],
    [
      'digits',
      [
        [4, 0, 'w'],
        [4, 1, 'w3'],
        [4, 2, '我'],
      ],
      ['composing', 'composing', 'none'],
    ],
    [
      'a typographic apostrophe',
      [
        [4, 0, 'x'],
        [4, 1, 'xi'],
        [4, 2, 'xi’an'],
        [4, 5, '西安'],
      ],
      ['composing', 'composing', 'composing', 'none'],
    ],
    [
      'a choice for a part, with such keys behind it',
      [
        [4, 0, 'x'],
        [4, 1, 'xiao nü'],
        [4, 7, '小nü'],
        [4, 3, '小女'],
      ],
      ['composing', 'composing', 'composing', 'none'],
    ],
    [
      'a commit that ends with a digit',
      [
        [4, 0, 'd'],
        [4, 1, 'di3'],
        [4, 3, '第3'],
      ],
      ['composing', 'composing', 'none'],
    ],
    [
      'a commit that is repeated',
      [
        [4, 0, 'h'],
        [4, 1, 'hen'],
        [4, 3, '很'],
        [4, 1, '很'],
      ],
      ['composing', 'composing', 'none', 'none'],
    ],
    [
      'pinyin that goes on after a character',
      [
        [4, 0, 'n'],
        [4, 1, '你'],
        [4, 1, '你h'],
        [4, 2, '你好'],
        [4, 2, '你好'],
      ],
      ['composing', 'none', 'composing', 'composing', 'none'],
    ],
    [
      'a committed word is selected and written anew',
      [
        [4, 0, 'h'],
        [4, 1, '很'],
        [4, 1, 'h'],
        [4, 1, 'hen'],
        [4, 3, '恨'],
        [4, 1, '痕'],
      ],
      ['composing', 'none', 'composing', 'composing', 'none', 'none'],
    ],
    [
      'pasted Chinese is selected and written anew',
      [
        [4, 0, '很好'],
        [4, 2, 'b'],
        [4, 1, "bu'cuo"],
        [4, 6, '不错'],
      ],
      ['none', 'composing', 'composing', 'none'],
    ],
    [
      'a numeral and a date after Han',
      [
        [4, 0, '3'],
        [5, 0, '0'],
        [6, 0, '年'],
        [7, 0, '初'],
      ],
      ['none', 'none', 'composing', 'none'],
    ],
    [
      'ASCII punctuation',
      [
        [4, 0, ';'],
        [5, 0, ','],
        [6, 0, '('],
        [7, 0, '\n'],
      ],
      ['none', 'none', 'none', 'none'],
    ],
    [
      'plain English with a digit and marks',
      [
        [4, 0, 'G'],
        [5, 0, 'P'],
        [6, 0, '-'],
        [7, 0, '2'],
        [8, 0, '.'],
      ],
      ['composing', 'until', 'none', 'none', 'none'],
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
      ['composing', 'composing', 'until'],
    ],
    [
      'English that is composed and committed letter by letter',
      [
        [13, 0, 'h'],
        [13, 1, 'h'],
        [14, 0, 'e'],
        [14, 1, 'e'],
      ],
      ['composing', 'until', 'until', 'until'],
    ],
    [
      'pinyin that is shown again with other candidates',
      [
        [13, 0, 'n'],
        [13, 1, 'ni'],
        [13, 2, 'ni'],
        [13, 2, "ni'h"],
        [13, 4, "ni'h"],
        [13, 4, '你好'],
      ],
      ['composing', 'composing', 'until', 'composing', 'until', 'none'],
    ],
    [
      '注音 and a choice for a part that are shown again',
      [
        [4, 0, 'ㄊ'],
        [4, 1, 'ㄊㄧ'],
        [4, 2, 'ㄊㄧ'],
        [4, 2, '天ㄑ'],
        [4, 2, '天ㄑ'],
      ],
      ['composing', 'composing', 'composing', 'composing', 'composing'],
    ],
    [
      '注音 that is shown again, and goes on',
      [
        [4, 0, 'ㄊ'],
        [4, 1, '天'],
        [4, 1, '天氣'],
        [4, 2, '天氣'],
        [4, 2, '天氣很'],
        [4, 3, '天氣很'],
      ],
      ['composing', 'composing', 'composing', 'none', 'composing', 'none'],
    ],
    [
      '倉頡: radicals, then a character, twice',
      [
        [4, 0, '人'],
        [4, 1, '人弓'],
        [4, 2, '人弓火'],
        [4, 3, '你'],
        [5, 0, '日'],
        [5, 1, '日月'],
        [5, 2, '明'],
        [6, 0, '木'],
      ],
      ['composing', 'composing', 'composing', 'none', 'composing', 'composing', 'none', 'composing'],
    ],
    [
      '笔画',
      [
        [4, 0, '一'],
        [4, 1, '一丨'],
        [4, 2, '一丨丿'],
        [4, 3, '一丨'],
        [4, 2, '十'],
      ],
      ['composing', 'composing', 'composing', 'composing', 'none'],
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

  describe('asked for a suggestion', () => {
    /** The gate after these edits at 0 ms. */
    function after(...edits: Edit[]): ImeGate {
      const gate = new ImeGate();
      for (const [rangeOffset, rangeLength, text] of edits) gate.edit([{ rangeOffset, rangeLength, text }], 0);
      return gate;
    }

    it('takes one letter for text if nothing follows, and a raw commit', () => {
      const raw: Edit[] = [
        [4, 0, 'h'],
        [4, 1, "hen'hao"],
        [4, 7, 'henhao'],
      ];
      for (const edits of [[[4, 0, 'A']] as Edit[], raw]) {
        const gate = after(...edits);
        assert.equal(gate.at(60_000).kind, 'composing');
        assert.deepEqual(gate.asked(100), { kind: 'until', timeMs: 400 });
        assert.equal(gate.at(399).kind, 'until');
        assert.equal(gate.at(400).kind, 'none');
        assert.equal(after(...edits).asked(400).kind, 'none');
      }
    });

    it('knows what is being composed by its next key all the same', () => {
      const gate = after([4, 0, 'h']);
      gate.asked(100);
      gate.edit([{ rangeOffset: 4, rangeLength: 1, text: 'he' }], 200);
      assert.equal(gate.at(60_000).kind, 'composing');
      gate.edit([{ rangeOffset: 4, rangeLength: 2, text: '和' }], 300);
      assert.equal(gate.at(300).kind, 'none');
    });

    it('waits for what is no text by itself', () => {
      for (const edits of [
        [[4, 0, 'ㄒ']],
        [
          [4, 0, 'x'],
          [4, 1, '小shi'],
        ],
      ] as Edit[][])
        assert.equal(after(...edits).asked(60_000).kind, 'composing');
    });

    it('waits for nothing else', () => {
      assert.equal(after([4, 0, 'hello']).asked(0).kind, 'none');
      assert.equal(after().asked(0).kind, 'none');
    });
  });

  it('a cursor elsewhere ends what was being composed, one within it does not', () => {
    const gate = new ImeGate();
    gate.edit([{ rangeOffset: 4, rangeLength: 0, text: 'x' }], 0);
    gate.edit([{ rangeOffset: 4, rangeLength: 1, text: 'xi' }], 0);
    for (const offset of [4, 5, 6]) gate.moved(offset);
    assert.equal(gate.at(0).kind, 'composing');
    gate.moved(7);
    assert.equal(gate.at(0).kind, 'none');
    gate.edit([{ rangeOffset: 4, rangeLength: 2, text: 'x' }], 0);
    gate.moved(3);
    assert.equal(gate.at(0).kind, 'none');
  });

  describe('a writer of whom nothing is known', () => {
    it('composes in Han for as long as it takes, from the first key on', () => {
      const gate = new ImeGate();
      gate.edit([{ rangeOffset: 0, rangeLength: 0, text: '天' }], 0);
      assert.equal(gate.at(60_000).kind, 'composing');
      gate.edit([{ rangeOffset: 0, rangeLength: 1, text: '天气' }], 60_000);
      assert.equal(gate.at(120_000).kind, 'composing');
    });

    it('waits once where one character was a commit', () => {
      const habit = new WriterHabit();
      assert.deepEqual(holdsFor(habit, [0, 0, '我'], [1, 0, '的'], [2, 0, '家']), ['composing', 'none', 'none']);
      assert.deepEqual(holdsFor(habit, [0, 0, '我']), ['none']);
      assert.equal(habit.repeats, null);
    });

    it('has marks and longer commits at once, and keeps the ghost along which he types', () => {
      assert.deepEqual(holds([0, 0, '，'], [1, 0, '我们'], [3, 0, '\n']), ['none', 'none', 'none']);
      const gate = new ImeGate();
      gate.offer(['天气很好']);
      gate.edit([{ rangeOffset: 0, rangeLength: 0, text: '天' }], 0);
      assert.equal(gate.at(0).kind, 'none');
      gate.edit([{ rangeOffset: 1, rangeLength: 0, text: '下' }], 0);
      assert.equal(gate.at(0).kind, 'composing');
    });

    it('is given his ghost again when he asks by hand', () => {
      const gate = new ImeGate();
      gate.edit([{ rangeOffset: 0, rangeLength: 0, text: '天' }], 0);
      assert.deepEqual(gate.asked(100), { kind: 'until', timeMs: 400 });
    });
  });

  it('where a composition in Han ends without another edit, it is given time, not for ever', () => {
    const habit = new WriterHabit();
    habit.repeats = false;
    const gate = new ImeGate(habit);
    gate.edit([{ rangeOffset: 0, rangeLength: 0, text: '天' }], 0);
    gate.edit([{ rangeOffset: 0, rangeLength: 1, text: '天气' }], 100);
    assert.equal(gate.at(1500).kind, 'until');
    assert.equal(gate.at(2100).kind, 'none');
  });

  describe('a writer who composes in Han', () => {
    const composition = (at: number): Edit[] => [
      [at, 0, '天'],
      [at, 1, '天气'],
      [at, 2, '天气'],
    ];

    it('is known after the first commit, in each document', () => {
      const habit = new WriterHabit();
      assert.deepEqual(holdsFor(habit, ...composition(9)), ['composing', 'composing', 'none']);
      assert.deepEqual(holdsFor(habit, ...composition(0)), ['composing', 'composing', 'none']);
    });

    it('commits one character', () => {
      const habit = new WriterHabit();
      holdsFor(habit, ...composition(9));
      assert.deepEqual(holdsFor(habit, [0, 0, '我'], [0, 1, '我']), ['composing', 'none']);
    });

    it('is not waited for by the clock, once known', () => {
      const gate = new ImeGate();
      composition(0).forEach(([rangeOffset, rangeLength, text], i) =>
        gate.edit([{ rangeOffset, rangeLength, text }], i),
      );
      gate.edit([{ rangeOffset: 2, rangeLength: 0, text: '很' }], 100);
      assert.equal(gate.at(60_000).kind, 'composing');
    });

    it('has pinyin, marks and longer texts at once, as anybody', () => {
      const habit = new WriterHabit();
      holdsFor(habit, ...composition(9));
      assert.deepEqual(holdsFor(habit, [0, 0, 'h'], [0, 1, 'hen'], [0, 3, '很'], [1, 0, '，'], [2, 0, '今天']), [
        'composing',
        'composing',
        'none',
        'none',
        'none',
      ]);
    });

    it('may change the input method: a character that is not replaced was a commit', () => {
      const habit = new WriterHabit();
      holdsFor(habit, ...composition(9));
      assert.deepEqual(holdsFor(habit, [0, 0, '我'], [1, 0, '的'], [2, 0, '家']), ['composing', 'none', 'none']);
    });

    it('accepts one character of a ghost', () => {
      const habit = new WriterHabit();
      holdsFor(habit, ...composition(9));
      const gate = new ImeGate(habit);
      gate.expect('的');
      gate.edit([{ rangeOffset: 0, rangeLength: 0, text: '的' }], 0);
      assert.equal(gate.at(0).kind, 'none');
      gate.edit([{ rangeOffset: 1, rangeLength: 0, text: '天' }], 100);
      assert.equal(gate.at(100).kind, 'composing');
    });
  });

  it('knows what no input method brings: what is expected, and a ghost that is accepted whole', () => {
    const gate = new ImeGate();
    const isKnown = (text: string, rangeLength = 0) => gate.isKnown({ rangeOffset: 0, rangeLength, text });
    assert.equal(isKnown('的家'), false);
    gate.offer(['的家乡', '家']);
    // A writer may type along the beginning of one.
    assert.deepEqual([isKnown('的家'), isKnown('的家乡'), isKnown('家'), isKnown('家乡')], [false, true, true, false]);
    // In place of what was composed.
    assert.equal(isKnown('的家乡', 3), false);
    gate.expect('天气');
    assert.equal(isKnown('天气'), true);
    gate.edit([{ rangeOffset: 0, rangeLength: 0, text: '天气' }], 0);
    assert.equal(isKnown('天气'), false);
  });

  describe('a writer who composes in Han and is offered ghosts', () => {
    function offered(...ghosts: string[]): { gate: ImeGate; edit: (...edit: Edit) => string } {
      const habit = new WriterHabit();
      holdsFor(habit, [9, 0, '天'], [9, 1, '天气'], [9, 2, '天气']);
      const gate = new ImeGate(habit);
      gate.offer(ghosts);
      const edit = (rangeOffset: number, rangeLength: number, text: string): string => {
        gate.edit([{ rangeOffset, rangeLength, text }], 0);
        return gate.at(0).kind;
      };
      return { gate, edit };
    }

    it('accepts one of one character, or what is left of one, and is not taken for another writer', () => {
      for (const ghosts of [['的'], ['人们', '的']]) assert.equal(offered(...ghosts).edit(0, 0, '的'), 'none');
      const { edit } = offered('天气');
      assert.equal(edit(0, 0, '天'), 'composing');
      assert.equal(edit(0, 1, '天'), 'none');
      assert.equal(edit(1, 0, '气'), 'composing');
      const { edit: accept } = offered('今天的');
      assert.equal(accept(0, 0, '今天'), 'none');
      assert.equal(accept(2, 0, '的'), 'none');
      assert.equal(accept(3, 0, '天'), 'composing');
    });

    it('accepts what is left of one behind what was typed in another width or with other quotes', () => {
      for (const [ghost, typed] of [
        ['，的', ','],
        ['“的', '"'],
        ['ＡＢ的', 'AB'],
      ] as const) {
        const { edit } = offered(ghost);
        edit(0, 0, typed);
        assert.equal(edit(typed.length, 0, '的'), 'none', ghost);
      }
    });

    it('composes what begins with such a ghost', () => {
      const { edit } = offered('天');
      assert.equal(edit(0, 0, '天'), 'none');
      assert.equal(edit(0, 1, '天气'), 'composing');
      assert.equal(edit(0, 2, '天气'), 'none');
    });
  });

  it('a writer who turns to 倉頡 is known after the first commit', () => {
    const habit = new WriterHabit();
    Object.assign(habit, { repeats: false, beginsWithHan: false });
    assert.deepEqual(holdsFor(habit, [4, 0, '人'], [4, 1, '人弓'], [4, 2, '人弓火'], [4, 3, '你'], [5, 0, '日']), [
      ...['none', 'composing', 'composing', 'none'],
      'composing',
    ]);
  });

  describe('a writer with 注音', () => {
    it('is held until the repetition, once that was seen', () => {
      const composition: Edit[] = [
        [8, 0, 'ㄊ'],
        [8, 1, '天'],
        [8, 1, '天'],
      ];
      const habit = new WriterHabit();
      for (let i = 0; i < 2; i++) assert.deepEqual(holdsFor(habit, ...composition), ['composing', 'composing', 'none']);
      assert.equal(habit.beginsWithHan, null);
    });

    it('has the ghost at once where characters are the commit, once that was seen', () => {
      const habit = new WriterHabit();
      assert.deepEqual(holdsFor(habit, [8, 0, 'ㄊ'], [8, 1, '天'], [9, 0, 'ㄑ'], [9, 1, '氣']), [
        'composing',
        'composing',
        'composing',
        'none',
      ]);
    });
  });

  it('pinyin that was shown again is held while its candidates are looked at, Latin in capitals no longer than English', () => {
    for (const [text, heldMs] of [
      ['ni', 2000],
      ['AB', 400],
    ] as const) {
      const gate = new ImeGate();
      gate.edit([{ rangeOffset: 0, rangeLength: 0, text: text.slice(0, 1) }], 0);
      gate.edit([{ rangeOffset: 0, rangeLength: 1, text }], 0);
      for (const timeMs of [1000, 2000]) {
        gate.edit([{ rangeOffset: 0, rangeLength: 2, text }], timeMs);
        assert.equal(gate.at(timeMs + heldMs - 1).kind, 'until');
        assert.equal(gate.at(timeMs + heldMs).kind, 'none');
        // What is typed in earnest is the writer's at once.
        assert.equal(gate.isOpen(timeMs + heldMs - 1), text === 'ni');
        assert.equal(gate.isOpen(timeMs + heldMs), false);
      }
      gate.edit([{ rangeOffset: 0, rangeLength: 2, text }], 3000);
      gate.edit([{ rangeOffset: 0, rangeLength: 2, text: '你' }], 3100);
      assert.equal(gate.isOpen(3100), false);
    }
  });

  it('an input method composes at all cursors: the first of them tells', () => {
    const typed = (text: string, rangeLength: number, ...offsets: number[]) =>
      offsets.map((rangeOffset) => ({ rangeOffset, rangeLength, text }));
    assert.deepEqual(atCursors(typed('x', 0, 19, 4), 2), typed('x', 0, 4));
    assert.deepEqual(atCursors(typed('xi', 1, 20, 4), 2), typed('xi', 1, 4));
    // Found and replaced, or formatted.
    assert.equal(atCursors(typed('x', 0, 19, 4), 1).length, 2);
    assert.equal(atCursors([...typed('x', 0, 19), ...typed('y', 0, 4)], 2).length, 2);
  });

  it('several changes are no composition', () => {
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
