import assert from 'node:assert/strict';
import { generate } from '../../../src/generation/generate';
import { Healer } from '../../../src/generation/healing';
import { distributionOf, logProbability } from '../../../src/generation/softmax';
import { resolveOptions } from '../../../src/options';
import { PieceTokenizer, pieceManifest } from './pieceTokenizer';

const pieces = ['', '今', '天', '天气', '天下', '我', '我觉得', '我们', '。'];
const tokenizer = new PieceTokenizer(pieces);
const healer = new Healer(tokenizer);
const idOf = (piece: string) => pieces.indexOf(piece);

describe('a committed word', () => {
  it('hardly goes on within itself; a token in which it ends is as likely as it was', () => {
    const even = distributionOf(new Float32Array(pieces.length));
    const weighed = (typed: string) => healer.committed.weighed(even, Buffer.from(typed));
    const ratio = (typed: string, piece: string) =>
      Math.exp(logProbability(weighed(typed), idOf(piece)) - logProbability(weighed(typed), idOf(typed)));
    assert.ok(Math.abs(ratio('天', '天气') - 0.1) < 1e-6);
    assert.ok(Math.abs(ratio('我', '我们') - 0.1) < 1e-6);
    assert.ok(Math.abs(ratio('我', '我觉得') - 1) < 1e-6);
    assert.ok(Math.abs(ratio('天', '今') - 1) < 1e-6);
    const total = [...weighed('天').logits].reduce((sum, logit) => sum + Math.exp(logit - weighed('天').logSum), 0);
    assert.ok(Math.abs(total - 1) < 1e-6);
    assert.ok(even.logits.every((logit) => logit === 0));
  });

  /** Behind 今天 the likeliest is 天气 where the writer may be within a word, else 天 and 。 behind it. */
  async function written(endsWord: boolean): Promise<string> {
    const logits = Float32Array.from(pieces, (piece) => ({ 天气: 2, 天: 1, '。': 3 })[piece] ?? -9);
    const model = {
      network: { forgetTexts: () => undefined, logitsAfter: () => Promise.resolve(logits) },
      ...{ tokenizer, manifest: pieceManifest, healer, lineStart: null, learnt: null, table: null },
    };
    const prompt = { titleIds: [], textIds: [idOf('今'), idOf('天')], fromStart: false, endsWord };
    const options = resolveOptions({ temperature: 0, maxNewTokens: 2, stopAt: 'sentence' });
    let text = '';
    for await (const delta of generate(model, prompt, options, new AbortController().signal)) text += delta.text;
    return text;
  }

  it('decides what comes', async () => {
    assert.equal(await written(false), '气。');
    assert.equal(await written(true), '。');
  });
});
