/** Several continuations of one prompt from the real thread and the real weights. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { WorkerEngine } from '../../src/engine/workerEngine';
import type { Prompt } from '../../src/protocol';

const modelDir = 'models/builtin';
const prompt: Prompt = { title: '春天', text: '春天来了，', fromStart: true };
const noSignal = new AbortController().signal;

describe('candidates', () => {
  let engine: WorkerEngine;
  before(() => (engine = new WorkerEngine(resolve('dist/worker.js'), modelDir)));
  after(() => engine.dispose());

  it('are written together, each from its seed', async () => {
    const candidates = await engine.generateCandidates(prompt, { maxNewTokens: 30 }, [1, 2, 3], noSignal);
    assert.deepEqual(
      candidates.map(({ seed }) => seed),
      [1, 2, 3],
    );
    assert.equal(new Set(candidates.map(({ text }) => text)).size, 3);
    for (const { text, numTokens, logProb } of candidates) {
      assert.match(text, /\p{Script=Han}{3}/u);
      assert.ok(numTokens > 0 && numTokens <= 30);
      assert.ok(logProb < 0 && Number.isFinite(logProb));
    }
    const again = await engine.generateCandidates(prompt, { maxNewTokens: 30 }, [1, 2, 3], noSignal);
    assert.deepEqual(again, candidates);
  });

  it('greedy, are what the stream gives, since nothing in the run differs', async () => {
    const options = { maxNewTokens: 20, temperature: 0 };
    const [first] = await engine.generateCandidates(prompt, options, [1, 2], noSignal);
    let text = '';
    for await (const delta of engine.generate(prompt, options, noSignal)) text += delta.text;
    assert.equal(first?.text, text);
  });

  it('end at an abort, and the next request works', async () => {
    const abort = new AbortController();
    const pending = engine.generateCandidates(prompt, { maxNewTokens: 100_000 }, [1, 2, 3], abort.signal);
    setTimeout(() => abort.abort(), 50);
    for (const { finishReason, numTokens } of await pending) {
      assert.ok(['aborted', 'endOfText'].includes(finishReason));
      assert.ok(numTokens < 5000);
    }
    abort.abort();
    const unasked = await engine.generateCandidates(prompt, {}, [4], abort.signal);
    assert.deepEqual(unasked, [
      { seed: 4, deltas: [], logProb: 0, text: '', finishReason: 'aborted', numTokens: 0, numPromptTokens: 0 },
    ]);
    const candidates = await engine.generateCandidates(prompt, { maxNewTokens: 1 }, [1, 2], noSignal);
    assert.deepEqual(
      candidates.map(({ numTokens }) => numTokens),
      [1, 1],
    );
  });

  it('a bad option or seed throws before anything is sent', async () => {
    await assert.rejects(engine.generateCandidates(prompt, { topP: 2 }, [1], noSignal), RangeError);
    await assert.rejects(engine.generateCandidates(prompt, {}, [1, -1], noSignal), {
      name: 'RangeError',
      message: /^seed: -1/,
    });
  });

  it('are answered with an error when the thread dies', async () => {
    const pending = engine.generateCandidates(prompt, { maxNewTokens: 100_000 }, [1, 2], noSignal);
    await new Promise((done) => setTimeout(done, 50));
    engine.thread?.send({ type: 'nonsense' } as never);
    await assert.rejects(pending, { code: 'worker-died' });
  });
});
