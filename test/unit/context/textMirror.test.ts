import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TextMirror } from '../../../src/context/textMirror';

/** Where an edit begins, as a share of the document, and what takes its place. */
const edit = fc.record({ from: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(6), text: fc.string() });

function apply(text: string, { rangeOffset, rangeLength, text: inserted }: Change): string {
  return text.slice(0, rangeOffset) + inserted + text.slice(rangeOffset + rangeLength);
}

interface Change {
  rangeOffset: number;
  rangeLength: number;
  text: string;
}

describe('TextMirror', () => {
  it('says what stands in its stretch of the document after any edits, or that it does not know', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 5 }), fc.nat(10), fc.nat(10), fc.array(edit), (text, start, length, edits) => {
        const mirror = new TextMirror(Math.min(start, text.length), text.slice(start, start + length));
        for (const { from, length, text: inserted } of edits) {
          const rangeOffset = Math.floor(from * text.length);
          const change = { rangeOffset, rangeLength: Math.min(length, text.length - rangeOffset), text: inserted };
          text = apply(text, change);
          if (!mirror.follow([change])) return;
          assert.equal(mirror.text, text.slice(mirror.start, mirror.end));
        }
      }),
    );
  });

  const book = '雨'.repeat(10_000);
  const stretch = () => new TextMirror(2, '一棵老树'); // of 院里一棵老树，夏天
  const cases: { what: string; changes: Change[]; start?: number; text?: string; follows?: boolean }[] = [
    { what: 'inserted inside', changes: [{ rangeOffset: 4, rangeLength: 0, text: '很' }], text: '一棵很老树' },
    { what: 'inserted at its end', changes: [{ rangeOffset: 6, rangeLength: 0, text: '下' }], text: '一棵老树下' },
    { what: 'inserted at its start', changes: [{ rangeOffset: 2, rangeLength: 0, text: '有' }], text: '有一棵老树' },
    { what: 'deleted before it', changes: [{ rangeOffset: 0, rangeLength: 2, text: '' }], start: 0 },
    { what: 'edited behind it', changes: [{ rangeOffset: 7, rangeLength: 1, text: '秋' }] },
    { what: 'replaced over its end', changes: [{ rangeOffset: 5, rangeLength: 2, text: '' }], follows: false },
    { what: 'replaced over its start', changes: [{ rangeOffset: 1, rangeLength: 2, text: '' }], follows: false },
    { what: 'a book pasted inside', changes: [{ rangeOffset: 4, rangeLength: 0, text: book }], follows: false },
    { what: 'a book pasted at its end', changes: [{ rangeOffset: 6, rangeLength: 0, text: book }], follows: false },
    {
      what: 'a book pasted before it',
      changes: [{ rangeOffset: 1, rangeLength: 0, text: book }],
      start: 2 + book.length,
    },
    { what: 'a book pasted behind it', changes: [{ rangeOffset: 7, rangeLength: 0, text: book }] },
    {
      what: 'two changes, from the back',
      changes: [
        { rangeOffset: 5, rangeLength: 1, text: '槐树' },
        { rangeOffset: 0, rangeLength: 0, text: '在' },
      ],
      start: 3,
      text: '一棵老槐树',
    },
  ];
  for (const { what, changes, start = 2, text = '一棵老树', follows = true } of cases)
    it(what, () => {
      const mirror = stretch();
      assert.equal(mirror.follow(changes), follows);
      if (follows) assert.deepEqual([mirror.start, mirror.text], [start, text]);
    });
});
