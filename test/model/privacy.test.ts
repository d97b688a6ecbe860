/**
 * ONNX Runtime's official builds keep a device id under the home directory and send events to Microsoft. Nothing of that
 * may happen, wherever a model runs: in the engine's thread, or in the thread at hand, as in a process that tries a device.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openNetwork } from '../../src/engine/openNetwork';
import { WorkerEngine } from '../../src/engine/workerEngine';
import { manifestFile, parseManifest } from '../../src/manifest';

const modelDir = resolve('models', 'builtin');
const threads = { numThreads: 1, spinning: false };
const noSignal = new AbortController().signal;

const places: Record<string, () => Promise<void>> = {
  'in the engine’s thread': async () => {
    const engine = new WorkerEngine(resolve('dist/worker.js'), modelDir);
    for await (const { text } of engine.generate(
      { title: '', text: '春', fromStart: true },
      { maxNewTokens: 3 },
      noSignal,
    ))
      assert.ok(text);
    await engine.dispose();
  },
  'in the thread at hand': async () => {
    const manifest = parseManifest(readFileSync(join(modelDir, manifestFile), 'utf8'));
    const { network } = await openNetwork(modelDir, manifest, 'cpu', threads);
    assert.ok(await network.logitsAfter([5], noSignal));
    await network.release();
  },
};

const [, , isChild, chosen = ''] = process.argv;
if (isChild === '--child') void places[chosen]?.();
else
  describe('a model that runs', () => {
    for (const name of Object.keys(places))
      it(`${name} leaves nothing in the home and temporary directories`, () => {
        const home = mkdtempSync(join(tmpdir(), 'moxu-home-'));
        const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
        const program = spawnSync(process.execPath, [__filename, '--child', name], {
          env: { ...env, HOME: home, USERPROFILE: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home, TMPDIR: home },
          encoding: 'utf8',
        });
        const left = readdirSync(home, { recursive: true });
        rmSync(home, { recursive: true, force: true });
        assert.deepEqual([program.status, program.stderr], [0, '']);
        assert.deepEqual(left, []);
      });
  });
