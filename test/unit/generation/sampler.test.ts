import assert from 'node:assert/strict';
import { seededRandom } from '../../../src/generation/random';
import { Sampler, logProbability } from '../../../src/generation/sampler';
import type { SamplerOptions } from '../../../src/generation/sampler';

const off: SamplerOptions = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  repetitionWindow: 64,
};

/** Logits whose softmax is exactly these probabilities. */
function logitsFor(...probabilities: number[]): Float32Array {
  return Float32Array.from(probabilities, Math.log);
}

/** token id → probability, of what the sampler may draw. */
function distribution(
  logits: Float32Array,
  options: Partial<SamplerOptions>,
  { banned = [] as number[], history = [] as number[] } = {},
): Record<number, number> {
  const candidates = new Sampler({ ...off, ...options }, banned, () => 0).distribution(logits, history);
  const probabilities = candidates.probabilities();
  return Object.fromEntries(candidates.tokenIds.map((id, i) => [id, probabilities[i] as number]));
}

function assertDistribution(found: Record<number, number>, expected: Record<number, number>): void {
  assert.deepEqual(Object.keys(found), Object.keys(expected));
  for (const [id, probability] of Object.entries(expected))
    assert.ok(Math.abs((found[Number(id)] as number) - probability) < 1e-6, `${id}: ${String(found[Number(id)])}`);
}

describe('sampler options, each by its definition', () => {
  const logits = logitsFor(0.4, 0.1, 0.3, 0.2);

  it('everything off: the model’s own distribution', () => {
    assertDistribution(distribution(logits, {}), { 0: 0.4, 1: 0.1, 2: 0.3, 3: 0.2 });
  });

  it('temperature 0.5 squares the probabilities', () => {
    // 0.16 + 0.01 + 0.09 + 0.04 = 0.30
    assertDistribution(distribution(logits, { temperature: 0.5 }), {
      0: 0.16 / 0.3,
      1: 0.01 / 0.3,
      2: 0.09 / 0.3,
      3: 0.04 / 0.3,
    });
  });

  it('temperature 0 leaves the likeliest token alone', () => {
    assertDistribution(distribution(logits, { temperature: 0 }), { 0: 1 });
  });

  it('top-k 2 keeps the two likeliest, renormalised', () => {
    assertDistribution(distribution(logits, { topK: 2 }), { 0: 0.4 / 0.7, 2: 0.3 / 0.7 });
  });

  it('top-k as large as the vocabulary changes nothing', () => {
    assertDistribution(distribution(logits, { topK: 4 }), { 0: 0.4, 1: 0.1, 2: 0.3, 3: 0.2 });
  });

  it('top-p 0.69 needs two tokens (0.4 + 0.3), 0.71 a third', () => {
    assertDistribution(distribution(logits, { topP: 0.69 }), { 0: 0.4 / 0.7, 2: 0.3 / 0.7 });
    assertDistribution(distribution(logits, { topP: 0.71 }), { 0: 0.4 / 0.9, 2: 0.3 / 0.9, 3: 0.2 / 0.9 });
  });

  it('top-p 0 keeps one token', () => {
    assertDistribution(distribution(logits, { topP: 0 }), { 0: 1 });
  });

  it('top-p reaches far into a flat tail', () => {
    const flat = new Float32Array(1000);
    assert.equal(Object.keys(distribution(flat, { topP: 0.5 })).length, 500);
    const peaked = Float32Array.from(flat, (_, id) => (id === 0 ? 5 : 0)); // e⁵ = 148.41 of 1147.41
    assert.equal(Object.keys(distribution(peaked, { topP: 0.6 })).length, 542); // 1 + ⌈0.6 × 1147.41 − 148.41⌉
  });

  it('min-p 0.6 drops what is under 0.6 × 0.4', () => {
    assertDistribution(distribution(logits, { minP: 0.6 }), { 0: 0.4 / 0.7, 2: 0.3 / 0.7 });
  });

  it('banned tokens are gone', () => {
    assertDistribution(distribution(logits, {}, { banned: [0] }), { 1: 0.1 / 0.6, 2: 0.3 / 0.6, 3: 0.2 / 0.6 });
  });

  it('repetition penalty 2 halves positive logits and doubles negative ones, once per token', () => {
    const found = distribution(Float32Array.of(2, -1, 0.5), { repetitionPenalty: 2 }, { history: [0, 1, 0] });
    const total = Math.exp(1) + Math.exp(-2) + Math.exp(0.5);
    assertDistribution(found, { 0: Math.exp(1) / total, 1: Math.exp(-2) / total, 2: Math.exp(0.5) / total });
  });

  it('the repetition window forgets older tokens', () => {
    const options = { repetitionPenalty: 2, repetitionWindow: 1 };
    const found = distribution(Float32Array.of(2, 2), options, { history: [0, 1] });
    const total = Math.exp(2) + Math.exp(1);
    assertDistribution(found, { 0: Math.exp(2) / total, 1: Math.exp(1) / total });
  });

  it('the order is top-k, top-p, min-p, temperature', () => {
    // top-p sees the two tokens that top-k left (0.57 + 0.43); after temperature first it would see 0.73 + 0.27.
    assertDistribution(distribution(logits, { topK: 2, topP: 0.6, temperature: 0.5 }), {
      0: 0.16 / 0.25,
      2: 0.09 / 0.25,
    });
  });

  it('leaves the logits as they were', () => {
    const before = Array.from(logits);
    distribution(logits, { repetitionPenalty: 2, temperature: 0.5 }, { banned: [1], history: [0, 2] });
    assert.deepEqual(Array.from(logits), before);
  });

  it('says so when every token is banned', () => {
    const sampler = new Sampler(off, [0, 1, 2, 3], () => 0);
    assert.throws(() => sampler.sample(logits, []), { name: 'RangeError', message: 'every token is banned' });
  });
});

describe('drawing', () => {
  it('draws each token as often as its probability says', () => {
    const sampler = new Sampler(off, [], seededRandom(1));
    const counts = [0, 0, 0];
    for (let i = 0; i < 20_000; i++) {
      const id = sampler.sample(logitsFor(0.5, 0.3, 0.2), []);
      counts[id] = (counts[id] as number) + 1;
    }
    // 4 standard deviations of a binomial count: 4 × √(20000 × 0.25) = 283
    for (const [id, expected] of [10_000, 6_000, 4_000].entries())
      assert.ok(Math.abs((counts[id] as number) - expected) < 283, `token ${id}: ${String(counts[id])}`);
  });

  it('same seed, same draws; another seed, others', () => {
    const draw = (seed: number) => {
      const sampler = new Sampler(off, [], seededRandom(seed));
      return Array.from({ length: 50 }, () => sampler.sample(logitsFor(0.25, 0.25, 0.25, 0.25), [])).join('');
    };
    assert.equal(draw(3), draw(3));
    assert.notEqual(draw(3), draw(4));
    assert.notEqual(draw(0), draw(1));
  });

  it('random numbers are uniform in [0, 1)', () => {
    const random = seededRandom(0);
    const bins = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const bin = Math.floor(random() * 10);
      bins[bin] = (bins[bin] as number) + 1;
    }
    for (const count of bins) assert.ok(Math.abs(count - 10_000) < 380, bins.join(' ')); // 4 σ
  });

  it('log probability is that of the softmax', () => {
    assert.ok(Math.abs(logProbability(logitsFor(0.25, 0.75), 1) - Math.log(0.75)) < 1e-6);
  });
});
