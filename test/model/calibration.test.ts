/** A model that is large enough to be measured: when the engine rests, and never in anybody's way. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildModel } from '../../src/builder/buildModel';
import { WorkerEngine } from '../../src/engine/workerEngine';
import type { GenerateResult, Threads } from '../../src/protocol';
import { TemporaryFolder } from '../unit/builder/tinyCheckpoint';
import { largeCheckpoint } from './builderLargeCheckpoint';

async function write(engine: WorkerEngine): Promise<GenerateResult> {
  const stream = engine.generate(
    { title: '', text: '', fromStart: true },
    { maxNewTokens: 3 },
    new AbortController().signal,
  );
  for (;;) {
    const next = await stream.next();
    if (next.done) return next.value;
  }
}

describe('calibration of threads', () => {
  const temporary = new TemporaryFolder();
  let modelDir = '';
  before(async () => {
    modelDir = temporary.join('model');
    await buildModel({ from: largeCheckpoint(temporary), to: modelDir, quantization: 'int8' });
  });
  after(() => temporary.remove());

  it('waits for rest, gives way to a request, is remembered, and is not repeated', async () => {
    const remembered: Threads[] = [];
    const memory = {
      recall: () => remembered[0] ?? null,
      remember: (_: string, threads: Threads) => void remembered.push(threads),
    };
    const engine = new WorkerEngine(resolve('dist/worker.js'), modelDir, memory);
    const model = await engine.load();
    assert.equal(model.needsCalibration, true);
    assert.equal((await write(engine)).numTokens, 3);
    assert.deepEqual(remembered, []);

    await sleep(3050); // it has just begun
    assert.equal((await write(engine)).numTokens, 3);
    for (let i = 0; remembered.length === 0 && i < 300; i++) await sleep(100);
    assert.equal(remembered.length, 1);
    assert.equal((await write(engine)).numTokens, 3, 'the graph on its new threads works');
    assert.deepEqual(engine.state.kind === 'ready' && engine.state.model.threads, remembered[0]);
    await engine.dispose();

    const again = new WorkerEngine(resolve('dist/worker.js'), modelDir, memory);
    const { threads, needsCalibration } = await again.load();
    assert.deepEqual({ threads, needsCalibration }, { threads: remembered[0], needsCalibration: false });
    await again.dispose();
  });

  it('the built-in model needs none', async () => {
    const engine = new WorkerEngine(resolve('dist/worker.js'), 'models/builtin');
    assert.equal((await engine.load()).needsCalibration, false);
    await engine.dispose();
  });
});
