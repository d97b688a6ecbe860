import assert from 'node:assert/strict';
import { Healer, withoutBeginning } from '../../../src/evaluation/healing';
import type { LanguageModel } from '../../../src/generation/generate';
import type { TextDelta } from '../../../src/protocol';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer';

const pieces = ['<sep>', '今', '天', '气', '天气', '气预', '天气预报', '。', '。”'];
const tokenizer = {
  vocabSize: pieces.length,
  decode: (ids: readonly number[]) => ids.map((id) => pieces[id] ?? '').join(''),
  tokenBytes: (id: number) => Buffer.from(id === 0 ? '' : (pieces[id] ?? ''), 'utf8'),
} as unknown as Tokenizer;
const idsOf = (...texts: string[]) => texts.map((text) => pieces.indexOf(text));
const signal = new AbortController().signal;

describe('token healing', () => {
  const healer = new Healer(tokenizer);
  const cut = (...texts: string[]) => {
    const { kept, required } = healer.cut(idsOf(...texts));
    return [kept.map((id) => pieces[id]), required.toString('utf8')];
  };

  it('takes back what longer tokens could begin with, as much as possible', () => {
    assert.deepEqual(cut('今', '天'), [['今'], '天']);
    assert.deepEqual(cut('今', '天', '气'), [['今'], '天气']);
    assert.deepEqual(cut('今'), [['今'], '']);
    assert.deepEqual(cut(), [[], '']);
  });

  it('leaves marks alone', () => assert.deepEqual(cut('天', '。'), [['天', '。'], '']));

  it('allows what begins with the typed bytes, and what they begin with, until they are there', async () => {
    const flat: LanguageModel = { logitsAfter: () => Promise.resolve(new Float32Array(pieces.length)) };
    const healed = healer.network(flat, Buffer.from('天气'));
    const allowed = async (...texts: string[]) => {
      const logits = await healed.logitsAfter(idsOf('今', ...texts), signal);
      return pieces.filter((_, id) => (logits?.[id] ?? -Infinity) > -Infinity);
    };
    assert.deepEqual(await allowed(), ['天', '天气', '天气预报']);
    assert.deepEqual(await allowed('天'), ['气', '气预']);
    assert.equal((await allowed('天', '气')).length, pieces.length);
  });

  it('gives only what is new', async () => {
    async function* deltas(): AsyncGenerator<TextDelta, string> {
      await Promise.resolve();
      yield { text: '天', logProb: -1, numTokens: 1 };
      yield { text: '气预', logProb: -2, numTokens: 1 };
      yield { text: '报', logProb: -3, numTokens: 1 };
      return 'end';
    }
    const seen: TextDelta[] = [];
    const rest = withoutBeginning(deltas(), 2);
    let next = await rest.next();
    for (; !next.done; next = await rest.next()) seen.push(next.value);
    assert.equal(next.value, 'end');
    assert.deepEqual(seen, [
      { text: '预', logProb: -3, numTokens: 2 },
      { text: '报', logProb: -3, numTokens: 1 },
    ]);
  });
});
