import assert from 'node:assert/strict';
import { Survivors } from '../../../src/context/survivors';

/** 0123456789, of which 3 … 7 is followed, through edits [offset, length, text]. @returns what is left of it */
function left(edits: [number, number, string][]): { text: string; isWhole: boolean } {
  let document = '0123456789';
  const survivors = new Survivors(3, 4);
  for (const [rangeOffset, rangeLength, text] of edits) {
    document = document.slice(0, rangeOffset) + text + document.slice(rangeOffset + rangeLength);
    survivors.follow({ rangeOffset, rangeLength, text });
  }
  const parts = survivors.left.map(({ start, end }) => document.slice(start, end));
  return { text: parts.join('|'), isWhole: survivors.isWhole };
}

describe('Survivors', () => {
  const cases: [string, [number, number, string][], string, boolean][] = [
    ['nothing happens', [], '3456', true],
    ['text before', [[0, 1, 'abc']], '3456', true],
    ['text right before', [[3, 0, 'abc']], '3456', true],
    ['text right behind', [[7, 0, 'abc']], '3456', true],
    ['text inside', [[5, 0, 'abc']], '34|56', true],
    [
      'text inside, then inside the rest',
      [
        [5, 0, 'abc'],
        [9, 0, 'x'],
      ],
      '34|5|6',
      true,
    ],
    ['its end deleted', [[6, 3, '']], '345', false],
    ['its beginning replaced', [[1, 3, 'abc']], '456', false],
    ['its middle deleted', [[4, 2, '']], '3|6', false],
    ['all of it replaced by the same', [[3, 4, '3456']], '', false],
    ['everything deleted', [[0, 10, '']], '', false],
  ];
  for (const [what, edits, text, isWhole] of cases) it(what, () => assert.deepEqual(left(edits), { text, isWhole }));
});
