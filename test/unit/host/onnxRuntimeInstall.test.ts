/** ONNX Runtime's install step, should somebody run it: told to skip, it asks for nothing outside this machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutsideWatch } from '../../host/outsideWatch';

describe('the install step of onnxruntime-node', () => {
  it('with what .npmrc tells it ends well, and has asked for nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'moxu-install-'));
    try {
      const watch = new OutsideWatch(folder);
      // Those that npm makes of its settings, and the ones that the script would take before them.
      const env = Object.entries(process.env).filter(([name]) => !/^npm_|^ONNXRUNTIME_/i.test(name));
      const program = join('node_modules', 'onnxruntime-node', 'script', 'install.js');
      const { status, stdout, stderr } = spawnSync(process.execPath, [program], {
        env: { ...Object.fromEntries(env), ...watch.environment, npm_config_onnxruntime_node_install: 'skip' },
        encoding: 'utf8',
      });
      assert.deepEqual([status, stdout, stderr], [0, '', '']);
      assert.deepEqual(
        watch.noted().map(({ asked }) => asked),
        [null],
        'the watch began, and saw nothing',
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
