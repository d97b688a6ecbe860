/** A build that is stopped or killed half-way leaves the model that was there. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { buildModel, factsOf } from '../../src/builder/buildModel';
import { parseManifest } from '../../src/manifest';
import { skip } from '../host/skip';
import { TemporaryFolder } from '../unit/builder/tinyCheckpoint';
import { largeCheckpoint, largeSizes } from './builderLargeCheckpoint';

/** Long enough to build that a signal comes meanwhile. */
const sizes = { ...largeSizes, vocabSize: 50_000 };

describe('an interrupted build', () => {
  const temporary = new TemporaryFolder();
  const to = temporary.join('model');
  let build: string[];
  let old: Record<string, Buffer>;

  const contents = (): Record<string, Buffer> =>
    Object.fromEntries(readdirSync(to).map((name) => [name, readFileSync(join(to, name))]));
  const unfinished = (): string[] =>
    readdirSync(temporary.path)
      .filter((name) => name.startsWith('.model.building-'))
      .map((name) => temporary.join(name));

  before(async () => {
    await buildModel({ from: temporary.checkpoint('small'), to, quantization: 'none' });
    old = contents();
    build = [join('out', 'cli', 'buildModel.js'), '--from', largeCheckpoint(temporary, sizes), '--to', to];
  });
  after(() => temporary.remove());

  /** Starts a build and sends `signal` once some of the data is written. */
  async function interrupt(signal: NodeJS.Signals): Promise<{ code: number | null; message: string }> {
    const started = spawn(process.execPath, build);
    let message = '';
    started.stderr.on('data', (text: Buffer) => (message += text.toString()));
    const ended = once(started, 'close');
    const isWriting = (folder: string): boolean => {
      const data = join(folder, 'model.onnx.data');
      return existsSync(data) && statSync(data).size > 0;
    };
    while (!unfinished().some(isWriting)) {
      assert.equal(started.exitCode, null, `ended before it was interrupted: ${message}`);
      await setTimeout(5);
    }
    started.kill(signal);
    const [code] = (await ended) as [number | null];
    return { code, message };
  }

  it('removes what it has written when it is asked to stop (Ctrl+C)', async function () {
    if (process.platform === 'win32') skip(this, 'Windows has no signals');
    const { code, message } = await interrupt('SIGINT');
    assert.equal(code, 1);
    assert.match(message, /\nCannot build the model: interrupted\n$/);
    assert.deepEqual(unfinished(), []);
    assert.deepEqual(contents(), old);
  });

  it('leaves nothing that loads when it is killed, and ends when it is started again', async () => {
    const { code } = await interrupt('SIGKILL');
    assert.equal(code, null);
    assert.ok(unfinished().length > 0);
    for (const folder of unfinished()) assert.ok(!existsSync(join(folder, 'moxu.json')));
    assert.deepEqual(contents(), old);

    const { status, stderr } = spawnSync(process.execPath, build, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.deepEqual(unfinished(), []);
    const { files, vocabSize } = parseManifest(readFileSync(join(to, 'moxu.json'), 'utf8'));
    assert.equal(vocabSize, sizes.vocabSize);
    assert.deepEqual(readdirSync(to).sort(), [...Object.keys(files), 'moxu.json'].sort());
    for (const [file, expected] of Object.entries(files))
      assert.deepEqual(await factsOf(join(to, file)), expected, file);
  });
});
