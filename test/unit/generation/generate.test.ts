/** What the loop asks of the network, token by token. */
import assert from 'node:assert/strict';
import { MessageChannel } from 'node:worker_threads';
import { generate, type LoadedModel } from '../../../src/generation/generate';
import type { Manifest } from '../../../src/manifest';
import { resolveOptions } from '../../../src/options';
import { PieceTokenizer } from './pieceTokenizer';

const title = [6, 7];
const separator = 4;
const opening = 1;
const vocabulary = ['', '', '', '', '', '', '题', '目', '甲', '乙'];

const specialTokens = { unknown: 0, start: null, endOfText: [5], separator, opening, banned: [] };
const prompt = { titleIds: title, textIds: [8, 9], fromStart: true };

function modelOf(logitsAfter: LoadedModel['network']['logitsAfter'], contextLength: number): LoadedModel {
  const manifest = {
    ...{ contextLength, promptLayout: 'title-separator-text', specialTokens },
    tokenizer: { kind: 'sentencepiece-unigram', file: '' },
  } as unknown as Manifest;
  const parts = { healer: null, lineStart: null, learnt: null, table: null };
  const network = { logitsAfter, forgetTexts: () => undefined };
  return { ...parts, network, manifest, tokenizer: new PieceTokenizer(vocabulary) };
}

/** 甲 and 乙, one as likely as the other. */
const logits = Float32Array.from(vocabulary, (_, id) => (id >= 8 ? 0 : -50));

describe('an abort that comes as a message', () => {
  it('is seen before the next token but one, though the network itself never leaves the microtasks', async () => {
    const { port1, port2 } = new MessageChannel();
    const abort = new AbortController();
    port2.once('message', () => abort.abort());
    let steps = 0;
    const network: LoadedModel['network']['logitsAfter'] = () => {
      if (++steps === 3) port1.postMessage('abort');
      return Promise.resolve(logits);
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
  /** @returns what the network is asked for, one token after the other */
  async function windows(contextLength: number, textIds: number[], maxNewTokens: number): Promise<number[][]> {
    const asked: number[][] = [];
    const network: LoadedModel['network']['logitsAfter'] = (window) => {
      asked.push([...window]);
      return Promise.resolve(logits);
    };
    const options = resolveOptions({ maxNewTokens, seed: 3 });
    const { signal } = new AbortController();
    const stream = generate(modelOf(network, contextLength), { ...prompt, textIds }, options, signal);
    while (!(await stream.next()).done);
    return asked;
  }

  it('keeps the title and its separator in front of the latest text, hop after hop', async () => {
    const text = [8, 9];
    let [hops, last] = [0, 0];
    for (const window of await windows(16, text, 60)) {
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
