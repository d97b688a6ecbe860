import assert from 'node:assert/strict';
import { ratioEstimate } from '../../../src/evaluation/interval';

describe('ratioEstimate', () => {
  it('divides sums, not averages of quotients', () => {
    const { value } = ratioEstimate([
      { numerator: 1, denominator: 1 },
      { numerator: 0, denominator: 3 },
    ]);
    assert.equal(value, 0.25);
  });

  it('of two documents: the interval is theirs', () => {
    const { low, high } = ratioEstimate([
      { numerator: 0, denominator: 1 },
      { numerator: 1, denominator: 1 },
    ]);
    assert.deepEqual([low, high], [0, 1]);
  });

  it('of a hundred coins: near the normal interval, 0.5 ± 0.098', () => {
    const coins = Array.from({ length: 100 }, (_, i) => ({ numerator: i % 2, denominator: 1 }));
    const { value, low, high } = ratioEstimate(coins);
    assert.equal(value, 0.5);
    assert.ok(Math.abs(low - 0.402) <= 0.013 && Math.abs(high - 0.598) <= 0.013, `${low} ${high}`);
  });

  it('is the same each time, and NaN where nothing was counted', () => {
    const ratios = [3, 1, 4, 1, 5].map((numerator, i) => ({ numerator, denominator: i + 1 }));
    assert.deepEqual(ratioEstimate(ratios), ratioEstimate(ratios));
    assert.ok(Number.isNaN(ratioEstimate([]).value));
    assert.ok(Number.isNaN(ratioEstimate([{ numerator: 0, denominator: 0 }]).low));
  });
});
