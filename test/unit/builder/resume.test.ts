/** A build that was killed goes on; one for which there is no room does not begin; how long it takes is told. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { writeFolder } from '../../../src/builder/atomicFolder';
import { buildModel, type BuildOptions } from '../../../src/builder/buildModel';
import { ByteProgress } from '../../../src/builder/progress';
import type { ConversionProgress } from '../../../src/conversion';
import { EngineError } from '../../../src/errors';
import { skip } from '../../host/skip';
import { configOf, randomTensors, safetensorsBytes, TemporaryFolder, tiny } from './tinyCheckpoint';

describe('a build', () => {
  let temporary: TemporaryFolder;
  beforeEach(() => {
    temporary = new TemporaryFolder();
  });
  afterEach(() => temporary.remove());

  /** What a killed build leaves: its folder, put aside at the block after which it is killed. */
  async function killedAt(options: BuildOptions, share: number): Promise<string> {
    const kept = temporary.join('kept');
    let building = '';
    await assert.rejects(
      buildModel({
        ...options,
        onProgress: ({ writtenBytes, totalBytes }) => {
          if (writtenBytes < totalBytes * share) return;
          building = readdirSync(temporary.path).find((name) => name.startsWith('.model.building-')) ?? '';
          renameSync(temporary.join(building), kept);
          throw new Error('killed');
        },
      }),
      /killed/,
    );
    renameSync(kept, temporary.join(building));
    return temporary.join(building);
  }

  const build = (): BuildOptions => ({
    from: existsSync(temporary.join('checkpoint')) ? temporary.join('checkpoint') : temporary.checkpoint('checkpoint'),
    to: temporary.join('model'),
    quantization: 'none',
  });

  /** The model is then the same as one that was built at once. */
  async function finish(options: BuildOptions): Promise<void> {
    const seen: ConversionProgress[] = [];
    await buildModel({ ...options, onProgress: (progress) => seen.push(progress) });
    assert.equal(seen.at(-1)?.writtenBytes, seen.at(-1)?.totalBytes);
    const whole = await buildModel({ ...options, to: temporary.join('whole') });
    for (const file of [...Object.keys(whole.files), 'moxu.json'])
      assert.deepEqual(readFileSync(join(options.to, file)), readFileSync(temporary.join('whole', file)), file);
    assert.deepEqual(readdirSync(options.to).sort(), readdirSync(temporary.join('whole')).sort());
  }

  const journalled = (folder: string): number =>
    readFileSync(join(folder, 'journal'), 'utf8').trim().split('\n').length;

  it('goes on where it was killed', async () => {
    const folder = await killedAt(build(), 0.6);
    const numDone = journalled(folder);
    assert.ok(numDone >= 3, String(numDone));
    const before = readFileSync(join(folder, 'model.onnx.data'));
    writeFileSync(join(folder, 'model.onnx'), 'half a graph');
    await finish(build());
    const after = readFileSync(temporary.join('model', 'model.onnx.data'));
    assert.ok(after.subarray(0, 4096).equals(before.subarray(0, 4096)));
  });

  it('does not make again what is there', async () => {
    const folder = await killedAt(build(), 0.6);
    // Another value, noted in the journal: made again it would be the checkpoint's.
    const data = readFileSync(join(folder, 'model.onnx.data'));
    data.writeUInt8(data.readUInt8(100) ^ 1, 100);
    writeFileSync(join(folder, 'model.onnx.data'), data);
    const [first = '', ...others] = readFileSync(join(folder, 'journal'), 'utf8').split('\n');
    const entry = JSON.parse(first) as { offset: number; length: number };
    const bytes = data.subarray(entry.offset, entry.offset + entry.length);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(folder, 'journal'), [JSON.stringify({ ...entry, sha256 }), ...others].join('\n'));
    await buildModel(build());
    assert.equal(readFileSync(temporary.join('model', 'model.onnx.data')).readUInt8(100), data.readUInt8(100));
  });

  it('believes nothing that is not so on the disk', async () => {
    const folder = await killedAt(build(), 0.6);
    const data = readFileSync(join(folder, 'model.onnx.data'));
    data.writeUInt8(data.readUInt8(100) ^ 1, 100);
    writeFileSync(join(folder, 'model.onnx.data'), data);
    await finish(build());
  });

  it('is not the same when something else is asked for', async () => {
    const folder = await killedAt(build(), 0.6);
    await buildModel({ ...build(), quantization: 'int8' });
    assert.ok(existsSync(folder));
  });

  it('is not the same when the configuration has changed meanwhile: the number of heads scales weights', async () => {
    const sizes = { ...tiny, numHeads: tiny.numHeads * 2 };
    const options = build();
    const folder = await killedAt(options, 0.6);
    writeFileSync(temporary.join('checkpoint', 'config.json'), JSON.stringify(configOf(sizes)));
    await finish(options);
    assert.ok(existsSync(folder));
  });

  it('is not the same when the weights are others of the same size', async () => {
    const options = build();
    const folder = await killedAt(options, 0.6);
    const weights = temporary.join('checkpoint', 'model.safetensors');
    const before = readFileSync(weights).length;
    writeFileSync(weights, safetensorsBytes(randomTensors(tiny, 2)));
    assert.equal(readFileSync(weights).length, before);
    utimesSync(weights, new Date(), new Date(Date.now() + 5000));
    await finish(options);
    assert.ok(existsSync(folder));
  });

  it('leaves alone what another process is writing, until that is dead', async () => {
    const folder = await killedAt(build(), 0.6);
    writeFileSync(join(folder, 'owner'), String(process.ppid));
    await assert.rejects(buildModel(build()), (error) => error instanceof EngineError && error.code === 'busy');
    const longAgo = Date.now() / 1000 - 600;
    utimesSync(join(folder, 'owner'), longAgo, longAgo);
    await finish(build());
  });

  it('does not take the name of what another process is making of something else: the later would replace the other', async () => {
    const folder = await killedAt(build(), 0.6);
    writeFileSync(join(folder, 'owner'), String(process.ppid));
    const other = { ...build(), quantization: 'int8' } as const;
    await assert.rejects(buildModel(other), { code: 'busy' });
    assert.ok(existsSync(folder) && !existsSync(other.to));
    await buildModel({ ...other, to: temporary.join('another') });
  });

  it('ends when it is given up, also when all is written and only looked at once more', async () => {
    const abort = new AbortController();
    const onProgress = ({ writtenBytes, totalBytes }: ConversionProgress) => {
      // When the last block's turn of the event loop is over.
      if (writtenBytes === totalBytes) setImmediate(() => abort.abort());
    };
    await assert.rejects(buildModel({ ...build(), onProgress, signal: abort.signal }), { name: 'AbortError' });
    assert.deepEqual(readdirSync(temporary.path), ['checkpoint']);
  });

  it('does not begin without room for it, and leaves what was there', async () => {
    mkdirSync(temporary.join('other'));
    await assert.rejects(
      buildModel({ ...build(), freeBytes: () => 20e6 }),
      (error) =>
        error instanceof EngineError &&
        error.code === 'disk-full' &&
        error.space?.freeBytes === 20e6 &&
        /33 MB are needed on the disk of .*, and 20 MB are free/.test(error.message),
    );
    assert.deepEqual(readdirSync(temporary.path).sort(), ['checkpoint', 'other']);
  });
});

/** A model folder, as far as it matters here. */
function fillWith(folder: string, text: string): void {
  writeFileSync(join(folder, 'text'), text);
  writeFileSync(join(folder, 'moxu.json'), '{"files":{"text":{}}}');
}

describe('a folder that is being filled', () => {
  it('says so when the disk is full in the middle of it, or the share of it that is this user’s, and leaves nothing', async () => {
    const temporary = new TemporaryFolder();
    for (const code of ['ENOSPC', 'EDQUOT']) {
      const filled = writeFolder(temporary.join('model'), 'contents', [], (folder) => {
        writeFileSync(join(folder, 'half'), 'a file');
        return Promise.reject(Object.assign(new Error('no space left on device'), { code }));
      });
      await assert.rejects(filled, { name: 'EngineError', code: 'disk-full' });
      assert.deepEqual(readdirSync(temporary.path), []);
    }
    temporary.remove();
  });

  it('says so when nothing may be written there, which is not said of what is read', async () => {
    const temporary = new TemporaryFolder();
    const refusing = (path: string, error: object = { code: 'EACCES' }) =>
      writeFolder(temporary.join('model'), 'contents', [], () =>
        Promise.reject(Object.assign(new Error('permission denied'), { ...error, path })),
      );
    await assert.rejects(refusing(temporary.join('.model.building-x', 'model.onnx')), { code: 'not-writable' });
    await assert.rejects(refusing(temporary.path), { code: 'not-writable' });
    await assert.rejects(refusing(temporary.join('checkpoint', 'model.bin')), { code: 'EACCES' });
    // What Node.js says of a folder that is to be made where a whole disk is read-only.
    const readOnly = { code: 'ENOENT', syscall: 'mkdir' };
    await assert.rejects(refusing(temporary.path, readOnly), { code: 'not-writable' });
    await assert.rejects(refusing(temporary.path, { code: 'ENOENT', syscall: 'open' }), { code: 'ENOENT' });
    // FAT32, and a limit that a user has; the system says no path where a file is open.
    const tooLarge = Object.assign(new Error('file too large, write'), { code: 'EFBIG' });
    await assert.rejects(
      writeFolder(temporary.join('model'), '', [], () => Promise.reject(tooLarge)),
      { code: 'not-writable', message: /takes no file of that size; FAT32/ },
    );
    for (const name of ['长'.repeat(80), 'a'.repeat(300)])
      await assert.rejects(
        writeFolder(temporary.join(name), '', [], () => Promise.resolve()),
        { code: 'not-writable', message: /the name is too long; choose one of at most 60 characters/ },
      );
    await writeFolder(temporary.join('字'.repeat(60)), '', [], () => Promise.resolve());
    temporary.remove();
  });

  it('behind a link is the folder that the link leads to, as on a larger disk', async function () {
    if (process.platform === 'win32') skip(this, 'only administrators make links there');
    const temporary = new TemporaryFolder();
    const fill = (text: string) => (folder: string) => {
      fillWith(folder, text);
      return Promise.resolve();
    };
    const real = temporary.join('disk', 'model');
    await writeFolder(real, 'one', [], fill('one'));
    symlinkSync(real, temporary.join('link'));
    await writeFolder(temporary.join('link'), 'two', [], fill('two'));
    assert.equal(readFileSync(join(real, 'text'), 'utf8'), 'two');
    assert.ok(lstatSync(temporary.join('link')).isSymbolicLink());
    assert.deepEqual(readdirSync(temporary.join('disk')), ['model']);
    temporary.remove();
  });
});

describe('a build that was killed while it changed names', () => {
  let temporary: TemporaryFolder;
  beforeEach(() => {
    temporary = new TemporaryFolder();
  });
  afterEach(() => temporary.remove());

  /** @returns the hidden folder in which it was filled */
  async function build(text: string): Promise<string> {
    let hidden = '';
    await writeFolder(temporary.join('model'), 'contents', [], (folder) => {
      hidden = folder;
      fillWith(folder, text);
      return Promise.resolve();
    });
    return hidden;
  }

  it('with no model in its place yet, has lost nothing that a person had added', async () => {
    const hidden = await build('one');
    writeFileSync(temporary.join('model', 'card.md'), 'mine');
    renameSync(temporary.join('model'), `${hidden}.replaced`);
    await build('two');
    assert.deepEqual(readdirSync(temporary.path), ['model']);
    assert.deepEqual(readdirSync(temporary.join('model')).sort(), ['card.md', 'moxu.json', 'text']);
    assert.equal(readFileSync(temporary.join('model', 'text'), 'utf8'), 'two');
  });

  it('with the earlier model not removed yet, is not in the way of the next', async () => {
    const hidden = await build('one');
    mkdirSync(`${hidden}.replaced`);
    fillWith(`${hidden}.replaced`, 'before');
    await build('two');
    assert.deepEqual(readdirSync(temporary.path), ['model']);
    assert.equal(readFileSync(temporary.join('model', 'text'), 'utf8'), 'two');
  });
});

describe('the time that is left', () => {
  it('follows from the pace, without what was there already', () => {
    const seen: (number | null)[] = [];
    let now = 0;
    const progress = new ByteProgress(
      1000,
      ({ msLeft }) => seen.push(msLeft),
      () => now,
    );
    progress.skip(500);
    now = 500;
    progress.advance(50);
    now = 2000;
    progress.advance(150);
    now = 5000;
    progress.advance(300);
    assert.deepEqual(seen, [null, null, 3000, 0]);
  });
});
