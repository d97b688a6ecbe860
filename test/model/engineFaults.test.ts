/** The engine when models, threads or callers fail it, and a hundred times over. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildModel } from '../../src/builder/buildModel';
import type { EngineState } from '../../src/engine/engine';
import { EngineError } from '../../src/errors';
import type { EngineRequest } from '../../src/protocol';
import { TemporaryFolder } from '../unit/builder/tinyCheckpoint';
import { modelDir, newEngine, run } from './running';

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

  // Of the built-in model what each round leaves behind would be more than of a small one, which is loaded sooner. Its 100
  // times take minutes on a busy machine: MOXU_ROUNDS=100 npm run test:model -- --grep 'load again'
  const rounds = Number(process.env.MOXU_ROUNDS ?? 20);
  for (const [times, name] of [
    [100, 'a small model'],
    [rounds, 'the built-in one'],
  ] as const)
    it(`load, generate, abort, dispose, load again ${times} times with ${name}: no crash, memory flat`, async function () {
      if (times > 20) this.timeout(times * 10_000);
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
      // Compared by fifths after a warm-up, so that the allocator's habits do not count as a leak.
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      const fifth = times / 5;
      const [early, late] = [mean(megabytes.slice(fifth, 2 * fifth)), mean(megabytes.slice(4 * fifth))];
      const measured = `memory: ${early.toFixed(1)} MB, ${(late - early).toFixed(1)} MB more after ${3 * fifth} rounds`;
      console.log(`      ${measured}`);
      assert.ok(late - early < 10, measured);
    });
});
