/** Candidates written together against each written alone. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { buildModel } from '../../../src/builder/buildModel';
import { oneThread } from '../../../src/engine/calibrate';
import { Session } from '../../../src/engine/session';
import { generate, type LoadedModel } from '../../../src/generation/generate';
import { generateBatch, type BatchLanguageModel } from '../../../src/generation/generateBatch';
import type { EncodedPrompt } from '../../../src/generation/promptWindow';
import type { Manifest } from '../../../src/manifest';
import { resolveOptions, type GenerateOptions } from '../../../src/options';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';
import { TemporaryFolder, tokenizerBytes } from '../builder/tinyCheckpoint';

type Model = LoadedModel & { network: BatchLanguageModel };
const noSignal = new AbortController().signal;
const seeds = [1, 2, 3, 4, 5];

/** What `generate` gives, in the form of a candidate. */
async function alone(model: Model, prompt: EncodedPrompt, options: GenerateOptions) {
  const stream = generate(model, prompt, options, noSignal);
  let logProb = 0;
  for (;;) {
    const next = await stream.next();
    if (next.done) return { seed: options.seed, logProb, ...next.value };
    logProb += next.value.logProb;
  }
}

async function assertSame(model: Model, prompt: EncodedPrompt, given: Partial<GenerateOptions>, tolerance: number) {
  const options = resolveOptions(given);
  const together = await generateBatch(model, prompt, options, seeds, noSignal);
  assert.deepEqual(
    together.map(({ seed }) => seed),
    seeds,
  );
  for (const [i, seed] of seeds.entries()) {
    const { logProb, ...expected } = await alone(model, prompt, { ...options, seed });
    const { logProb: found, deltas, ...candidate } = together[i] as (typeof together)[number];
    assert.equal(deltas.map(({ text }) => text).join(''), candidate.text);
    assert.deepEqual(candidate, expected);
    assert.ok(Math.abs(found - logProb) <= tolerance, `${found} and ${logProb}`);
  }
  return together;
}

describe('generateBatch', () => {
  const temporary = new TemporaryFolder();
  let manifest: Manifest;
  let model: Model;
  let session: Session;
  const prompt: EncodedPrompt = { titleIds: [6, 7], textIds: [8, 9, 10, 11, 12], fromStart: true };

  before(async () => {
    const to = temporary.join('model');
    manifest = await buildModel({ from: temporary.checkpoint('checkpoint'), to, quantization: 'none' });
    session = await Session.load(join(to, 'model.onnx'), manifest, oneThread);
    model = {
      healer: null,
      lineStart: null,
      learnt: null,
      table: null,
      network: session,
      manifest,
      tokenizer: await createTokenizer('sentencepiece-unigram', tokenizerBytes()),
    };
  });
  after(async () => {
    await session.release();
    temporary.remove();
  });

  it('writes what each seed gives alone, and rows end when they do', async () => {
    const results = await assertSame(model, prompt, { maxNewTokens: 24 }, 1e-4);
    assert.ok(new Set(results.map(({ text }) => text)).size > 1);
    assert.ok(new Set(results.map(({ numTokens }) => numTokens)).size > 1, 'all rows ended together');
  });

  it('goes on beyond the window', async () => {
    const noEnd = { ...manifest, specialTokens: { ...manifest.specialTokens, endOfText: [] } };
    const results = await assertSame({ ...model, manifest: noEnd }, prompt, { maxNewTokens: 60, minP: 0.01 }, 1e-3);
    assert.ok(results.every(({ numTokens }) => numTokens === 60));
  });

  it('greedy rows are all the same', async () => {
    const results = await assertSame(model, prompt, { maxNewTokens: 12, temperature: 0 }, 1e-4);
    assert.equal(new Set(results.map(({ text }) => text)).size, 1);
  });

  it('takes the likeliest token each time where there is no seed', async () => {
    const options = resolveOptions({ maxNewTokens: 12, temperature: 1.5 });
    const [drawn, likeliest] = await generateBatch(model, prompt, options, [4, null], noSignal);
    const greedy = await alone(model, prompt, { ...options, temperature: 0 });
    assert.deepEqual([likeliest?.seed, likeliest?.text], [null, greedy.text]);
    assert.notEqual(drawn?.text, greedy.text);
  });

  it('writes one, and none', async () => {
    const options = resolveOptions({ maxNewTokens: 5 });
    assert.equal((await generateBatch(model, prompt, options, [7], noSignal)).length, 1);
    assert.deepEqual(await generateBatch(model, prompt, options, [], noSignal), []);
  });

  it('an abort between two steps ends all rows with what they have', async () => {
    const abort = new AbortController();
    let steps = 0;
    const network: BatchLanguageModel = {
      logitsAfter: (ids, signal) => session.logitsAfter(ids, signal),
      forgetTexts: () => session.forgetTexts(),
      logitsAfterEach: (rows, signal) => {
        if (++steps === 4) abort.abort();
        return session.logitsAfterEach(rows, signal);
      },
    };
    const noEnd = { ...manifest, specialTokens: { ...manifest.specialTokens, endOfText: [] } };
    const options = resolveOptions({ maxNewTokens: 1000 });
    const results = await generateBatch({ ...model, manifest: noEnd, network }, prompt, options, seeds, abort.signal);
    for (const { finishReason, numTokens, text } of results)
      assert.deepEqual([finishReason, numTokens, text.length], ['aborted', 4, 4]);
    const none = await generateBatch(model, prompt, options, seeds, abort.signal);
    assert.ok(none.every(({ numTokens, finishReason }) => numTokens === 0 && finishReason === 'aborted'));
  });
});
