import assert from 'node:assert/strict';
import fc from 'fast-check';
import { characterCount } from '../../../src/context/characterCount';
import { CharacterTally } from '../../../src/context/characterTally';

/** A text that is edited as a document is, and its tally; what was read last time is noted. */
class Text {
  read = 0;
  readonly tally: CharacterTally;

  constructor(public text: string) {
    this.tally = new CharacterTally(text.length, (from, to) => {
      this.read += Math.min(to, this.text.length) - from;
      return this.text.slice(from, to);
    });
  }

  replace(from: number, to: number, by: string): void {
    this.text = this.text.slice(0, from) + by + this.text.slice(to);
    this.tally.edit([{ rangeOffset: from, rangeLength: to - from, text: by }]);
  }

  count(): void {
    while (this.tally.countBlock());
  }
}

/** Words with and without marks inside, accents, characters of two units, and what separates. */
const characters = [
  '雨',
  '，',
  'a',
  'B',
  '7',
  '’',
  "'",
  '.',
  '!',
  '(',
  '-',
  '“',
  '。',
  ' ',
  '\n',
  'e\u0301',
  '𠮷',
  '😀',
  '葛\u{e0100}',
];
/** Long rows of marks that count only beside Han. */
const marks = ['.', '!', '(', "'", '&', ':', '/', ',', '雨', 'e\u0301'];
const proseOf = (parts: readonly string[]) => (length: number) =>
  fc.array(fc.constantFrom(...parts), { minLength: length, maxLength: 3 * length }).map((chosen) => chosen.join(''));

describe('CharacterTally', () => {
  for (const [what, parts] of [
    ['a text', characters],
    ['a text of marks', marks],
  ] as const)
    it(`counts of ${what} what characterCount counts, after any edits, as a whole and in part`, () => {
      const prose = proseOf(parts);
      const edit = fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        removed: fc.oneof(fc.nat(5), fc.nat(3000)),
        inserted: fc.oneof(prose(0), prose(2), prose(1500)),
        isCountedNow: fc.boolean(),
      });
      const range = fc.tuple(fc.nat(9000), fc.nat(9000));
      fc.assert(
        fc.property(prose(1500), fc.array(edit, { maxLength: 8 }), fc.array(range), (start, edits, ranges) => {
          const text = new Text(start);
          text.count();
          for (const { at, removed, inserted, isCountedNow } of edits) {
            const from = Math.floor(at * text.text.length);
            text.replace(from, Math.min(text.text.length, from + removed), inserted);
            if (isCountedNow) text.count();
          }
          text.count();
          assert.equal(text.tally.length, text.text.length);
          assert.deepEqual(text.tally.total(), characterCount(text.text));
          for (const [a, b] of ranges) {
            const [from, to] = [Math.min(a, b, text.text.length), Math.min(Math.max(a, b), text.text.length)];
            assert.deepEqual(
              text.tally.between(from, to),
              characterCount(text.text.slice(from, to)),
              `${from} … ${to}`,
            );
          }
        }),
        { numRuns: 60 },
      );
    });

  it('counts several changes of one edit', () => {
    const text = new Text('雨'.repeat(5000));
    text.count();
    text.text = `停${'雨'.repeat(3999)}hello${'雨'.repeat(999)}`;
    text.tally.edit([
      { rangeOffset: 4000, rangeLength: 1, text: 'hello' },
      { rangeOffset: 0, rangeLength: 1, text: '停' },
    ]);
    text.count();
    assert.deepEqual(text.tally.total(), { all: 5000, withoutPunctuation: 5000 });
  });

  it('counts many changes of one edit, some of which take whole blocks away', () => {
    const steps = fc.array(fc.record({ gap: fc.nat(3000), removed: fc.nat(1500), inserted: proseOf(characters)(0) }));
    fc.assert(
      fc.property(steps, (changes) => {
        const text = new Text('雨停了，hello 天晴了。'.repeat(1000));
        text.count();
        let end = text.text.length;
        const edit = changes.flatMap(({ gap, removed, inserted }) => {
          const rangeOffset = end - gap - removed;
          if (rangeOffset < 0) return [];
          end = rangeOffset;
          text.text = text.text.slice(0, end) + inserted + text.text.slice(end + removed);
          return [{ rangeOffset, rangeLength: removed, text: inserted }];
        });
        text.tally.edit(edit);
        text.count();
        assert.equal(text.tally.length, text.text.length);
        assert.deepEqual(text.tally.total(), characterCount(text.text));
      }),
    );
  });

  for (const [what, unit] of [
    ['of many lines', '故乡的雨总是下得很慢，我想起祖父。\n'],
    ['in one line', '故乡的雨总是下得很慢，我想起祖父。'],
    ['that is one word', 'data'],
  ] as const)
    it(`reads little of a long document ${what}, whatever is edited or selected`, () => {
      const text = new Text(unit.repeat(20_000));
      assert.equal(text.tally.total(), null);
      text.count();
      for (const at of [0, 39_999, text.text.length - 7]) {
        text.read = 0;
        text.replace(at, at + 3, '雨停了。');
        text.count();
        text.tally.between(5, text.text.length - 5);
        assert.ok(text.read < 7000, String(text.read));
      }
      assert.deepEqual(text.tally.total(), characterCount(text.text));
    });

  it('reads nothing for a writer who types on, but at first', () => {
    const text = new Text('故乡的雨总是下得很慢。'.repeat(10_000));
    text.count();
    for (const from of [50_000, text.text.length]) {
      text.replace(from, from, '雨');
      text.count();
      text.read = 0;
      Array.from('停了，hello 天晴了。').forEach((character, i) => {
        text.replace(from + 1 + i, from + 1 + i, character);
        text.count();
      });
      assert.equal(text.read, 0);
    }
    assert.deepEqual(text.tally.total(), characterCount(text.text));
  });

  it('counts a long text that is pasted block by block', () => {
    const text = new Text('雨');
    text.count();
    text.replace(1, 1, '停了。'.repeat(3000));
    text.tally.countBlock();
    assert.equal(text.tally.total(), null);
    assert.equal(text.tally.between(0, 9000), null);
    text.count();
    assert.equal(text.tally.total()?.all, 9001);
  });

  it('an empty text is counted too', () => {
    const text = new Text('');
    text.count();
    assert.deepEqual(text.tally.total(), { all: 0, withoutPunctuation: 0 });
    text.replace(0, 0, '雨');
    text.count();
    text.replace(0, 1, '');
    text.count();
    assert.deepEqual(text.tally.total(), { all: 0, withoutPunctuation: 0 });
  });
});
