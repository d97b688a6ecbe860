/** What the loop asks of the network, token by token. */
import assert from 'node:assert/strict';
import { MessageChannel } from 'node:worker_threads';
import { generate, type LoadedModel } from '../../../src/generation/generate';
import type { Manifest } from '../../../src/manifest';
import { resolveOptions, type GenerateOptions } from '../../../src/options';
import { PieceTokenizer } from './pieceTokenizer';

const title = [6, 7];
const separator = 4;
const opening = 1;
const vocabulary = ['', '', '', '', '', '', '题', '目', '甲', '乙'];

const specialTokens = { unknown: 0, start: null, endOfText: [5], separator, opening, banned: [] };
const prompt = { titleIds: title, textIds: [8, 9], fromStart: true };
/** 甲 and 乙, one as likely as the other. */
const logits = Float32Array.from(vocabulary, (_, id) => (id >= 8 ? 0 : -50));

function modelOf(network: LoadedModel['network'], contextLength: number): LoadedModel {
  const manifest = {
    ...{ contextLength, promptLayout: 'title-separator-text', specialTokens },
    tokenizer: { kind: 'sentencepiece-unigram', file: '' },
  } as unknown as Manifest;
  const parts = { healer: null, lineStart: null, learnt: null, table: null };
  return { ...parts, network, manifest, tokenizer: new PieceTokenizer(vocabulary) };
}

/** What the network is asked for, in order: a window for each token, and to forget. */
async function asked(
  contextLength: number,
  textIds: number[],
  options: Partial<GenerateOptions>,
): Promise<(number[] | 'forget')[]> {
  const asked: (number[] | 'forget')[] = [];
  const network: LoadedModel['network'] = {
    logitsAfter: (window) => {
      asked.push([...window]);
      return Promise.resolve(logits);
    },
    forgetTexts: () => void asked.push('forget'),
  };
  const model = modelOf(network, contextLength);
  const { signal } = new AbortController();
  const stream = generate(model, { ...prompt, textIds }, resolveOptions({ seed: 3, ...options }), signal);
  while (!(await stream.next()).done);
  return asked;
}

describe('an abort that comes as a message', () => {
  it('is seen before the next token but one, though the network itself never leaves the microtasks', async () => {
    const { port1, port2 } = new MessageChannel();
    const abort = new AbortController();
    port2.once('message', () => abort.abort());
    let steps = 0;
    const network: LoadedModel['network'] = {
      logitsAfter: () => {
        if (++steps === 3) port1.postMessage('abort');
        return Promise.resolve(logits);
      },
      forgetTexts: () => undefined,
    };
    const stream = generate(modelOf(network, 16), prompt, resolveOptions({ maxNewTokens: 500 }), abort.signal);
    try {
      for (;;) {
        const { done, value } = await stream.next();
        if (!done) continue;
        assert.equal(value.finishReason, 'aborted');
        break;
      }
    } finally {
      port1.close();
    }
    assert.ok(steps <= 4, `${steps} steps`);
  });
});

describe('a text that outgrows the window', () => {
  it('keeps the title and its separator in front of the latest text, hop after hop', async () => {
    const text = [8, 9];
    let [hops, last] = [0, 0];
    const windows = await asked(16, text, { maxNewTokens: 60, repeatable: false });
    for (const window of windows as number[][]) {
      if (last > 0) text.push(window.at(-1) as number);
      if (window.length <= last) hops++;
      last = window.length;
      assert.ok(last <= 16, `${last}`);
      // As long as the text is there from its beginning, the token follows that says so.
      const front = [...title, separator, ...(hops === 0 ? [opening] : [])];
      const room = last - front.length;
      assert.deepEqual(window, [...front, ...text.slice(-room)]);
    }
    assert.equal(text.length, 61);
    assert.ok(hops > 5, `${hops} hops`);
  });
});

describe('repeatable', () => {
  for (const [repeatable, before] of [
    [undefined, ['forget']],
    [true, ['forget']],
    [false, []],
  ] as const)
    it(`${repeatable}: the network forgets earlier texts ${before.length} times, and before it reads this one`, async () => {
      const all = await asked(16, [8], { maxNewTokens: 5, ...(repeatable === undefined ? {} : { repeatable }) });
      assert.deepEqual(all.slice(0, before.length), before);
      const windows = all.slice(before.length);
      assert.equal(windows.length, 5);
      assert.ok(!windows.includes('forget'));
    });
});
