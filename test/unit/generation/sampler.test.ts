import assert from 'node:assert/strict';
import { seededRandom } from '../../../src/generation/random';
import { Sampler } from '../../../src/generation/sampler';
import type { SamplerOptions } from '../../../src/generation/sampler';
import { distributionOf, logProbability } from '../../../src/generation/softmax';
import { resolveOptions } from '../../../src/options';
import { PieceTokenizer } from './pieceTokenizer';

/** Every stage at the value that leaves the distribution alone. */
const off: SamplerOptions = resolveOptions({ topP: 1 });
/** An id that no test uses. */
const nothing = { unknown: 1_000_000, banned: [], endOfText: [2] };
const letters = new PieceTokenizer('abcdefghij'.split(''));

function sampler(options: Partial<SamplerOptions>, seed = 1, banned: number[] = [], tokenizer = letters): Sampler {
  return new Sampler({ ...off, ...options }, tokenizer, { ...nothing, banned }, seededRandom(seed));
}

/** Logits whose softmax is exactly these probabilities. */
function logitsFor(...probabilities: number[]): Float32Array {
  return Float32Array.from(probabilities, Math.log);
}

/** token id → probability, of what the sampler may draw. */
function distribution(
  logits: Float32Array,
  options: Partial<SamplerOptions>,
  { banned = [] as number[], history = [] as number[], tokenizer = letters } = {},
): Record<number, number> {
  const candidates = sampler(options, 1, banned, tokenizer).distribution(logits, history);
  const probabilities = candidates.probabilities();
  return Object.fromEntries(Array.from(candidates.tokenIds, (id, i) => [id, probabilities[i] as number]));
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

  it('a temperature near 0 too, however near', () => {
    for (const temperature of [1e-3, 1e-30, 1e-40, Number.MIN_VALUE])
      for (const values of [Float32Array.of(3, 20, 5), Float32Array.of(-5, -3, -20)]) {
        const likeliest = values.indexOf(Math.max(...values));
        const expected = Object.fromEntries(Array.from(values, (_, id) => [id, id === likeliest ? 1 : 0]));
        assertDistribution(distribution(values, { temperature }), expected);
      }
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

  it('the end of the text is out of the question while the text is too short', () => {
    assert.deepEqual(Array.from(sampler({}).distribution(logits, [], false).tokenIds), [0, 1, 3]);
    assert.deepEqual(Array.from(sampler({}).distribution(logits, [], true).tokenIds), [0, 1, 2, 3]);
  });

  it('repetition penalty 2 halves positive logits and doubles negative ones, once per token', () => {
    const found = distribution(Float32Array.of(2, -1, 0.5), { repetitionPenalty: 2 }, { history: [0, 1, 0] });
    const total = Math.exp(1) + Math.exp(-2) + Math.exp(0.5);
    assertDistribution(found, { 0: Math.exp(1) / total, 1: Math.exp(-2) / total, 2: Math.exp(0.5) / total });
  });

  it('penalties leave a token what own words claim for it, and bans do not', () => {
    const penalties = { repetitionPenalty: 2, presencePenalty: 1, frequencyPenalty: 1, temperature: 0 };
    const drawn = (logit: number, banned: number[] = []) =>
      sampler(penalties, 1, banned).sample(Float32Array.of(2, 1.5, 0), [0], true, { id: 0, logit });
    assert.equal(drawn(1.6), 0); // penalised to −1, lifted to 1.6
    assert.equal(drawn(1.4), 1);
    assert.equal(drawn(1.6, [0]), 1);
    // Nothing is lifted above where it stood.
    assert.equal(sampler({ temperature: 0 }).sample(Float32Array.of(2, 1.5), [], true, { id: 1, logit: 9 }), 0);
  });

  it('the repetition window forgets older tokens', () => {
    const options = { repetitionPenalty: 2, repetitionWindow: 1 };
    const found = distribution(Float32Array.of(2, 2), options, { history: [0, 1] });
    const total = Math.exp(2) + Math.exp(1);
    assertDistribution(found, { 0: Math.exp(2) / total, 1: Math.exp(1) / total });
  });

  it('presence penalty 1 takes e off the odds, once; frequency penalty 1 as often as the token occurred', () => {
    const history = [0, 1, 0];
    const odds = (...values: number[]) => {
      const total = values.reduce((sum, value) => sum + value, 0);
      return Object.fromEntries(values.map((value, id) => [id, value / total]));
    };
    const { E } = Math;
    const flat = logitsFor(1 / 3, 1 / 3, 1 / 3);
    assertDistribution(distribution(flat, { presencePenalty: 1 }, { history }), odds(1 / E, 1 / E, 1));
    assertDistribution(distribution(flat, { frequencyPenalty: 1 }, { history }), odds(1 / E ** 2, 1 / E, 1));
    const narrow = { frequencyPenalty: 1, repetitionWindow: 2 };
    assertDistribution(distribution(flat, narrow, { history }), odds(1 / E, 1 / E, 1));
  });

  it('no-repeat trigram: ab c … ab may not go on with c', () => {
    const history = letters.encode('abcxab'.replace('x', 'd'));
    assert.deepEqual(Object.keys(distribution(logits, { noRepeatNgram: 3 }, { history })), ['0', '1', '3']);
    assert.deepEqual(Object.keys(distribution(logits, { noRepeatNgram: 4 }, { history })), ['0', '1', '2', '3']);
    assert.deepEqual(Object.keys(distribution(logits, { noRepeatNgram: 1 }, { history: [1] })), ['0', '2', '3']);
  });

  it('typical-p keeps what is closest to the entropy', () => {
    // Entropy of 0.4, 0.1, 0.3, 0.2 is 1.280; distances: 0.364, 1.023, 0.076, 0.330. So first 2, then 3, then 0.
    assertDistribution(distribution(logits, { typicalP: 0.3 }), { 2: 1 });
    assertDistribution(distribution(logits, { typicalP: 0.45 }), { 2: 0.3 / 0.5, 3: 0.2 / 0.5 });
    assert.deepEqual(Object.keys(distribution(logits, { typicalP: 0.6 })), ['0', '2', '3']);
  });

  it('top-p at newline takes the place of top-p after a newline only', () => {
    const tokenizer = new PieceTokenizer(['a', '\n', 'b', 'c']);
    const options = { topP: 0.3, newlineTopP: 0.69 };
    assert.deepEqual(Object.keys(distribution(logits, options, { tokenizer, history: [0] })), ['0']);
    assert.deepEqual(Object.keys(distribution(logits, options, { tokenizer, history: [0, 1] })), ['0', '2']);
  });

  it('the order can be set: temperature before top-p widens the nucleus', () => {
    const options: Partial<SamplerOptions> = { topP: 0.69, temperature: 4 };
    assert.equal(Object.keys(distribution(logits, options)).length, 2);
    const hotFirst = { ...options, samplerOrder: ['temperature', 'topK', 'typicalP', 'topP', 'minP'] } as const;
    assert.equal(Object.keys(distribution(logits, hotFirst)).length, 3); // ⁴√: 0.285 + 0.265 < 0.69
  });

  it('the default order is top-k, top-p, min-p, temperature', () => {
    // top-p sees the two tokens that top-k left (0.57 + 0.43); after temperature first it would see 0.73 + 0.27.
    assertDistribution(distribution(logits, { topK: 2, topP: 0.6, temperature: 0.5 }), {
      0: 0.16 / 0.25,
      2: 0.09 / 0.25,
    });
  });

  it('typical-p stands between top-k and top-p', () => {
    // Of the two that top-k leaves (0.57, 0.43; entropy 0.683) token 0 is closest to the entropy (0.56), of all four token 2.
    assertDistribution(distribution(logits, { topK: 2, typicalP: 0.3 }), { 0: 1 });
    // Top-p 0.69 would leave the same two.
    assertDistribution(distribution(logits, { typicalP: 0.3, topP: 0.69 }), { 2: 1 });
  });

  it('a bias comes before the penalties, the repetition penalty before the counting ones, DRY after all of them', () => {
    const options = { repetitionPenalty: 2, presencePenalty: 0.5, dryMultiplier: 1, dryBase: 2, dryAllowedLength: 2 };
    const chain = sampler({ ...options, logitBias: { c: 1 } });
    const history = letters.encode('abcdab'); // c would make abc, which DRY takes 2⁰ for
    const logitOfC = (sure: { id: number; logit: number } | null) => {
      const found = chain.distribution(Float32Array.of(0, 0, 3, 0), history, true, sure);
      return found.logits[found.tokenIds.indexOf(2)];
    };
    assert.equal(logitOfC(null), (3 + 1) / 2 - 0.5 - 1);
    // Own words are sure of it up to 3: the penalties leave it there, and DRY does not.
    assert.equal(logitOfC({ id: 2, logit: 3 }), 3 - 1);
  });

  it('leaves the logits as they were', () => {
    const before = Array.from(logits);
    distribution(logits, { repetitionPenalty: 2, temperature: 0.5 }, { banned: [1], history: [0, 2] });
    assert.deepEqual(Array.from(logits), before);
  });

  it('takes the likeliest token where everything is banned', () => {
    assert.equal(sampler({}, 1, [0, 1, 2, 3]).sample(logits, []), 0);
  });
});

describe('DRY', () => {
  /** What is taken off the logit of each letter. */
  const taken = (history: string, options: Partial<SamplerOptions> = {}, tokenizer = letters) => {
    const dry = { dryMultiplier: 1, dryBase: 2, dryAllowedLength: 2, ...options };
    const before = new Float32Array(tokenizer.vocabSize);
    const found = sampler(dry, 1, [], tokenizer).distribution(before, tokenizer.encode(history));
    return Object.fromEntries(
      Array.from(found.tokenIds).flatMap((id, i) =>
        found.logits[i] === 0 ? [] : [[tokenizer.decode([id]), -(found.logits[i] ?? 0)]],
      ),
    );
  };

  it('punishes what would lengthen a repeated passage, by base to the power of its length', () => {
    assert.deepEqual(taken('abcdab'), { c: 1 }); // ab: 2 tokens, 2⁰
    assert.deepEqual(taken('abcdabc'), { d: 2 }); // abc: 2¹
    assert.deepEqual(taken('abcdeabcd'), { e: 4 });
    assert.deepEqual(taken('abcdeabcd', { dryMultiplier: 0.5 }), { e: 2 });
  });

  it('leaves short repetitions and new text alone', () => {
    assert.deepEqual(taken('abcda'), {});
    assert.deepEqual(taken('abcdef'), {});
    assert.deepEqual(taken('abcda', { dryAllowedLength: 1 }), { b: 1 });
  });

  it('takes the longest of several earlier passages', () => {
    assert.deepEqual(taken('abcabcdabc'), { a: 2, d: 2 });
    assert.deepEqual(taken('bcdabcdfbcd'), { a: 2, f: 2 });
  });

  it('sees loops: in ababab both continuations are judged by their own passage', () => {
    assert.deepEqual(taken('ababab'), { a: 4 });
  });

  it('leaves a breaker alone: a sentence may end as another did', () => {
    for (const breaker of '。！？；：”“「」\n.!?;:"') {
      const pieces = new PieceTokenizer(['甲', '乙', '丙', breaker]);
      assert.deepEqual(taken(`甲乙${breaker}丙甲乙`, {}, pieces), {}, JSON.stringify(breaker));
    }
  });

  it('does not look across a breaker', () => {
    const chinese = new PieceTokenizer(['甲', '乙', '丙', '丁', '。', '”']);
    assert.deepEqual(taken('甲乙丙丁甲乙', {}, chinese), { 丙: 1 });
    assert.deepEqual(taken('甲。乙丙丁甲。乙', { dryAllowedLength: 1 }, chinese), { 丙: 1 });
    assert.deepEqual(taken('甲乙。丙丁甲乙。', {}, chinese), {});
    for (const breaker of '。！？；：”“\n.!?;:"') {
      const ascii = new PieceTokenizer(['甲', '乙', '丙', '丁', breaker]);
      assert.deepEqual(taken(`甲乙${breaker}丙丁甲乙${breaker}`, {}, ascii), {}, JSON.stringify(breaker));
    }
  });
});

describe('words', () => {
  const pieces = new PieceTokenizer([
    '好',
    '天',
    '气',
    '天气',
    '好天',
    '气温',
    Buffer.from([0xe6]),
    Buffer.from([0xb0]),
    Buffer.from([0x94]),
  ]);
  const left = (history: number[], bannedWords: string[]) =>
    Object.keys(distribution(new Float32Array(9), { bannedWords }, { tokenizer: pieces, history })).map(Number);

  it('a banned word cannot be completed on any path', () => {
    assert.deepEqual(left([], ['天气']), [0, 1, 2, 4, 5, 6, 7, 8], 'the token that is the word');
    assert.deepEqual(left([1], ['天气']), [0, 1, 4, 6, 7, 8], '天|气 and 天|气温');
    assert.deepEqual(left([4], ['天气']), [0, 1, 4, 6, 7, 8], '好天|气');
    assert.deepEqual(left([1, 6, 7], ['天气']), [0, 1, 2, 4, 5, 6, 7], '气 is e6 b0 94: the last byte');
    assert.deepEqual(left([0], ['天气']), [0, 1, 2, 4, 5, 6, 7, 8]);
  });

  it('words that were banned before are known, and ban nothing where they are not named', () => {
    assert.deepEqual(left([], ['天气', '好']), left([], ['好', '天气']));
    assert.deepEqual(left([], ['好']), [1, 2, 3, 5, 6, 7, 8]);
    const many = Array.from({ length: 1200 }, (_, i) => `词${i}`);
    assert.deepEqual(left([], ['好', ...many]), [1, 2, 3, 5, 6, 7, 8]);
    assert.deepEqual(left([1], ['天气']), [0, 1, 4, 6, 7, 8]);
  });

  it('several words, and one of one token', () => {
    assert.deepEqual(left([0], ['天气', '好天']), [0, 2, 5, 6, 7, 8]);
  });

  it('a bias is added to every token that can spell the word there, and what is against it to those that complete it', () => {
    const biased = (history: number[], logitBias: Record<string, number>) => {
      const found = sampler({ logitBias }, 1, [], pieces).distribution(new Float32Array(9), history);
      const all = Array.from(found.tokenIds, (id, i): [number, number] => [id, found.logits[i] as number]);
      return Object.fromEntries(all.filter(([, logit]) => logit !== 0));
    };
    assert.deepEqual(biased([], { 天气好: 2 }), { 1: 2, 3: 2 }, '天, 天气');
    assert.deepEqual(biased([1], { 天气好: 2 }), { 1: 2, 2: 2, 3: 2 }, '天|气 too');
    const afterWeather = { 0: 2, 1: 2, 3: 2, 4: 2 };
    assert.deepEqual(biased([3], { 天气好: 2 }), afterWeather, '天气|好, 天气|好天');
    assert.deepEqual(biased([1, 2], { 天气好: 2 }), afterWeather, '天|气|好');
    assert.deepEqual(biased([1, 6, 7, 8], { 天气好: 2 }), afterWeather, '气 as e6 b0 94');
    assert.deepEqual(biased([], { 天气好: -2 }), {});
    assert.deepEqual(biased([3], { 天气好: -2 }), { 0: -2, 4: -2 });
    assert.deepEqual(biased([], { 天: -3 }), { 1: -3, 3: -3, 4: -3 }, 'each token that holds 天');
  });
});

describe('drawing', () => {
  it('draws each token as often as its probability says', () => {
    const drawing = sampler({});
    const counts = [0, 0, 0];
    for (let i = 0; i < 20_000; i++) {
      const id = drawing.sample(logitsFor(0.5, 0.3, 0.2), []);
      counts[id] = (counts[id] as number) + 1;
    }
    // 4 standard deviations of a binomial count: 4 × √(20000 × 0.25) = 283
    for (const [id, expected] of [10_000, 6_000, 4_000].entries())
      assert.ok(Math.abs((counts[id] as number) - expected) < 283, `token ${id}: ${String(counts[id])}`);
  });

  it('same seed, same draws; another seed, others', () => {
    const draw = (seed: number) => {
      const drawing = sampler({}, seed);
      return Array.from({ length: 50 }, () => drawing.sample(logitsFor(0.25, 0.25, 0.25, 0.25), [])).join('');
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

  it('the quick sum of exponentials is right to 1e-7', () => {
    const random = seededRandom(5);
    for (const width of [0.1, 1, 10, 100, 1000]) {
      const values = Float32Array.from({ length: 5000 }, () => (random() - 0.5) * width);
      values[7] = -Infinity;
      const max = values.reduce((a, b) => Math.max(a, b));
      const exact = values.reduce((sum, value) => sum + Math.exp(value - max), 0);
      assert.ok(Math.abs(Math.exp(distributionOf(values).logSum - max) / exact - 1) < 1e-7, `${width}`);
    }
  });

  it('log probability is that of the softmax', () => {
    assert.ok(Math.abs(logProbability(distributionOf(logitsFor(0.25, 0.75)), 1) - Math.log(0.75)) < 1e-6);
  });
});
