import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { bestLength } from '../../../src/context/ghostLength';

describe('the length of a ghost', () => {
  const ghost = '我们一起走';
  const ends = [2, 4, 5];
  const lengthWith = (...probabilities: number[]) =>
    bestLength(ghost, ends, (length) => probabilities[ends.indexOf(length)] ?? assert.fail());

  it('ends before a word that is more likely wrong than it saves', () => {
    // All of it saves 0.1 · 1 + 0.6 · 2 + 0.1 · 4 = 1.7 keys; without 走 it is 0.1 · 1 + 0.7 · 3 = 2.2.
    assert.equal(lengthWith(0.8, 0.7, 0.1), 4);
    // 0.1 · 1 + 0.2 · 2 + 0.5 · 4 = 2.5.
    assert.equal(lengthWith(0.8, 0.7, 0.5), 5);
  });

  it('is the longer one where that saves almost as much', () => {
    // 0.1 · 1 + 0.5 · 2 + 0.2 · 4 = 1.9 is less than nine tenths of 2.2, 0.1 · 1 + 0.4 · 2 + 0.3 · 4 = 2.1 is not.
    assert.deepEqual([lengthWith(0.8, 0.7, 0.2), lengthWith(0.8, 0.7, 0.3)], [4, 5]);
  });

  it('goes on to a word behind that makes up for it', () => {
    // One character each: of 啊啊啊啊 the first three words save nothing, all four save three keys if they are right.
    const each = [0.9, 0.5, 0.4, 0.39];
    assert.equal(
      bestLength('啊啊啊啊', [1, 2, 3, 4], (length) => each[length - 1] ?? assert.fail()),
      4,
    );
  });

  it('is all of it where nothing is saved either way', () => {
    assert.equal(
      bestLength('，', [1], () => 0.3),
      1,
    );
    assert.equal(
      bestLength('', [], () => assert.fail()),
      0,
    );
  });

  it('counts characters, not UTF-16 units', () => {
    // Of three words of one character each the first two save 0.8 keys, all three twice their probability.
    const thirdAt = (probability: number) =>
      bestLength('𠮷𠮷好', [2, 4, 5], (length) => (length === 5 ? probability : 0.8));
    assert.deepEqual([thirdAt(0.35), thirdAt(0.5)], [4, 5]);
  });
});
