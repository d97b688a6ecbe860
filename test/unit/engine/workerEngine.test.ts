/** The life of the engine's thread, with a thread of the test's in place of the one that runs a model. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Backoff } from '../../../src/engine/backoff';
import { WorkerEngine } from '../../../src/engine/workerEngine';

/** Loads at once; ends where the prompt says so, else writes 好. */
const thread = `
const { parentPort: port } = require('node:worker_threads');
port.on('message', ({ type, requestId, prompt }) => {
  if (type === 'load') port.postMessage({ type: 'loaded', requestId, model: { device: 'cpu', refusal: null } });
  if (type === 'generate' && prompt.text === 'die') process.exit(1);
  if (type === 'generate') {
    port.postMessage({ type: 'delta', requestId, delta: { text: '好', logProb: 0, numTokens: 1 } });
    port.postMessage({ type: 'finished', requestId, result: { text: '好', finishReason: 'stop' } });
  }
  if (type === 'dispose') port.close();
});`;

const noSignal = new AbortController().signal;

/** Notes what it is told, and never waits. */
class NotedBackoff extends Backoff {
  readonly told: string[] = [];
  override failed(): void {
    this.told.push('failed');
  }
  override worked(): void {
    this.told.push('worked');
  }
}

describe('worker engine', () => {
  let folder: string;
  const newEngine = (backoff: Backoff) =>
    new WorkerEngine(join(folder, 'thread.js'), 'model', undefined, null, backoff);
  const write = async (engine: WorkerEngine, text: string, signal = noSignal) => {
    let all = '';
    for await (const delta of engine.generate({ title: '', text, fromStart: true }, {}, signal)) all += delta.text;
    return all;
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'moxu-'));
    writeFileSync(join(folder, 'thread.js'), thread);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('a thread that loads and then dies has failed, again and again, until it has answered', async () => {
    const backoff = new NotedBackoff();
    const engine = newEngine(backoff);
    for (let i = 0; i < 2; i++) await assert.rejects(write(engine, 'die'), { code: 'worker-died' });
    assert.deepEqual(backoff.told, ['failed', 'failed']);
    assert.equal(await write(engine, '你'), '好');
    assert.deepEqual(backoff.told, ['failed', 'failed', 'worked']);
    await engine.dispose();
  });

  it('a request that is given up does not wait for the next try, nor start a thread', async () => {
    const backoff = new Backoff(() => 0); // the pause never ends
    const engine = newEngine(backoff);
    await assert.rejects(write(engine, 'die'), { code: 'worker-died' });
    const abort = new AbortController();
    const pending = write(engine, '你', abort.signal);
    abort.abort();
    assert.equal(await pending, '');
    assert.equal(engine.thread, null);
  });

  it('another model is tried at once', async () => {
    const engine = newEngine(new Backoff(() => 0));
    await assert.rejects(write(engine, 'die'), { code: 'worker-died' });
    await engine.switchModel('other');
    assert.equal(await write(engine, '你'), '好');
    await engine.dispose();
  });
});

describe('backoff', () => {
  it('doubles with each failure in a row, from the failure on, up to half a minute', () => {
    let now = 1000;
    const backoff = new Backoff(() => now);
    assert.equal(backoff.msLeft, 0);
    backoff.failed();
    assert.equal(backoff.msLeft, 250);
    now += 200;
    assert.equal(backoff.msLeft, 50);
    now += 10_000;
    assert.equal(backoff.msLeft, 0);
    backoff.failed();
    assert.equal(backoff.msLeft, 500);
    for (let i = 0; i < 20; i++) backoff.failed();
    assert.equal(backoff.msLeft, 30_000);
    backoff.worked();
    assert.equal(backoff.msLeft, 0);
  });
});
