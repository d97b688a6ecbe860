/** Own words by hand: what follows a match, how shares are laid over the network, what is remembered and for how long. */
import assert from 'node:assert/strict';
import { claimFor, EvidenceMixer, weakened } from '../../../src/generation/evidence';
import type { EvidenceLevel, EvidenceSource } from '../../../src/generation/evidence';
import { generate } from '../../../src/generation/generate';
import type { LoadedModel } from '../../../src/generation/generate';
import { generateBatch } from '../../../src/generation/generateBatch';
import { Healer } from '../../../src/generation/healing';
import { LearntTexts } from '../../../src/generation/learntTexts';
import { Output } from '../../../src/generation/output';
import { ownWords } from '../../../src/generation/ownWords';
import { logProbability } from '../../../src/generation/softmax';
import type { Distribution } from '../../../src/generation/softmax';
import { TextBefore } from '../../../src/generation/textBefore';
import { newTextStream } from '../../../src/generation/textStream';
import type { Manifest } from '../../../src/manifest';
import { resolveOptions } from '../../../src/options';
import { PieceTokenizer } from './pieceTokenizer';

const softmax = (logits: Float32Array) => {
  const weights = Array.from(logits, Math.exp);
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
};

const near = (found: readonly number[], expected: readonly number[]) => {
  assert.equal(found.length, expected.length);
  found.forEach((value, i) => assert.ok(Math.abs(value - (expected[i] as number)) < 1e-6, `${i}: ${value}`));
};

const mix = (logits: Float32Array, levels: readonly EvidenceLevel[]) => new EvidenceMixer().mix(logits, levels);
const withEvidence = (logits: Float32Array, levels: readonly EvidenceLevel[]) => mix(logits, levels).logits;

describe('evidence over the network', () => {
  const network = Float32Array.from([0.5, 0.3, 0.2], Math.log);

  it('by hand: two levels, what the upper one leaves goes to the lower one, the rest to the network', () => {
    const levels = [
      { share: 0.5, tokenIds: [2], counts: [1] },
      { share: 0.2, tokenIds: [1, 2], counts: [3, 1] },
    ];
    // 0.5 · [0, 0, 1] + 0.5 · (0.2 · [0, ¾, ¼] + 0.8 · [0.5, 0.3, 0.2])
    near(softmax(withEvidence(network, levels)), [0.2, 0.195, 0.605]);
  });

  it('half the strength is half of each share', () => {
    const source = { levels: () => [{ share: 0.5, tokenIds: [2], counts: [4] }] };
    // 0.25 · [0, 0, 1] + 0.75 · [0.5, 0.3, 0.2]
    near(softmax(withEvidence(network, weakened(source, 0.5).levels([]))), [0.375, 0.225, 0.4]);
  });

  it('tokens without evidence keep their logits, and the network’s own are left alone', () => {
    const before = network.slice();
    const mixed = withEvidence(network, [{ share: 0.5, tokenIds: [2], counts: [1] }]);
    assert.deepEqual([mixed[0], mixed[1]], [network[0], network[1]]);
    assert.deepEqual(network, before);
    assert.equal(withEvidence(network, []), network);
  });

  it('a token that the network rules out becomes possible', () => {
    const closed = Float32Array.from([0, -Infinity]);
    near(softmax(withEvidence(closed, [{ share: 0.25, tokenIds: [1], counts: [1] }])), [0.75, 0.25]);
  });

  it('says what the probabilities sum up from, with levels and without', () => {
    const levels = [{ share: 0.5, tokenIds: [2], counts: [1] }];
    const probability = (mixed: Distribution) => Math.exp(logProbability(mixed, 2));
    near([probability(mix(network, levels)), probability(mix(network, []))], [0.6, 0.2]);
  });

  it('what one token claimed is forgotten at the next', () => {
    const mixer = new EvidenceMixer();
    mixer.mix(network, [{ share: 0.5, tokenIds: [0, 2], counts: [1, 3] }]);
    near(softmax(mixer.mix(network, [{ share: 0.25, tokenIds: [1], counts: [1] }]).logits), [0.375, 0.475, 0.15]);
    near(softmax(mixer.mix(network, []).logits), [0.5, 0.3, 0.2]);
  });
});

/** length, total and distinct as digits, so that a level tells what it was made of. */
const digits = (length: number, total: number, distinct: number) => length * 100 + total * 10 + distinct;
const shown = (levels: readonly EvidenceLevel[]) =>
  levels.map(({ share, tokenIds, counts }) => [
    share,
    Object.fromEntries(Array.from(tokenIds, (id, i) => [id, counts[i]])),
  ]);

describe('the text before the cursor', () => {
  const levelsAfter = (text: number[], context: number[]) => shown(new TextBefore(text, digits).levels(context));

  it('by hand: a level for each length of the match, the longest first', () => {
    // After 1 2: once 3, once 4; after 2 alone also 5.
    assert.deepEqual(levelsAfter([1, 2, 3, 9, 1, 2, 4, 2, 5], [8, 1, 2]), [
      [222, { 3: 1, 4: 1 }],
      [133, { 3: 1, 4: 1, 5: 1 }],
    ]);
  });

  it('a shorter match that says the same is left out; what never followed anything says nothing', () => {
    assert.deepEqual(levelsAfter([1, 2, 3], [7, 1, 2]), [[211, { 3: 1 }]]);
    assert.deepEqual(levelsAfter([1, 2, 3], [7, 3]), []);
    assert.deepEqual(levelsAfter([], [1]), []);
  });
});

describe('learnt texts', () => {
  /** Letters are tokens; the newline before a paragraph is 10. */
  const encode = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
  const texts = (capacity?: number) => new LearntTexts(encode, digits, capacity);
  const after = (learnt: LearntTexts, context: string) =>
    learnt
      .levels(encode(context))
      .map(({ share, tokenIds, counts }) => [
        share,
        Object.fromEntries(Array.from(tokenIds, (id, i) => [String.fromCharCode(id), counts[i]])),
      ]);
  const whole = { isFirst: true, isLast: true };

  it('say what looking through them says', () => {
    const learnt = texts();
    learnt.learn({ name: 'a', text: 'xabc\nyabd\nzbe', ...whole });
    const expected = [
      [222, { d: 1, c: 1 }],
      [133, { d: 1, c: 1, e: 1 }],
    ];
    assert.deepEqual(after(learnt, 'ab'), expected);
    assert.deepEqual(
      shown(new TextBefore(encode('xabc\nyabd\nzbe'), digits).levels(encode('ab'))),
      shown(learnt.levels(encode('ab'))),
    );
    assert.deepEqual(after(learnt, '\n'), [[133, { x: 1, y: 1, z: 1 }]]);
  });

  it('a match does not reach over paragraphs', () => {
    const learnt = texts();
    learnt.learn({ name: 'a', text: 'ab\ncd', ...whole });
    assert.deepEqual(after(learnt, 'b'), []);
  });

  it('follow a text: what is gone is forgotten, what stays is counted once, parts make up a whole', () => {
    const learnt = texts();
    learnt.learn({ name: 'a', text: 'ab\nac', ...whole });
    learnt.learn({ name: 'a', text: 'ac', isFirst: true, isLast: false });
    assert.deepEqual(after(learnt, 'a'), [[122, { b: 1, c: 1 }]]);
    learnt.learn({ name: 'a', text: 'ad', isFirst: false, isLast: true });
    assert.deepEqual(after(learnt, 'a'), [[122, { d: 1, c: 1 }]]);
  });

  it('what a pass that was broken off has seen is not seen by the next', () => {
    const learnt = texts();
    learnt.learn({ name: 'a', text: 'ab', isFirst: true, isLast: false });
    learnt.learn({ name: 'a', text: 'ac', ...whole });
    assert.deepEqual(after(learnt, 'a'), [[111, { c: 1 }]]);
  });

  it('forget one text, or all', () => {
    const learnt = texts();
    learnt.learn({ name: 'a', text: 'ab', ...whole });
    learnt.learn({ name: 'b', text: 'ac', ...whole });
    learnt.forget('a');
    assert.deepEqual(after(learnt, 'a'), [[111, { c: 1 }]]);
    learnt.forget(null);
    assert.deepEqual(after(learnt, 'a'), []);
    learnt.learn({ name: 'a', text: 'ab', ...whole });
    assert.deepEqual(after(learnt, 'a'), [[111, { b: 1 }]]);
  });

  it('the newest takes the place of the oldest, and what was written over is learnt again when it comes again', () => {
    const learnt = texts(32);
    learnt.learn({ name: 'old', text: 'ab', ...whole });
    learnt.learn({ name: 'new', text: 'cdefghijklmnopqrstuvwxyz01234', ...whole });
    assert.deepEqual(after(learnt, 'a'), []);
    assert.deepEqual(after(learnt, 'yz'), [[211, { 0: 1 }]]);
    learnt.learn({ name: 'old', text: 'ab', ...whole });
    assert.deepEqual(after(learnt, 'a'), [[111, { b: 1 }]]);
    // A paragraph longer than everything is cut, not endless.
    learnt.learn({ name: 'new', text: 'pq'.repeat(100), ...whole });
    assert.deepEqual(Object.keys(after(learnt, 'p')[0]?.[1] ?? {}), ['q']);
    learnt.forget(null);
    assert.deepEqual(after(learnt, 'p'), []);
  });

  it('what was written over is no part of a match', () => {
    const learnt = texts(16);
    learnt.learn({ name: 'old', text: 'xab', ...whole });
    // The last of them, q, takes the place of x.
    learnt.learn({ name: 'new', text: 'cdefghijklmq', ...whole });
    assert.deepEqual(after(learnt, 'qa'), [[111, { b: 1 }]]);
  });

  it('looks at the latest places only, however many there are', () => {
    const learnt = texts();
    learnt.learn({ name: 'a', text: Array.from({ length: 3000 }, (_, i) => `${i}ab`).join('\n'), ...whole });
    learnt.learn({ name: 'b', text: 'ac', ...whole });
    const [, found] = after(learnt, 'a').at(-1) as [number, Record<string, number>];
    assert.equal(found['c'], 1);
    assert.ok((found['b'] ?? 0) < 100);
  });
});

describe('own words', () => {
  it('are those before the cursor first, then what was learnt from other texts', () => {
    const tokenizer = new PieceTokenizer(['甲', '乙', '丙']);
    const learnt: EvidenceSource = { levels: () => [{ share: 1, tokenIds: [2], counts: [1] }] };
    const sources = ownWords(tokenizer.encode('甲乙甲'), learnt, tokenizer);
    const tokensAfter = sources.map((source) => source.levels([0]).map(({ tokenIds }) => Array.from(tokenIds)));
    assert.deepEqual(tokensAfter, [[[1]], [[2]]]);
  });

  it('of two levels the lower one claims of what the upper one leaves', () => {
    const levels = [
      { share: 0.5, tokenIds: [2], counts: [1] },
      { share: 0.2, tokenIds: [1, 2], counts: [3, 1] },
    ];
    // ½ + ½ · ⅕ · ¼, ½ · ⅕ · ¾
    near([claimFor(2, levels), claimFor(1, levels), claimFor(0, levels)], [0.525, 0.075, 0]);
  });

  it('are what a text is said to be only where all of its tokens are', () => {
    const isOwn = (...tokens: boolean[]) => {
      const output = new Output(newTextStream('sentencepiece-unigram', ''), { stopAt: 'none', minCharacters: 0 });
      // The three bytes of a character.
      const deltas = tokens.map((own, i) => output.add(Buffer.from('慕').subarray(i, i + 1), -1, own));
      return deltas.at(-1)?.isOwn ?? false;
    };
    assert.equal(isOwn(true, true, true), true);
    assert.equal(isOwn(true, false, true), false);
  });
});

describe('names', () => {
  const tokenizer = new PieceTokenizer(['慕', '容', '栖', '栖息', 'a', 'b', 'c', '的']);
  /** λ of the longest match in the text before the cursor. */
  const share = (text: string, context: string) =>
    ownWords(tokenizer.encode(text), null, tokenizer)[0]?.levels(tokenizer.encode(context))[0]?.share ?? 0;

  it('spelt by single characters are trusted where they stood once, other matches are not', () => {
    assert.ok(share('慕容栖', '慕容') > 0.5);
    assert.ok(share('慕容栖息', '慕容') < 0.25);
    assert.ok(share('abc', 'ab') < 0.25);
    assert.ok(share('容栖', '容') < 0.25, 'one character alone');
  });

  it('are not where the character also led elsewhere', () => assert.ok(share('慕容栖的容的', '的慕容') < 0.25));
});

describe('numbers', () => {
  const tokenizer = new PieceTokenizer(['第', '章', '雨', '岁', ' ', '10', ...Array.from('0123456789')]);
  const chapters = [10, 20, 30, 40].map((number) => `第${number}章 雨`).join('');
  /** λ of each level, whatever the length of its match. */
  const shares = (context: string, text = chapters) =>
    ownWords(tokenizer.encode(text), null, tokenizer)[0]
      ?.levels(tokenizer.encode(context))
      .map((level) => level.share) ?? [];

  it('lead nowhere by themselves: that chapters are numbered says nothing of an age', () => {
    for (const age of ['岁20', '岁40', '岁10', '0', '30']) assert.ok(!shares(age).some(Boolean), age);
  });

  it('lead on with what stands before them, and where they are long', () => {
    assert.ok(shares('第20').some(Boolean));
    assert.ok(shares('岁20章').some(Boolean));
    assert.ok(shares('岁1378', '岁1378雨1378雨').some(Boolean));
    assert.ok(!shares('岁378', '岁1378雨1378雨').some(Boolean));
  });
});

describe('a token that own words make sure', () => {
  const network = Float32Array.from([0.5, 0.3, 0.2], Math.log);
  const mixer = new EvidenceMixer();
  const sure = (share: number) => {
    const levels = [{ share, tokenIds: [1, 2], counts: [9, 1] }];
    return mixer.likelierThanAll(levels, mixer.mix(network, levels));
  };

  it('has more than half of the probability by them alone', () => {
    assert.equal(sure(0.5), null); // 0.45 of it
    assert.equal(sure(0.8)?.id, 1);
  });

  it('has the logit of that share among the others', () => {
    const levels = [{ share: 0.75, tokenIds: [1], counts: [1] }];
    const mixed = mixer.mix(network, levels);
    const logit = mixer.likelierThanAll(levels, mixed)?.logit ?? 0;
    near([Math.exp(logit - mixed.logSum)], [0.75]);
  });

  it('is forgotten at the next', () => {
    sure(0.8);
    assert.equal(mixer.mix(network, []).logits, network);
  });
});

describe('own words in a continuation', () => {
  const pieces = ['<sep>', '陈', '志', '远', '列', '。', '来'];
  const tokenizer = new PieceTokenizer(pieces);
  const manifest = {
    contextLength: 40,
    promptLayout: 'title-separator-text',
    tokenizer: { kind: 'sentencepiece-unigram', file: '' },
    specialTokens: { unknown: 0, endOfText: [0], separator: 0, banned: [] },
  } as unknown as Manifest;
  /** Finds 列 likeliest, whatever came before: 0.4, and 0.1 for the others. */
  const logits = Float32Array.from(pieces, (piece) => Math.log(piece === '列' ? 0.4 : 0.1));
  const network = {
    forgetTexts: () => undefined,
    logitsAfter: () => Promise.resolve(logits),
    logitsAfterEach: (rows: readonly unknown[]) => Promise.resolve(rows.map(() => logits)),
  };
  let share = 0.8;
  const learnt = new LearntTexts(
    (text) => tokenizer.encode(text.replace('\n', '')),
    () => share,
  );
  const model = (healer: Healer | null): LoadedModel & { network: typeof network } => {
    return { network, tokenizer, manifest, healer, lineStart: null, learnt, table: null };
  };
  const prompt = (text: string) => ({ titleIds: [], textIds: tokenizer.encode(text), fromStart: false });
  const options = (ownWords: number) => resolveOptions({ temperature: 0, maxNewTokens: 2, ownWords });
  const signal = new AbortController().signal;

  async function written(text: string, ownWords: number) {
    const stream = generate(model(null), prompt(text), options(ownWords), signal);
    const deltas: number[] = [];
    for (;;) {
      const next = await stream.next();
      if (next.done) return { text: next.value.text, deltas };
      deltas.push(Math.exp(next.value.logProb));
    }
  }

  before(() => learnt.learn({ name: 'a', text: '陈志远来。', isFirst: true, isLast: true }));

  it('complete a name, and the probability is that of both together; without them it is not completed', async () => {
    const { text, deltas } = await written('来陈', 1);
    assert.equal(text, '志远');
    near(deltas, [0.8 + 0.2 * 0.1, 0.8 + 0.2 * 0.1]);
    assert.equal((await written('来陈', 0)).text, '列列');
  });

  it('are the writer’s as far as they are copied, though the network agrees with a word within them', async () => {
    /** It finds 远 likeliest behind 志, as it would be without the writer. */
    const agreeing = {
      ...network,
      logitsAfter: (window: readonly number[]) => {
        const isBehind = pieces[window.at(-1) ?? 0] === '志';
        const sure = Float32Array.from(pieces, (piece) => Math.log(piece === '远' ? 0.9 : 0.01));
        return Promise.resolve(isBehind ? sure : logits);
      },
    };
    const own = async (text: string) => {
      const given = { ...model(null), network: agreeing };
      const found: string[] = [];
      for await (const delta of generate(
        given,
        prompt(text),
        resolveOptions({ temperature: 0, maxNewTokens: 3, ownWords: 1 }),
        signal,
      ))
        found.push(`${delta.text}${delta.isOwn ? ' of the writer' : ''}`);
      return found;
    };
    share = 0.4;
    assert.deepEqual(await own('来陈'), ['志 of the writer', '远 of the writer', '来 of the writer']);
    // What the network says of itself is its own.
    assert.equal((await own('来志'))[0], '远');
    share = 0.8;
  });

  it('also in candidates', async () => {
    const [candidate] = await generateBatch(model(null), prompt('来陈'), options(1), [1], signal);
    assert.equal(candidate?.text, '志远');
  });
});
