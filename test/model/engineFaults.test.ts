/** The engine when models, threads or callers fail it, and a hundred times over. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildModel } from '../../src/builder/buildModel';
import type { EngineState } from '../../src/engine/engine';
import type { WorkerEngine } from '../../src/engine/workerEngine';
import { EngineError } from '../../src/errors';
import type { EngineRequest } from '../../src/protocol';
import { TemporaryFolder } from '../unit/builder/tinyCheckpoint';
import { modelDir, newEngine, noSignal, run, spring } from './running';

/** In a copy of the built-in model, whose weights may be damaged. */
async function withCopy(act: (copy: { engine: WorkerEngine; weights: string; whole: Buffer }) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), 'moxu-'));
  const copy = join(folder, 'model');
  cpSync(modelDir, copy, { recursive: true });
  const weights = join(copy, 'model.onnx.data');
  const engine = newEngine(copy);
  await act({ engine, weights, whole: readFileSync(weights) });
  await engine.dispose();
  rmSync(folder, { recursive: true });
}

describe('engine and faults', () => {
  it('says what is wrong with a model folder, and works as soon as it is whole', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'moxu-'));
    const copy = join(folder, 'model');
    const truncate = () => {
      cpSync(modelDir, copy, { recursive: true });
      truncateSync(join(copy, 'model.onnx.data'), 1000);
    };
    const swap = () => {
      cpSync(modelDir, copy, { recursive: true });
      const path = join(copy, 'model.onnx.data');
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
      writeFileSync(path, bytes);
    };
    const remove = (name: string) => () => {
      cpSync(modelDir, copy, { recursive: true });
      rmSync(join(copy, name));
    };
    const cases: [string, () => void, RegExp][] = [
      ['missing', () => undefined, /is not a Moxu model folder: it has no moxu\.json/],
      ['truncated', truncate, /model\.onnx\.data has 1000 bytes, not \d+: it is incomplete or damaged/],
      ['swapped', swap, /model\.onnx\.data is not the file that the model came with/],
      ...['tokenizer.model', 'model.onnx', 'model.onnx.data'].map((file): [string, () => void, RegExp] => [
        `${file} missing`,
        remove(file),
        new RegExp(`${file.replaceAll('.', '\\.')} is missing`),
      ]),
    ];
    for (const [name, damage, message] of cases) {
      damage();
      const engine = newEngine(copy);
      await assert.rejects(engine.load(), (error: unknown) => {
        assert.ok(error instanceof EngineError, name);
        assert.equal(error.code, name === 'missing' ? 'model-missing' : 'model-damaged', name);
        assert.match(error.message, message, name);
        return true;
      });
      assert.equal(engine.state.kind, 'failed');
      cpSync(modelDir, copy, { recursive: true });
      assert.equal((await run(engine, { maxNewTokens: 3 })).result.numTokens, 3, name);
      await engine.dispose();
      rmSync(copy, { recursive: true });
    }
    rmSync(folder, { recursive: true });
  });

  it('notices that somebody has written into the weights in use, and works as soon as they are whole', () =>
    withCopy(async ({ engine, weights, whole }) => {
      const few = { maxNewTokens: 3 };
      const failsWith = (code: string, begun: Promise<unknown>) =>
        assert.rejects(begun, (error: unknown) => error instanceof EngineError && error.code === code);
      // ONNX Runtime has them mapped: a run that touches what is cut off would end this process.
      const cut = (): void => truncateSync(weights, 1000);
      await run(engine, few);
      cut();
      await failsWith('model-changed', run(engine, few));
      await failsWith('model-damaged', engine.load());
      writeFileSync(weights, whole);
      assert.equal((await run(engine, few)).result.numTokens, 3);
      // As long as it was, and something else.
      writeFileSync(weights, Buffer.alloc(whole.length));
      await failsWith('model-changed', engine.generateCandidates(spring, few, [1], noSignal));
      await failsWith('model-damaged', engine.load());
      // What is put in the place of a file, or deleted, leaves a model in use as it is.
      writeFileSync(weights, whole);
      await engine.load();
      rmSync(weights);
      assert.equal((await run(engine, few)).result.numTokens, 3);
      writeFileSync(weights, whole);
      assert.equal((await run(engine, few)).result.numTokens, 3);
    }));

  it('bears that its weights are cut off in the middle of a run', () =>
    withCopy(async ({ engine, weights, whole }) => {
      for (let i = 0; i < 20; i++) {
        await run(engine, { maxNewTokens: 3 });
        const pending = run(engine, { maxNewTokens: 100_000 });
        await sleep(10 * Math.random());
        // What a run touches must not lie in this file: this process would end here.
        truncateSync(weights, 0);
        await assert.rejects(
          pending,
          (error: unknown) => error instanceof EngineError && error.code === 'model-changed',
        );
        writeFileSync(weights, whole);
      }
    }));

  it('a thread that dies is reported, and the next request works', async () => {
    const engine = newEngine();
    const states: EngineState['kind'][] = [];
    engine.onStateChange(({ kind }) => states.push(kind));
    for (let i = 0; i < 3; i++) {
      await engine.load();
      const pending = run(engine, { maxNewTokens: 100_000 });
      // Not in the protocol: the worker's exhaustive switch throws outside of any request, and the thread ends.
      engine.thread?.send({ type: 'nonsense' } as unknown as EngineRequest);
      await assert.rejects(pending, { name: 'EngineError', code: 'worker-died' });
      assert.equal((await run(engine, { maxNewTokens: 3 })).result.numTokens, 3);
    }
    assert.deepEqual(states.slice(0, 5), ['loading', 'ready', 'failed', 'loading', 'ready']);
    await engine.dispose();
  });

  it('after dispose there is a clear error, and pending requests are answered', async () => {
    const engine = newEngine();
    await engine.load();
    const pending = run(engine, { maxNewTokens: 100_000 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await engine.dispose();
    assert.equal((await pending).result.finishReason, 'aborted');
    await assert.rejects(run(engine, {}), { code: 'disposed' });
  });

  // Of the built-in model what each round leaves behind would be more than of a small one, which is loaded sooner. More
  // rounds, MOXU_ROUNDS=500 for one, tell smaller losses.
  const rounds = Number(process.env.MOXU_ROUNDS ?? 100);
  /** Megabytes. A model's buffers may be kept for a while, 20 of them; what is lost each time adds up. */
  const lostPerRound = 0.4;
  for (const [times, name] of [
    [100, 'a small model'],
    [rounds, 'the built-in one'],
  ] as const)
    it(`load, generate, abort, dispose, load again ${times} times with ${name}: no crash, memory flat`, async function () {
      this.timeout(times * 10_000);
      const temporary = new TemporaryFolder();
      const small = temporary.join('model');
      await buildModel({ from: temporary.checkpoint('checkpoint'), to: small, quantization: 'int8' });
      const megabytes: number[] = [];
      for (let round = 0; round < times; round++) {
        const engine = newEngine(name === 'a small model' ? small : modelDir);
        const abort = new AbortController();
        await run(engine, { maxNewTokens: 2000 }, { signal: abort.signal, onDelta: () => abort.abort() });
        await engine.dispose();
        megabytes.push(process.memoryUsage.rss() / 2 ** 20);
      }
      temporary.remove();
      // Compared by fifths after a warm-up, and by the least of each, so that the allocator's habits do not count as a leak.
      const fifth = times / 5;
      const [early, late] = [Math.min(...megabytes.slice(fifth, 2 * fifth)), Math.min(...megabytes.slice(4 * fifth))];
      const measured = `memory: ${early.toFixed(1)} MB, ${(late - early).toFixed(1)} MB more after ${3 * fifth} rounds`;
      console.log(`      ${measured}`);
      assert.ok(late - early < lostPerRound * 3 * fifth, measured);
    });
});
