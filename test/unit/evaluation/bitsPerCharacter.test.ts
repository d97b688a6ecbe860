import assert from 'node:assert/strict';
import { documentBits, slidingWindows } from '../../../src/evaluation/bitsPerCharacter';
import { EarlierTexts } from '../../../src/evaluation/earlierTexts';
import type { Manifest } from '../../../src/manifest';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('sliding windows', () => {
  it('by hand: a head of 2, a body of 10, windows of 6', () => {
    // Room for 6 + 1 − 2 = 5 tokens of the body, the last of which is only predicted; 3 are kept at each step.
    assert.deepEqual(
      [...slidingWindows([90, 91], range(0, 10), 6)],
      [
        { tokenIds: [90, 91, 0, 1, 2, 3, 4], headLength: 2, firstCounted: 2 },
        { tokenIds: [90, 91, 2, 3, 4, 5, 6], headLength: 2, firstCounted: 5 },
        { tokenIds: [90, 91, 4, 5, 6, 7, 8], headLength: 2, firstCounted: 5 },
        { tokenIds: [90, 91, 6, 7, 8, 9], headLength: 2, firstCounted: 5 },
      ],
    );
  });

  it('another head where the body has begun before', () => {
    assert.deepEqual(
      [...slidingWindows([90, 91], range(0, 7), 4, [90])],
      [
        { tokenIds: [90, 91, 0, 1, 2], headLength: 2, firstCounted: 2 },
        { tokenIds: [90, 1, 2, 3, 4], headLength: 1, firstCounted: 3 },
        { tokenIds: [90, 3, 4, 5, 6], headLength: 1, firstCounted: 3 },
      ],
    );
  });

  it('count each token once, after at least half a window of text', () => {
    for (const length of [1, 95, 96, 190, 500, 1001]) {
      const counted: number[] = [];
      for (const { tokenIds, firstCounted } of slidingWindows([-1, -2, -3], range(0, length), 192)) {
        assert.ok(tokenIds.length - 1 <= 192);
        const before = firstCounted - 3;
        if (counted.length > 0) assert.ok(before >= (192 - 3) / 2, `${before} before`);
        counted.push(...tokenIds.slice(firstCounted));
      }
      assert.deepEqual(counted, range(0, length));
    }
  });
});

describe('bits per character', () => {
  const manifest = {
    contextLength: 8,
    promptLayout: 'title-separator-text',
    specialTokens: { unknown: 0, start: null, endOfText: [1], separator: 2, banned: [] },
  } as unknown as Manifest;
  // Two letters make a token: 16 + (first − a) · 4 + (second − a), letters a to d.
  const tokenizer = {
    vocabSize: 32,
    decode: (ids: readonly number[]) => '..'.repeat(ids.length),
    encode: (text: string) =>
      (text.match(/../g) ?? []).map((pair) => 16 + (pair.charCodeAt(0) - 97) * 4 + (pair.charCodeAt(1) - 97)),
  } as unknown as Tokenizer;

  it('of a network without knowledge: log₂ of the vocabulary a token', async () => {
    const network = {
      async *logitsFrom(tokenIds: readonly number[], from: number) {
        await Promise.resolve();
        for (let i = from; i < tokenIds.length; i++) yield new Float32Array(32);
      },
    };
    const document = { title: 'ab', text: 'abcdabcdabcdabcdabcdabcd', genre: '', source: '' };
    const { network: measured } = await documentBits({ network, tokenizer, manifest, table: null }, document, null);
    const { numerator, denominator } = measured;
    assert.equal(denominator, 24);
    assert.ok(Math.abs(numerator - 12 * 5) < 1e-9, `${numerator}`);
  });

  it('stands behind the prompt that the product makes: a title as the first line ends its line', async () => {
    const encoded: string[] = [];
    const spy = { ...tokenizer, encode: (text: string) => (encoded.push(text), tokenizer.encode(text)) };
    const network = {
      async *logitsFrom(tokenIds: readonly number[], from: number) {
        await Promise.resolve();
        for (let i = from; i < tokenIds.length; i++) yield new Float32Array(32);
      },
    };
    const document = { title: 'ab', text: 'abcd', genre: '', source: '' };
    const lines = { ...manifest, promptLayout: 'title-text' } as Manifest;
    await documentBits({ network, tokenizer: spy, manifest: lines, table: null }, document, null);
    assert.equal(encoded[0], 'ab\n');
  });

  it('takes each target from the logits after the token before it, behind the pinned title', async () => {
    const heads = new Set<string>();
    // Certain (e⁹⁹) of the token one above the last, and of the first token after the separator.
    const network = {
      async *logitsFrom(tokenIds: readonly number[], from: number) {
        await Promise.resolve();
        heads.add(tokenIds.slice(0, 2).join());
        for (let i = from; i < tokenIds.length; i++) {
          const last = tokenIds[i] as number;
          const logits = new Float32Array(32);
          logits[last === 2 ? 16 : last + 1] = 99;
          yield logits;
        }
      },
    };
    const document = { title: 'dd', text: 'aaabacadbabbbcbdcacbcccd', genre: '', source: '' };
    const { network: measured } = await documentBits({ network, tokenizer, manifest, table: null }, document, null);
    assert.deepEqual([...heads], ['31,2']);
    assert.ok(measured.numerator < 1e-6, `${measured.numerator}`);
  });

  it('in the middle of an untitled text nothing is pinned, as where a model is trained', async () => {
    const windows: number[][] = [];
    const network = {
      async *logitsFrom(tokenIds: readonly number[], from: number) {
        await Promise.resolve();
        windows.push([...tokenIds]);
        for (let i = from; i < tokenIds.length; i++) yield new Float32Array(32);
      },
    };
    const tokens = (title: string, earlier: EarlierTexts | null = null) => {
      windows.length = 0;
      const document = { title, text: 'aaabacadbabbbcbdcacbcccd', genre: '', source: '' };
      return documentBits({ network, tokenizer, manifest, table: null }, document, earlier);
    };
    await tokens('');
    assert.deepEqual(
      windows.map((window) => window[0]),
      [2, 19],
    );
    // Own words are learnt from what stands before the window; a token is two letters.
    const learntTo: number[] = [];
    const earlier = { learnt: { levels: () => [] }, standAt: (_: object, length: number) => learntTo.push(length) };
    await tokens('', earlier as unknown as EarlierTexts);
    assert.deepEqual(learntTo, [0, 6]);
    await tokens('dd');
    assert.ok(windows.length > 1 && windows.every(([title, separator]) => title === 31 && separator === 2));
  });

  it('a character is a code point; the model’s table and the writer’s own words are laid over the network', async () => {
    const network = {
      async *logitsFrom(tokenIds: readonly number[], from: number) {
        await Promise.resolve();
        for (let i = from; i < tokenIds.length; i++) yield new Float32Array(32);
      },
    };
    const document = { title: '', text: 'ababab𠮷', genre: '', source: '' };
    const contexts: number[][] = [];
    // Half of the probability for ab, 17, wherever.
    const table = {
      levels: (context: readonly number[]) => {
        contexts.push([...context]);
        return [{ share: 0.5, tokenIds: [17], counts: [1] }];
      },
    };
    // 𠮷 is no pair of letters: dropped here.
    const pairs = { ...tokenizer, encode: (text: string) => tokenizer.encode(text.replace('𠮷', '')) };
    const earlier = new EarlierTexts(pairs, [document], 'document');
    const {
      model,
      network: alone,
      withOwnWords,
    } = await documentBits({ network, tokenizer: pairs, manifest, table }, document, earlier);
    assert.deepEqual([model.denominator, alone.denominator], [7, 7]);
    assert.ok(Math.abs(alone.numerator - 3 * 5) < 1e-9);
    // ab: 1/2 + 1/2 · 1/32
    const tabled = -Math.log2(0.5 + 0.5 / 32);
    assert.ok(Math.abs(model.numerator - 3 * tabled) < 1e-6, `${model.numerator}`);
    // What stands before, without title and separator.
    assert.deepEqual(contexts.slice(0, 3), [[], [17], [17, 17]]);
    // The third ab follows one that ab has followed: own words say so too, above the table.
    assert.ok(withOwnWords && withOwnWords.numerator < model.numerator - 0.01, `${withOwnWords?.numerator}`);
    assert.ok(withOwnWords.numerator > 2 * tabled);
  });
});
