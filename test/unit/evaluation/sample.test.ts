import assert from 'node:assert/strict';
import { anchorOffset, promptAt } from '../../../src/evaluation/predictor';
import { blockLength, sampleIndices, sampleStretches } from '../../../src/evaluation/sample';

const document = (genre: string, length: number) => ({ genre, text: '字'.repeat(length) });

describe('sample of stretches', () => {
  it('takes every document whole with Infinity', () => {
    assert.deepEqual(sampleStretches([document('a', 250), document('b', 1)], Infinity), [
      { document: 0, start: 0, end: 250 },
      { document: 1, start: 0, end: 1 },
    ]);
  });

  it('takes every step-th block of each genre, across its documents', () => {
    const documents = Array.from({ length: 30 }, (_, i) => document(i % 3 === 0 ? 'a' : 'b', 730));
    const stretches = sampleStretches(documents, 2190); // a tenth of 21,900
    for (const genre of ['a', 'b']) {
      // The numbers of the genre's blocks: eight in each document.
      const members = documents.flatMap((d, i) => (d.genre === genre ? [i] : []));
      const numbers = stretches
        .filter(({ document: d }) => members.includes(d))
        .map(({ document: d, start }) => members.indexOf(d) * 8 + start / blockLength);
      assert.equal(numbers.length, Math.round((members.length * 8) / 10));
      assert.ok(numbers.every((number, i) => i === 0 || number - (numbers[i - 1] as number) === 10));
      assert.ok((numbers[0] as number) < 10);
    }
  });

  it('is committed: these blocks, for ever', () => {
    // every 4th block: 0, 4, 8, 12, 16 of the 20 of a; 2, 6, 10 of the 11 of b
    const committed = [
      [0, 0, 100],
      [0, 400, 500],
      [0, 800, 900],
      [1, 200, 300],
      [1, 600, 700],
      [1, 1000, 1050],
      [2, 200, 300],
      [2, 600, 700],
    ];
    const documents = [document('a', 1000), document('b', 1050), document('a', 990)];
    const taken = sampleStretches(documents, 760).map(({ document: d, start, end }) => [d, start, end]);
    assert.deepEqual(taken, committed);
  });

  it('leaves no genre out, however small it is or the sample', () => {
    const documents = [document('a', 3000), document('b', 150), document('c', 1)];
    for (const numPositions of [1, 10, 300]) {
      const taken = sampleStretches(documents, numPositions).map(({ document: d }) => documents[d]?.genre);
      assert.deepEqual([...new Set(taken)], ['a', 'b', 'c'], `${numPositions}`);
    }
  });

  it('cuts no character in two', () => {
    const [first, second] = sampleStretches([{ genre: 'a', text: '字'.repeat(99) + '𠮷'.repeat(40) }], 1000);
    assert.equal(first?.end, 101);
    assert.equal(second?.start, 101);
  });

  it('spreads indices evenly', () => {
    assert.deepEqual(sampleIndices(3, 5), [0, 1, 2]);
    const indices = sampleIndices(71, 20);
    // To the end: steps of 71 / 20 from below 1 step on.
    assert.ok((indices[0] as number) < 4 && (indices.at(-1) as number) >= 71 - 4, indices.join());
    assert.equal(new Set(indices).size, 20);
    assert.ok(indices.every((index, i) => index >= 0 && index < 71 && (i === 0 || index > (indices[i - 1] as number))));
  });
});

describe('prompt at an offset', () => {
  it('has the anchor that typing from the beginning leads to', () => {
    const max = 384;
    let anchor = 0;
    for (let offset = 0; offset < 3000; offset++) {
      // editor/documentText.ts, character by character
      if (offset - anchor > max) anchor = offset - Math.floor(max * 0.75);
      assert.equal(anchorOffset(offset, max), anchor, `${offset}`);
    }
  });

  it('gives the text from there, and says whether it begins the body', () => {
    const at = (offset: number, endsWord?: boolean) => promptAt('题', '一二三四五六七八', offset, 4, endsWord);
    assert.deepEqual(at(4), { title: '题', text: '一二三四', fromStart: true, endsWord: false });
    assert.deepEqual(at(5, true), { title: '题', text: '三四五', fromStart: false, endsWord: true });
  });
});
