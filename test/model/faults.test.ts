/**
 * What may go wrong will: the thread dies at random moments, requests start and stop faster than they can be served.
 * After each the next request must work. `MOXU_SOAK=1 npm run test:model -- --grep faults` runs the long form.
 */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkerEngine } from '../../src/engine/workerEngine';
import { EngineError } from '../../src/errors';
import { seededRandom } from '../../src/generation/random';
import type { EngineRequest, GenerateResult, Prompt } from '../../src/protocol';

const soak = process.env.MOXU_SOAK !== undefined;
const deaths = soak ? 200 : 16;
const starts = soak ? 1000 : 200;

const prompt: Prompt = { title: '春天', text: '春天来了，', fromStart: true };
const longPrompt: Prompt = { ...prompt, text: '我们沿着河边走了很久，谁也不说话。'.repeat(30) };

async function finish(
  engine: WorkerEngine,
  from: Prompt,
  maxNewTokens: number,
  signal = new AbortController().signal,
): Promise<GenerateResult> {
  // It does not end of itself.
  const stream = engine.generate(from, { maxNewTokens, minCharacters: 100_000 }, signal);
  for (;;) {
    const next = await stream.next();
    if (next.done) return next.value;
  }
}

/** Not in the protocol: the worker's exhaustive switch throws outside of any request, and the thread ends. */
function kill(engine: WorkerEngine): void {
  engine.thread?.send({ type: 'nonsense' } as unknown as EngineRequest);
}

describe('engine faults', function () {
  if (soak) this.timeout(20 * 60_000);

  it(`${deaths} deaths at random moments of loading, prefilling, decoding and rest: each is reported, and the next request works`, async () => {
    const random = seededRandom(2026);
    for (let round = 0; round < deaths; round++) {
      const engine = new WorkerEngine(resolve('dist/worker.js'), 'models/builtin');
      const phase = ['loading', 'prefilling', 'decoding', 'resting'][round % 4] as string;
      if (phase !== 'loading') await engine.load();
      const from = phase === 'prefilling' ? longPrompt : prompt;
      const pending = phase === 'resting' ? null : finish(engine, from, 5000);
      const outcome = pending?.then(
        () => 'finished',
        (error: unknown) => (error instanceof EngineError ? error.code : String(error)),
      );
      const within = { loading: 150, prefilling: 20, decoding: 300, resting: 5 }[phase] as number;
      await sleep(random() * within);
      const died = new Promise<void>((seen) => {
        engine.onStateChange(({ kind }) => {
          if (kind === 'failed') seen();
        });
      });
      kill(engine);
      await died;
      if (outcome) assert.equal(await outcome, 'worker-died', `round ${round}, ${phase}`);
      assert.ok((await finish(engine, prompt, 2)).numTokens > 0, `round ${round}, after death while ${phase}`);
      assert.equal(engine.state.kind, 'ready');
      await engine.dispose();
    }
  });

  it(`${starts} requests started and stopped at once: each is answered once, the last one whole`, async () => {
    const engine = new WorkerEngine(resolve('dist/worker.js'), 'models/builtin');
    await engine.load();
    const random = seededRandom(7);
    const results: Promise<GenerateResult>[] = [];
    for (let i = 0; i < starts; i++) {
      const abort = new AbortController();
      results.push(finish(engine, random() < 0.5 ? prompt : longPrompt, 1000, abort.signal));
      if (random() < 0.5) await sleep(random() * 4);
      abort.abort();
    }
    for (const { finishReason } of await Promise.all(results)) assert.equal(finishReason, 'aborted');
    assert.equal((await finish(engine, prompt, 20)).numTokens, 20);
    await engine.dispose();
  });
});
