/** The likeliest token is not always on the way to the likeliest text. All probabilities are worked out by hand. */
import assert from 'node:assert/strict';
import { generate } from '../../../src/generation/generate';
import type { LanguageModel } from '../../../src/generation/generate';
import { Healer } from '../../../src/generation/healing';
import { resolveOptions } from '../../../src/options';
import type { GenerateOptions } from '../../../src/options';
import { PieceTokenizer, pieceManifest as manifest } from './pieceTokenizer';

const pieces = ['<sep>', '今', '天', '天气', '天上', '。', '，', '空'];
const tokenizer = new PieceTokenizer(pieces);
const idOf = (piece: string): number => pieces.indexOf(piece);

type Probabilities = Record<string, number>;

describe('what is typed, spelt otherwise', () => {
  /** The first text after 今天, of which healing has taken 天 back. @param behind what follows 天 as a token of its own */
  async function first(after: Probabilities, behind: Probabilities, options: Partial<GenerateOptions> = {}) {
    const prompts: string[] = [];
    const network: LanguageModel = {
      forgetTexts: () => undefined,
      logitsAfter: (ids) => {
        prompts.push(ids.map((id) => pieces[id]).join('│'));
        const of = ids.at(-1) === idOf('天') ? behind : after;
        return Promise.resolve(Float32Array.from(pieces, (piece) => Math.log(of[piece] ?? 1e-12)));
      },
    };
    const stream = generate(
      { network, tokenizer, manifest, healer: new Healer(tokenizer), lineStart: null, learnt: null, table: null },
      { titleIds: [], textIds: [idOf('今'), idOf('天')], fromStart: false },
      resolveOptions({ temperature: 0, maxNewTokens: 3, ...options }),
      new AbortController().signal,
    );
    const next = await stream.next();
    assert.ok(!next.done);
    await stream.next();
    return { ...next.value, prompts };
  }

  it('goes back to a longer token that is likelier than the shorter one with what follows it', async () => {
    // 天 and its best: 0.5 · 0.4 = 0.2.
    const { text, logProb, prompts } = await first(
      { 天: 0.5, 天气: 0.3, 天上: 0.2 },
      { '。': 0.4, '，': 0.3, 空: 0.3 },
    );
    assert.equal(text, '气');
    assert.ok(Math.abs(Math.exp(logProb) - 0.3) < 1e-5, 'of all that begins with 天');
    assert.deepEqual(prompts, ['今', '今│天', '今│天气']);
    // What does not begin with it was never possible.
    const half = await first({ 天: 0.25, 天气: 0.15, 天上: 0.1, 空: 0.5 }, { '。': 0.4, '，': 0.3, 空: 0.3 });
    assert.ok(Math.abs(Math.exp(half.logProb) - 0.3) < 1e-5);
  });

  it('stays where what follows makes up for it', async () => {
    const { text, prompts } = await first({ 天: 0.6, 天气: 0.3, 天上: 0.1 }, { '。': 0.8, '，': 0.2 });
    assert.equal(text, '。');
    assert.deepEqual(prompts, ['今', '今│天', '今│天│。']);
  });

  it('leaves what is drawn by lot alone', async () => {
    const texts = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const after = { 天: 0.5, 天气: 0.3, 天上: 0.2 };
      texts.add((await first(after, { '。': 0.4, '，': 0.3, 空: 0.3 }, { temperature: 1, seed })).text);
    }
    assert.ok(texts.has('。') && texts.has('气'), [...texts].join());
  });
});
