import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Candidates } from '../../../src/generation/candidates';
import { seededRandom } from '../../../src/generation/random';

/** By the definition: sort, add up, cut. */
function plainNucleus(logits: Float32Array, p: number): number[] {
  const order = Array.from(logits.keys()).sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
  const max = logits[order[0] as number] as number;
  const weights = order.map((id) => Math.exp((logits[id] as number) - max));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let mass = 0;
  let size = 0;
  while (size < order.length && (size === 0 || mass < p * total)) mass += weights[size++] as number;
  return order.slice(0, size).sort((a, b) => a - b);
}

describe('candidates', () => {
  it('the nucleus is what sorting everything gives', () => {
    const widths = fc.constantFrom(0, 0.5, 5, 50, 500);
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 400 }),
        widths,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (seed, length, width, p) => {
          const random = seededRandom(seed);
          const logits = Float32Array.from({ length }, () => (random() - 0.5) * width);
          const found = Array.from(Candidates.of(logits).nucleus(p).tokenIds).sort((a, b) => a - b);
          const expected = plainNucleus(logits, p);
          // Where the sum meets p to the last digit, rounding may decide on one token more or less.
          assert.ok(Math.abs(found.length - expected.length) <= 1, `${found.length} instead of ${expected.length}`);
          const [shorter, longer] = [found, expected].sort((a, b) => a.length - b.length) as [number[], number[]];
          assert.ok(shorter.every((id) => longer.includes(id)));
        },
      ),
    );
  });

  it('typical tokens are what sorting everything gives', () => {
    const random = seededRandom(9);
    for (const width of [1, 8, 60]) {
      const logits = Float32Array.from({ length: 300 }, () => (random() - 0.5) * width);
      const candidates = Candidates.of(logits);
      const probabilities = Array.from(candidates.probabilities());
      const entropy = probabilities.reduce((sum, p) => sum - p * Math.log(p), 0);
      const distance = probabilities.map((p) => Math.abs(-Math.log(p) - entropy));
      const order = [...distance.keys()].sort((a, b) => (distance[a] as number) - (distance[b] as number));
      for (const p of [0, 0.2, 0.55, 0.9]) {
        let mass = 0;
        let size = 0;
        while (size === 0 || mass < p) mass += probabilities[order[size++] as number] as number;
        assert.deepEqual(
          Array.from(candidates.typical(p).tokenIds).sort((a, b) => a - b),
          order.slice(0, size).sort((a, b) => a - b),
          `width ${width}, p ${p}`,
        );
      }
    }
  });

  it('leaves out what is impossible', () => {
    assert.deepEqual(Array.from(Candidates.of(Float32Array.of(1, -Infinity, 0)).tokenIds), [0, 2]);
  });

  it('the k likeliest, whatever k', () => {
    const random = seededRandom(3);
    const logits = Float32Array.from({ length: 500 }, () => Math.round(random() * 40));
    const order = Array.from(logits.keys()).sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
    for (const k of [1, 2, 40, 256, 257, 500, 1000])
      assert.deepEqual(Array.from(Candidates.of(logits).top(k).tokenIds), order.slice(0, k), `k = ${k}`);
  });
});
