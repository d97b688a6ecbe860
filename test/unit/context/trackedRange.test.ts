import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TrackedRange } from '../../../src/context/trackedRange';

/** Applies an edit to a text in which ours stands in brackets: `ab[cd]ef` → what we then take to be ours. */
function follow(marked: string, rangeOffset: number, rangeLength: number, text: string) {
  const start = marked.indexOf('[');
  const end = marked.indexOf(']') - 1;
  const plain = marked.replace(/[[\]]/g, '');
  const range = new TrackedRange(start);
  range.grow(plain.slice(start, end));
  const touch = range.follow({ rangeOffset, rangeLength, text });
  const edited = plain.slice(0, rangeOffset) + text + plain.slice(rangeOffset + rangeLength);
  return {
    touch,
    found: `${edited.slice(0, range.start)}[${edited.slice(range.start, range.end)}]${edited.slice(range.end)}`,
  };
}

describe('TrackedRange', () => {
  const cases: [string, string, [number, number, string], string, string][] = [
    ['typing before', 'ab[cd]ef', [0, 0, 'x'], 'xab[cd]ef', 'outside'],
    ['typing right before', 'ab[cd]ef', [2, 0, 'x'], 'abx[cd]ef', 'outside'],
    ['typing behind', 'ab[cd]ef', [5, 0, 'x'], 'ab[cd]exf', 'outside'],
    ['typing inside', 'ab[cd]ef', [3, 0, 'x'], 'ab[cxd]ef', 'inside'],
    ['typing at the end', 'ab[cd]ef', [4, 0, 'x'], 'ab[cd]xef', 'atEnd'],
    ['a line break at the end', 'ab[cd]', [4, 0, '\n'], 'ab[cd]\n', 'break'],
    ['a line break where nothing is written yet', 'ab[]', [2, 0, '\r\n'], 'ab[]\r\n', 'break'],
    ['a line break with an indent', 'ab[cd]', [4, 0, '\n\u3000'], 'ab[cd]\n\u3000', 'atEnd'],
    ['a line break right before', 'ab[cd]', [2, 0, '\n'], 'ab\n[cd]', 'outside'],
    ['typing where nothing is written yet', 'ab[]ef', [2, 0, 'x'], 'ab[]xef', 'atEnd'],
    ['deleting before', 'ab[cd]ef', [0, 2, ''], '[cd]ef', 'outside'],
    ['deleting behind', 'ab[cd]ef', [5, 1, ''], 'ab[cd]e', 'outside'],
    ['deleting a part', 'ab[cde]f', [3, 1, ''], 'ab[ce]f', 'inside'],
    ['deleting the end', 'ab[cd]ef', [3, 1, ''], 'ab[c]ef', 'atEnd'],
    ['deleting over the end', 'ab[cd]ef', [3, 2, ''], 'ab[c]f', 'atEnd'],
    ['deleting over the beginning', 'ab[cd]ef', [1, 2, ''], 'a[d]ef', 'inside'],
    ['deleting blanks at the end', 'ab[c\n\u3000\u3000]ef', [4, 2, ''], 'ab[c\n]ef', 'trim'],
    ['deleting blanks over the end', 'ab[c\n\n]\n\n', [4, 3, ''], 'ab[c\n]', 'trim'],
    ['deleting what stands right behind', 'ab[c]  \nef', [3, 2, ''], 'ab[c]\nef', 'trim'],
    ['deleting more than blanks at the end', 'ab[cd\n]ef', [3, 2, ''], 'ab[c]ef', 'atEnd'],
    ['replacing blanks at the end', 'ab[c\n]ef', [3, 1, ' '], 'ab[c] ef', 'atEnd'],
    ['replacing everything', 'ab[cd]ef', [0, 6, 'xyz'], 'xyz[]', 'atEnd'],
  ];
  for (const [name, before, [offset, length, text], after, touch] of cases)
    it(name, () => assert.deepEqual(follow(before, offset, length, text), { touch, found: after }));

  it('follows other line ends, and what is to be replaced behind it with them', () => {
    const range = new TrackedRange(4, 3);
    range.changeLineEnds('a\r\n\r\nb\r\ncd', '\r\n');
    assert.deepEqual([range.start, range.end], [6, 6]);
    assert.equal(range.follow({ rangeOffset: 9, rangeLength: 0, text: 'x' }), 'atEnd');
    range.grow('甲\r\n');
    range.changeLineEnds('a\n\nb甲\n', '\n');
    assert.deepEqual([range.start, range.end], [4, 6]);
    assert.equal(range.follow({ rangeOffset: 5, rangeLength: 1, text: '' }), 'trim');
    assert.equal(range.trimmed, '\n');
  });

  it('what did not stay is written again before what comes next', () => {
    const range = new TrackedRange(2);
    range.grow('甲乙\n');
    range.takeBack('乙\n');
    assert.deepEqual([range.start, range.end, range.trimmed], [2, 3, '乙\n']);
    range.grow('乙\n');
    assert.deepEqual([range.end, range.trimmed], [5, '']);
  });

  it('what was trimmed of ours is known until text is written again', () => {
    const range = new TrackedRange(2);
    range.grow('c\n');
    range.grow('\n\u3000\u3000');
    // As saving does it: blanks at the ends of lines, then line breaks at the end of the text.
    range.follow({ rangeOffset: 5, rangeLength: 2, text: '' });
    assert.equal(range.trimmed, '\u3000\u3000');
    range.follow({ rangeOffset: 4, rangeLength: 1, text: '' });
    assert.equal(range.trimmed, '\n\u3000\u3000');
    assert.deepEqual([range.start, range.end], [2, 4]);
    range.grow('\n\u3000\u3000d');
    assert.equal(range.trimmed, '');
    assert.equal(range.follow({ rangeOffset: 5, rangeLength: 3, text: '' }), 'atEnd');
  });

  it('the writer takes over who edits what is about to be replaced, until it is', () => {
    // ab‸[old]ef: nothing of ours yet, and the three characters behind are to go.
    const touch = (rangeOffset: number, rangeLength: number, text: string) =>
      new TrackedRange(2, 3).follow({ rangeOffset, rangeLength, text });
    assert.equal(touch(3, 0, 'x'), 'atEnd');
    assert.equal(touch(4, 2, ''), 'atEnd');
    assert.equal(touch(2, 1, ''), 'atEnd');
    assert.equal(touch(2, 0, '\n'), 'atEnd');
    assert.equal(touch(5, 0, 'x'), 'outside');
    assert.equal(touch(0, 1, ''), 'outside');
    const range = new TrackedRange(2, 3);
    range.grow('y');
    assert.equal(range.follow({ rangeOffset: 4, rangeLength: 0, text: 'x' }), 'outside');
  });

  it('whatever is edited, what we take to be ours holds no character of the writer’s before or behind it', () => {
    const edit = fc.record({ at: fc.nat(12), length: fc.nat(6), text: fc.stringMatching(/^[x]{0,4}$/) });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 8 }), (edits) => {
        let text = '0123ABCD4567';
        const range = new TrackedRange(4);
        range.grow('ABCD');
        for (const { at, length, text: inserted } of edits) {
          const rangeOffset = Math.min(at, text.length);
          const rangeLength = Math.min(length, text.length - rangeOffset);
          range.follow({ rangeOffset, rangeLength, text: inserted });
          text = text.slice(0, rangeOffset) + inserted + text.slice(rangeOffset + rangeLength);
          assert.ok(range.start >= 0 && range.start <= range.end && range.end <= text.length);
          assert.doesNotMatch(text.slice(range.start, range.end), /[0-7]/);
        }
      }),
    );
  });
});
