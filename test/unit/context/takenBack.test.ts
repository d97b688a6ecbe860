import assert from 'node:assert/strict';
import { saysAgain, TakenBack } from '../../../src/context/takenBack';
import type { TextChange } from '../../../src/context/trackedRange';

/** What counts as taken back at the end, in 林晚推开窗子。 after edits at these places. */
function takenBack(edits: [from: number, length: number, text?: string][], at: number): string {
  let document = '林晚推开窗子。';
  const taken = new TakenBack();
  for (const [rangeOffset, rangeLength, text = ''] of edits) {
    const removedAt = (change: TextChange) =>
      document.slice(change.rangeOffset, change.rangeOffset + change.rangeLength);
    taken.follow([{ rangeOffset, rangeLength, text }], removedAt);
    document = document.slice(0, rangeOffset) + text + document.slice(rangeOffset + rangeLength);
  }
  return taken.at(at);
}

describe('what was taken back', () => {
  it('is what was deleted at once, or by one Backspace or Delete after the other', () => {
    assert.equal(takenBack([[4, 3]], 4), '窗子。');
    assert.equal(takenBack([[6, 1], [5, 1], [4, 1]], 4), '窗子。'); // prettier-ignore
    assert.equal(takenBack([[4, 1], [4, 1]], 4), '窗子'); // prettier-ignore
    assert.equal(takenBack([[6, 1], [4, 1]], 4), '窗', 'elsewhere'); // prettier-ignore
  });

  it('is nothing at another place, nor once something is typed or replaced, nor of several cursors', () => {
    assert.equal(takenBack([[6, 1]], 5), '');
    assert.equal(takenBack([[6, 1], [6, 0, '，']], 7), ''); // prettier-ignore
    assert.equal(takenBack([[6, 1], [0, 1, '张']], 6), ''); // prettier-ignore
    assert.equal(takenBack([[4, 2, '门']], 5), '');
    const taken = new TakenBack();
    const change = { rangeLength: 1, text: '' };
    taken.follow(
      [5, 2].map((rangeOffset) => ({ rangeOffset, ...change })),
      () => '雨',
    );
    assert.deepEqual([2, 4, 5].map((offset) => taken.at(offset)), ['', '', '']); // prettier-ignore
  });

  it('is not what nobody knows', () => {
    const taken = new TakenBack();
    taken.follow([{ rangeOffset: 4, rangeLength: 3, text: '' }], () => '');
    assert.equal(taken.at(4), '');
  });
});

describe('saysAgain', () => {
  const cases: [ghost: string, deleted: string, expected: boolean][] = [
    ['窗子。', '窗子。', true],
    ['窗子', '窗子。她', true],
    ['窗子。她笑了', '窗子。', true],
    ['“窗子,', '「窗子，', true],
    ['窗户。', '窗子。', false],
    ['，窗子', '窗子', false],
    ['窗子', '', false],
  ];
  for (const [ghost, deleted, expected] of cases)
    it(`${ghost} where ${deleted || 'nothing'} was deleted: ${expected}`, () =>
      assert.equal(saysAgain(ghost, deleted), expected));
});
