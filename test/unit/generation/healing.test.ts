import assert from 'node:assert/strict';
import { generate } from '../../../src/generation/generate';
import type { LanguageModel } from '../../../src/generation/generate';
import { Healer, typedBehind } from '../../../src/generation/healing';
import type { Typed } from '../../../src/generation/healing';
import { resolveOptions } from '../../../src/options';
import type { GenerateOptions } from '../../../src/options';
import type { TextDelta } from '../../../src/protocol';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer';
import { PieceTokenizer, pieceManifest as manifest } from './pieceTokenizer';

const pieces = ['<sep>', '今', '天', '气', '天气', '气预', '天气预报', '。', '。”'];
const tokenizer = {
  vocabSize: pieces.length,
  decode: (ids: readonly number[]) => ids.map((id) => pieces[id] ?? '').join(''),
  tokenBytes: (id: number) => Buffer.from(id === 0 ? '' : (pieces[id] ?? ''), 'utf8'),
} as unknown as Tokenizer;
const idsOf = (...texts: string[]) => texts.map((text) => pieces.indexOf(text));

describe('token healing', () => {
  const healer = new Healer(tokenizer);
  const cut = (...texts: string[]) => {
    const { kept, typed } = healer.cut(idsOf(...texts));
    return [kept.map((id) => pieces[id]), Buffer.from(typed.bytes).toString('utf8')];
  };
  /** Typed as these tokens. */
  const typedAs = (...texts: string[]): Typed => {
    let end = 0;
    return { bytes: Buffer.from(texts.join('')), ends: texts.map((text) => (end += Buffer.byteLength(text))) };
  };

  it('takes back what longer tokens could begin with, as much as possible', () => {
    assert.deepEqual(cut('今', '天'), [['今'], '天']);
    assert.deepEqual(cut('今', '天', '气'), [['今'], '天气']);
    assert.deepEqual(cut('今'), [['今'], '']);
    assert.deepEqual(cut(), [[], '']);
  });

  it('takes back at most four tokens', () => {
    const tokens = new PieceTokenizer(['中', '华', '人', '民', '共', '中华人民共和']);
    const typed = (text: string) => Buffer.from(new Healer(tokens).cut(tokens.encode(text)).typed.bytes).toString();
    assert.equal(typed('中华人民'), '中华人民');
    assert.equal(typed('中华人民共'), '');
  });

  it('takes back a word where words are told apart, but none that is longer than what is typed at once', () => {
    const tokens = Object.assign(new PieceTokenizer(['阿', '司', '匹', '林']), {
      beginsWord: (id: number) => id === 0,
    });
    const typed = (text: string) => Buffer.from(new Healer(tokens).cut(tokens.encode(text)).typed.bytes).toString();
    assert.equal(typed('阿司匹林'), '阿司匹林');
    assert.equal(typed(`阿${'司匹林'.repeat(3)}`), '');
  });

  it('leaves marks alone', () => assert.deepEqual(cut('天', '。'), [['天', '。'], '']));

  it('allows what begins with the typed bytes, and what they begin with', () => {
    const allowed = (text: string) => {
      const logits = healer.only(new Float32Array(pieces.length), typedAs(text));
      return pieces.filter((_, id) => (logits[id] as number) > -Infinity);
    };
    assert.deepEqual(allowed('天气'), ['天', '天气', '天气预报']);
    assert.deepEqual(allowed('气'), ['气', '气预']);
  });

  it('what is typed is spelt as the tokenizer spells it, or goes beyond it', () => {
    const lost = (...tokens: string[]) =>
      pieces.filter((_, id) => {
        const logit = healer.only(new Float32Array(pieces.length), typedAs(...tokens))[id] as number;
        return logit < -1 && logit > -Infinity;
      });
    // 天 begins so much else, but 气 hardly ever follows it: 天气 is a token.
    assert.deepEqual(lost('天气'), ['天']);
    assert.deepEqual(lost('天', '气'), []);
    assert.deepEqual(lost('天', '气预'), ['天气']);
  });

  it('knows what is still to come of it', () => {
    const typed = healer.cut(idsOf('今', '天', '气')).typed;
    assert.deepEqual(typed.ends, [3, 6]);
    const left = typedBehind(typed, 3);
    assert.deepEqual([Buffer.from(left.bytes).toString(), left.ends], ['气', [3]]);
    assert.deepEqual(typedBehind(typed, 9).bytes.length, 0);
  });

  it('forbids rows of the token table that have no token', () => {
    const padded = new Float32Array(pieces.length + 3);
    const allowed = healer.only(padded, typedAs('气'));
    assert.deepEqual(
      [...allowed.keys()].filter((id) => (allowed[id] as number) > -Infinity),
      idsOf('气', '气预'),
    );
  });

  /** Continues `typed` with whatever is likeliest by `scores`, piece by piece. */
  async function written(typed: string[], scores: Record<string, number>, options: Partial<GenerateOptions> = {}) {
    const logits = Float32Array.from(pieces, (piece) => scores[piece] ?? -5);
    const prompts: string[][] = [];
    const network: LanguageModel = {
      forgetTexts: () => undefined,
      logitsAfter: (ids) => {
        prompts.push(ids.map((id) => pieces[id] as string));
        return Promise.resolve(logits);
      },
    };
    const prompt = { titleIds: [], textIds: idsOf(...typed), fromStart: false };
    const stream = generate(
      { network, tokenizer, manifest, healer, lineStart: null, learnt: null, table: null },
      prompt,
      resolveOptions({ temperature: 0, maxNewTokens: 2, ...options }),
      new AbortController().signal,
    );
    const deltas: TextDelta[] = [];
    for (;;) {
      const next = await stream.next();
      if (next.done) return { text: next.value.text, deltas, prompts };
      deltas.push(next.value);
    }
  }

  it('generates from before the cut, and hands out only what is new', async () => {
    const { text, prompts } = await written(['今', '天'], { 天气: 2, '。': 1 }, { maxNewTokens: 1 });
    assert.deepEqual(prompts[0], ['今']);
    assert.equal(text, '气');
  });

  it('tokens that only repeat what is typed count with the text after them', async () => {
    const { deltas } = await written(['今', '天', '气'], { 天: 3, 气预: 2 });
    assert.deepEqual(
      deltas.map(({ text, numTokens }) => ({ text, numTokens })),
      [{ text: '预', numTokens: 2 }],
    );
  });

  it('a token that begins much else does not stand in the way of the one that is typed', async () => {
    // As the model has them: 天 is likelier than 天气, since it begins so much else; of both, 天气 is what the tokenizer writes.
    const scores: Record<string, number> = { 天: 3, 天气: 2, 天气预报: 1 };
    const { deltas } = await written(['今', '天气'], scores);
    // Not 预报, though 天 and 气 together are less likely than 天气预报.
    assert.equal(deltas[0]?.text, '天');
    const [stray, typed, longer] = [Math.exp(3 - 7), Math.exp(2), Math.exp(1)];
    const all = pieces.reduce((sum, piece) => sum + Math.exp(scores[piece] ?? -5), 0);
    const expected = Math.log(typed / (typed + longer + stray)) + Math.log(Math.exp(3) / all);
    assert.ok(Math.abs(deltas[0].logProb - expected) < 1e-5);
  });

  it('a banned word that the writer has typed does not bring it down', async () => {
    const { text } = await written(['今', '天'], { 天气: 2 }, { bannedWords: ['天'], maxNewTokens: 1 });
    assert.equal(text, '气');
  });
});
