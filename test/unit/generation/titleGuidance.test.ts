import assert from 'node:assert/strict';
import { generate, type LoadedModel } from '../../../src/generation/generate';
import type { EncodedPrompt } from '../../../src/generation/promptWindow';
import { guided, withoutTitle } from '../../../src/generation/titleGuidance';
import { resolveOptions } from '../../../src/options';
import { PieceTokenizer } from './pieceTokenizer';

const specialTokens = { unknown: 0, start: null, endOfText: [5], separator: 4, opening: 1, banned: [] };
const model = { contextLength: 16, promptLayout: 'title-separator-text', specialTokens } as const;
const prompt: EncodedPrompt = { titleIds: [6, 7], textIds: [8, 9], fromStart: true };

describe('a title that counts more', () => {
  it('raises what it makes likelier, by hand', () => {
    // With the title 1/2, 1/4, 1/4; without it 1/4, 1/2, 1/4; so 1/2 · 2, 1/4 · 1/2, 1/4 · 1 at twice the strength.
    const titled = Float32Array.of(Math.log(2) + 3, 3, 3);
    const untitled = Float32Array.of(-1, Math.log(2) - 1, -1);
    const weights = Array.from(guided(titled, untitled, 2), Math.exp);
    for (const [i, expected] of [1, 1 / 8, 1 / 4].entries())
      assert.ok(Math.abs((weights[i] as number) - expected) < 1e-6, `${i}: ${weights[i]}`);
    const same = Array.from(guided(titled, untitled, 1), Math.exp);
    for (const [i, expected] of [1 / 2, 1 / 4, 1 / 4].entries())
      assert.ok(Math.abs((same[i] as number) - expected) < 1e-6, `${i}: ${same[i]}`);
  });

  it('is compared with the same text without it', () => {
    assert.deepEqual(withoutTitle([6, 7, 4, 1, 8, 9], prompt, model), [4, 1, 8, 9]);
    // From the middle of a text: there no separator tells of a beginning.
    assert.deepEqual(withoutTitle([6, 7, 4, 8, 9], prompt, model), [8, 9]);
    assert.deepEqual(
      withoutTitle([2, 6, 7, 8], prompt, {
        ...{ contextLength: 16, promptLayout: 'title-text' },
        specialTokens: { ...specialTokens, start: 2, separator: null },
      }),
      [2, 8],
    );
    assert.equal(withoutTitle([4, 1, 8, 9], { ...prompt, titleIds: [] }, model), null);
    assert.equal(withoutTitle([6, 7, 4], prompt, { ...model, specialTokens: { ...specialTokens } }), null);
  });

  it('leads the text, window by window, and is not asked for at strength 1', async () => {
    const tokenizer = new PieceTokenizer(['', '', '', '', '', '', '题', '目', '一', '二', '甲', '乙']);
    const asked: (readonly number[])[][] = [];
    const forgotten: number[] = [];
    const titled = new Float32Array(12).fill(-20);
    [titled[10], titled[11]] = [0, -0.5];
    // The title makes 乙 likelier than it is by itself, though less likely than 甲.
    const untitled = Float32Array.from(titled, (logit, id) => (id === 11 ? -3 : logit));
    const network: LoadedModel['network'] = {
      logitsAfter: (row) => {
        asked.push([[...row]]);
        return Promise.resolve(titled);
      },
      logitsAfterEach: (rows) => {
        asked.push(rows.map((row) => [...row]));
        return Promise.resolve([titled, untitled]);
      },
      forgetTexts: () => {
        forgotten.push(asked.length);
      },
    };
    const loaded = {
      ...{ network, tokenizer, healer: null, lineStart: null, learnt: null, table: null },
      manifest: { ...model, tokenizer: { kind: 'sentencepiece-unigram' }, numParameters: 1 },
    } as unknown as LoadedModel;
    const write = async (titleGuidance: number) => {
      asked.length = 0;
      let text = '';
      const options = resolveOptions({ temperature: 0, maxNewTokens: 20, titleGuidance, repeatable: false });
      for await (const delta of generate(loaded, prompt, options, new AbortController().signal)) text += delta.text;
      return text;
    };
    assert.equal(await write(1), '甲'.repeat(20));
    assert.ok(asked.every((rows) => rows.length === 1));
    assert.deepEqual(forgotten, []);
    assert.equal(await write(2), '乙'.repeat(20));
    assert.deepEqual(asked[0], [
      [6, 7, 4, 1, 8, 9],
      [4, 1, 8, 9],
    ]);
    for (const [titled, untitled] of asked as [number[], number[]][]) {
      assert.deepEqual(titled.slice(0, 3), [6, 7, 4]);
      assert.deepEqual(untitled, titled[3] === 1 ? titled.slice(2) : titled.slice(3));
    }
    assert.ok(
      asked.some(([titled]) => titled?.[3] !== 1),
      'the text never outgrew its window',
    );
    // With each hop of the window, and then only: the number of windows asked for before it.
    const hops = asked.flatMap((rows, i) => ((rows[0]?.length ?? 0) < (asked[i - 1]?.[0]?.length ?? 0) ? [i] : []));
    assert.deepEqual(forgotten, hops);
  });
});
