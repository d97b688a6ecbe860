/** The life of the engine's thread, with a thread of the test's in place of the one that runs a model. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { Backoff } from '../../../src/engine/backoff';
import type { DeviceChoice } from '../../../src/engine/deviceAdvice';
import { DeviceAdviser } from '../../../src/engine/deviceAdviser';
import type { ThreadMemory } from '../../../src/engine/engine';
import { idleMs } from '../../../src/engine/idleCalibration';
import { WorkerEngine } from '../../../src/engine/workerEngine';
import { identityOf, parseManifest } from '../../../src/manifest';

/**
 * Loads at once, as the thread of that number, but the model `slow` for ever; ends where the prompt says so, else writes 好.
 */
const thread = `
const { parentPort: port, threadId } = require('node:worker_threads');
port.on('message', ({ type, requestId, modelDir, prompt, threads, device }) => {
  const model = { name: '旧名', identity: '旧', device, refusal: null, threads, loadMs: threadId };
  if (type === 'load' && modelDir !== 'slow') port.postMessage({ type: 'loaded', requestId, model });
  if (type === 'warm') port.postMessage({ type: 'warmed', requestId });
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

/** Knows of a GPU that has not been tried, and then that it is the faster one. */
class NotedAdvice extends DeviceAdviser {
  readonly trials: { signal: AbortSignal; end: () => void }[] = [];
  isFaster = false;
  constructor() {
    super('', { recall: () => null, remember: () => undefined }, () => 'auto', ['webgpu']);
  }
  override choice(): DeviceChoice {
    return { device: this.isFaster ? 'webgpu' : 'cpu', refusal: null, untried: this.isFaster ? [] : this.devices };
  }
  override tryEach(_model: unknown, _devices: unknown, signal: AbortSignal): Promise<void> {
    return new Promise((end) => {
      this.trials.push({ signal, end });
      signal.addEventListener('abort', () => end());
    });
  }
}

describe('worker engine', () => {
  let folder: string;
  const newEngine = (backoff: Backoff, modelDir = 'model', advice: DeviceAdviser | null = null) =>
    new WorkerEngine(join(folder, 'thread.js'), modelDir, undefined, advice, backoff);
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

  it('a thread that is dead before the model’s folder has been read: its death is what is told', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'moxu-'));
    const workerFile = join(folder, 'worker.js');
    writeFileSync(workerFile, "throw new Error('at once');");
    // Reading it waits for somebody who writes.
    execFileSync('mkfifo', [join(folder, 'moxu.json')]);
    const engine = new WorkerEngine(workerFile, folder);
    const loaded = engine.load();
    const hasDied = new Promise<void>((seen) => engine.onStateChange(({ kind }) => kind === 'failed' && seen()));
    void loaded.catch(() => undefined);
    await hasDied;
    writeFileSync(join(folder, 'moxu.json'), '{}');
    await assert.rejects(loaded, { code: 'worker-died', message: 'at once' });
    await engine.dispose();
    rmSync(folder, { recursive: true });
  });

  it('a library that does not load is said to be that, and not a thread that dies', async () => {
    writeFileSync(join(folder, 'library.node'), 'no library');
    writeFileSync(join(folder, 'needy.js'), "require('./library.node');");
    const backoff = new NotedBackoff();
    const engine = new WorkerEngine(join(folder, 'needy.js'), 'model', undefined, null, backoff);
    // Asked again it tries again at once: it may have been installed meanwhile.
    for (let i = 0; i < 2; i++) await assert.rejects(engine.load(), { code: 'runtime-missing' });
    assert.equal(engine.state.kind === 'failed' && engine.state.error.code, 'runtime-missing');
    assert.deepEqual(backoff.told, []);
    await engine.dispose();
  });

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

  it('who waits for a model while another is chosen waits for that one, and not for what is loaded no more', async () => {
    const engine = newEngine(new NotedBackoff(), 'slow');
    const hasBegun = new Promise((resolve) => engine.onStateChange(resolve));
    const waiting = Promise.all([engine.load(), write(engine, '你')]);
    await hasBegun;
    // One request has reached the thread, which answers it no more; the other life has not even looked into its folder.
    await new Promise((later) => setTimeout(later, 50));
    await engine.switchModel('slow');
    await engine.switchModel('model');
    const [model, text] = await waiting;
    assert.equal(text, '好');
    assert.deepEqual(engine.state, { kind: 'ready', model });
    await engine.dispose();
  });

  it('is disposed of when all of its threads have ended, also one that a switch has not waited for yet', async () => {
    const engine = newEngine(new NotedBackoff());
    await engine.load();
    let hasEnded = false;
    void engine.thread?.ended.then(() => (hasEnded = true));
    const switched = engine.switchModel('other');
    await engine.dispose();
    assert.ok(hasEnded);
    await switched;
  });

  it('a model that is renamed is called so at once, and not loaded again', async () => {
    const engine = newEngine(new NotedBackoff());
    const states: unknown[] = [];
    engine.onStateChange((state) => states.push(state.kind === 'ready' ? state.model.name : state.kind));
    const { loadMs } = await engine.load();
    await engine.renamed('新名');
    assert.deepEqual(states, ['loading', '旧名', '新名']);
    assert.equal(engine.state.kind === 'ready' && engine.state.model.loadMs, loadMs);
    await engine.switchModel('other');
    await engine.renamed('谁'); // none is loaded
    assert.equal(engine.state.kind, 'unloaded');
    const begun = new Promise((resolve) => engine.onStateChange(resolve));
    const pending = engine.load();
    await begun;
    await engine.renamed('又一名'); // while it is loaded
    await pending;
    assert.deepEqual(states.slice(3), ['unloaded', 'loading', '旧名', '又一名']);
    await engine.dispose();
  });

  it('devices are tried while nobody writes, given up for whoever comes back, and then left for longer; the faster is moved to', async () => {
    const advice = new NotedAdvice();
    const engine = newEngine(new NotedBackoff(), join('models', 'builtin'), advice);
    const moments = () => new Promise((later) => setImmediate(later));
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      await engine.load();
      mock.timers.tick(idleMs);
      assert.equal(advice.trials.length, 1);
      assert.equal(await write(engine, '你'), '好');
      assert.ok(advice.trials[0]?.signal.aborted);
      await moments();
      mock.timers.tick(idleMs);
      assert.equal(advice.trials.length, 1);
      mock.timers.tick(idleMs);
      assert.equal(advice.trials.length, 2);
      assert.equal(advice.trials[1]?.signal.aborted, false);
      advice.isFaster = true;
      advice.trials[1].end();
      await moments();
      const moved = new Promise<void>((done) => {
        engine.onStateChange((state) => state.kind === 'ready' && state.model.device === 'webgpu' && done());
      });
      mock.timers.tick(idleMs);
      await moved;
    } finally {
      mock.timers.reset();
      await engine.dispose();
    }
  });

  it('requests leave nothing behind: no listener on their signal, and nobody who is waited for', async () => {
    const advice = new NotedAdvice();
    const engine = newEngine(new NotedBackoff(), join('models', 'builtin'), advice);
    const { signal } = new AbortController();
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      await write(engine, '你', signal);
      await engine.warm({ title: '', text: '你', fromStart: true }, signal);
      assert.deepEqual(getEventListeners(signal, 'abort'), []);
      mock.timers.tick(idleMs);
      assert.equal(advice.trials.length, 1);
    } finally {
      mock.timers.reset();
      await engine.dispose();
    }
  });

  it('what is known of a model is asked for by what lies in its folder', async () => {
    const dir = join(folder, 'model');
    const manifest = parseManifest(readFileSync(join('models', 'builtin', 'moxu.json'), 'utf8'));
    const known = { numThreads: 3, spinning: true };
    const memory: ThreadMemory = {
      recall: (identity) => (identity === identityOf(manifest) ? known : null),
      remember: () => undefined,
    };
    const threadsOf = async (changed: object): Promise<unknown> => {
      mkdirSync(dir, { recursive: true });
      writeFileSync(join(dir, 'moxu.json'), JSON.stringify({ ...manifest, ...changed }));
      const engine = new WorkerEngine(join(folder, 'thread.js'), dir, memory);
      const { threads } = await engine.load();
      await engine.dispose();
      return threads;
    };
    assert.deepEqual(await threadsOf({}), known);
    assert.deepEqual(await threadsOf({ name: '新名' }), known);
    // Another model in the same folder.
    const data = { bytes: 1, sha256: 'ab'.repeat(32) };
    assert.equal(await threadsOf({ files: { ...manifest.files, 'model.onnx.data': data } }), null);
    assert.equal(await threadsOf({ format: -1 }), null);
  });

  it('that is disposed before it knows what to load fails what waits', async () => {
    const engine = newEngine(new NotedBackoff());
    const pending = engine.load();
    await Promise.all([assert.rejects(pending, { code: 'disposed' }), engine.dispose()]);
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
