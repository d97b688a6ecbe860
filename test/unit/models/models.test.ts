/** Models in their folders: converted in the thread, listed, verified, renamed, removed, and taken to another machine. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { copyModel } from '../../../src/builder/copyModel';
import type { ConversionProgress } from '../../../src/conversion';
import { ConversionThread } from '../../../src/editor/models/conversionThread';
import { inOurTerms, ModelLibrary } from '../../../src/editor/models/modelLibrary';
import { identityIn } from '../../../src/engine/identity';
import { openModel } from '../../../src/engine/modelFolder';
import { EngineError } from '../../../src/errors';
import { parseManifest } from '../../../src/manifest';
import { skip } from '../../host/skip';
import { largeCheckpoint } from '../../model/builderLargeCheckpoint';
import { randomTensors, TemporaryFolder, tiny } from '../builder/tinyCheckpoint';

describe('models', function () {
  this.timeout(60_000);
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  const thread = new ConversionThread(resolve('dist', 'convert.js'));
  const watched = () => {
    const abort = new AbortController();
    const seen: ConversionProgress[] = [];
    return { seen, abort, watch: { signal: abort.signal, onProgress: (now: ConversionProgress) => seen.push(now) } };
  };
  let from: string;
  let library: ModelLibrary;
  let dir: string;

  before(async () => {
    from = temporary.checkpoint('checkpoint');
    library = new ModelLibrary(join('models', 'builtin'), temporary.join('storage', 'models'));
    dir = library.freeFolder('我的 模型/一');
    const { watch, seen } = watched();
    assert.ok(await thread.convert({ from, to: dir, quantization: 'int8', name: '我的模型' }, watch));
    assert.equal(seen.at(-1)?.writtenBytes, seen.at(-1)?.totalBytes);
  });

  it('are recognised in a thread of their own, and errors come back as what they are', async () => {
    const { settings, bytes } = await thread.recognise({ from });
    assert.equal(settings.family, 'gpt2-sentencepiece');
    assert.ok(bytes.int4 < bytes.int8 && bytes.int8 < bytes.none);
    mkdirSync(temporary.join('nothing'));
    await assert.rejects(
      thread.recognise({ from: temporary.join('nothing') }),
      (error) => error instanceof EngineError && error.code === 'checkpoint-invalid',
    );
    // And what was refused by its name, for the person who chose it.
    const tensors = randomTensors(tiny);
    tensors.delete('h.1.ln_1.weight');
    await assert.rejects(thread.recognise({ from: temporary.checkpoint('lacking', tensors) }), {
      code: 'checkpoint-invalid',
      subject: 'h.1.ln_1.weight',
      fault: 'mixed',
    });
  });

  it('can be given up while they are converted, and then leave nothing', async () => {
    const { watch, abort, seen } = watched();
    const to = temporary.join('given-up');
    const converted = thread.convert(
      { from: largeCheckpoint(temporary), to, quantization: 'none' },
      {
        ...watch,
        onProgress: (now) => {
          seen.push(now);
          abort.abort();
        },
      },
    );
    assert.equal(await converted, false);
    assert.ok(seen.length > 0 && !existsSync(to));
    assert.deepEqual(
      readdirSync(temporary.path).filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('are listed with what is known of them; what cannot be read is listed too', async () => {
    mkdirSync(join(library.folder, 'broken'));
    writeFileSync(join(library.folder, 'broken', 'moxu.json'), '{');
    const models = await library.list(temporary.join('elsewhere'));
    assert.deepEqual(
      models.map(({ origin, manifest }) => [origin, manifest instanceof EngineError ? manifest.code : manifest.name]),
      [
        ['builtin', '试用模型'],
        ['imported', 'model-damaged'],
        ['imported', '我的模型'],
        ['elsewhere', 'model-missing'],
      ],
    );
    assert.equal((await library.list(dir)).length, 3);
    assert.notEqual(library.freeFolder('我的 模型/一'), dir);
  });

  it('are verified to the last byte', async () => {
    const copy = temporary.join('changed');
    cpSync(dir, copy, { recursive: true });
    assert.deepEqual(await thread.verify(copy, watched().watch), []);
    const data = readFileSync(join(copy, 'model.onnx.data'));
    data.writeUInt8(data.readUInt8(data.length - 1) ^ 1, data.length - 1);
    writeFileSync(join(copy, 'model.onnx.data'), data);
    renameSync(join(copy, 'tokenizer.model'), join(copy, 'gone'));
    assert.deepEqual(await thread.verify(copy, watched().watch), ['model.onnx.data', 'tokenizer.model']);
    await assert.rejects(
      thread.copy(copy, temporary.join('copied'), watched().watch),
      (error) => error instanceof EngineError && error.code === 'model-damaged',
    );
    assert.ok(!existsSync(temporary.join('copied')));
  });

  it('are not copied where there is no room, which is known before anything is written', async () => {
    const to = temporary.join('no-room');
    let copied = 0;
    const options = { freeBytes: () => 30e6, onProgress: () => copied++ };
    await assert.rejects(copyModel(dir, to, options), { code: 'disk-full' });
    assert.deepEqual([copied, existsSync(to)], [0, false]);
    await copyModel(dir, to, { ...options, freeBytes: () => 1e9 });
    assert.ok(copied > 0 && existsSync(to));
  });

  it('that were begun a day ago and never finished are swept away, those of today are not', async () => {
    const [old, recent, other] = ['.模型.building-', '.另一个.building-', '.other.building-note'].map((name, i) =>
      join(library.folder, i < 2 ? name + `${i}`.repeat(36) : name),
    ) as [string, string, string];
    for (const folder of [old, recent, other]) mkdirSync(folder);
    writeFileSync(join(old, 'model.onnx.data'), 'half');
    const dayAgo = new Date(Date.now() - 25 * 3600 * 1000);
    for (const folder of [old, other]) utimesSync(folder, dayAgo, dayAgo);
    await library.sweep();
    assert.deepEqual([old, recent, other].map((folder) => existsSync(folder)), [false, true, true]);
    for (const folder of [recent, other]) rmSync(folder, { recursive: true });
    await new ModelLibrary('unused', temporary.join('never made')).sweep();
  });

  it('go to another machine by copying the folder, and load there', async () => {
    const there = temporary.join('another', 'machine');
    mkdirSync(temporary.join('another'));
    cpSync(dir, temporary.join('usb'), { recursive: true });
    renameSync(dir, temporary.join('away')); // nothing may point to where it was
    try {
      assert.ok(!readFileSync(temporary.join('usb', 'moxu.json'), 'utf8').includes(temporary.path));
      assert.ok(await thread.copy(temporary.join('usb'), there, watched().watch));
      assert.deepEqual(readdirSync(there).sort(), readdirSync(temporary.join('away')).sort());
      const model = await openModel(there, 'unused');
      assert.match(model.tokenizer.decode(model.tokenizer.encode('春眠')), /春眠$/);
      await model.network.release();
    } finally {
      renameSync(temporary.join('away'), dir);
    }
  });

  it('are copied with the notes beside them, and with nothing else that lies there', async () => {
    const noted = temporary.join('noted');
    cpSync(dir, noted, { recursive: true });
    const notes = ['LICENSE', 'NOTICE', 'README.md', '许可说明.txt'];
    for (const name of notes) writeFileSync(join(noted, name), `of ${name}`);
    writeFileSync(join(noted, 'moxu.txt'), Buffer.alloc((1 << 20) + 1));
    for (const name of ['.hidden.md', 'pytorch_model.bin', 'run.sh']) writeFileSync(join(noted, name), name);
    mkdirSync(join(noted, 'docs.md'));
    if (process.platform !== 'win32') symlinkSync(join(from, 'config.json'), join(noted, 'README.txt'));
    const to = temporary.join('noted-copy');
    await copyModel(noted, to);
    assert.deepEqual(readdirSync(to).sort(), [...readdirSync(dir), ...notes].sort());
    assert.equal(readFileSync(join(to, 'LICENSE'), 'utf8'), 'of LICENSE');
  });

  it('of which a file is a pipe are damaged: nobody waits for what never comes', async function () {
    if (process.platform === 'win32') skip(this, 'Windows has no such files');
    const piped = temporary.join('piped');
    cpSync(dir, piped, { recursive: true });
    const pipe = join(piped, 'tokenizer.model');
    rmSync(pipe);
    execFileSync('mkfifo', [pipe]);
    await assert.rejects(copyModel(piped, temporary.join('piped-copy')), { code: 'model-damaged' });
    assert.deepEqual(await thread.verify(piped, watched().watch), ['tokenizer.model']);
  });

  it('have folders whose names every system takes, however long theirs are', () => {
    const folderOf = (name: string) => basename(library.freeFolder(name));
    assert.equal(folderOf(`${'a'.repeat(59)}.b`), 'a'.repeat(59));
    assert.equal(folderOf(`${'字'.repeat(59)}𠮷`), '字'.repeat(59));
    assert.equal(folderOf('😀'), 'model');
  });

  it('whose folder allows nothing, or is on a full disk: the error is one that tells what to do', () => {
    const codeOf = (code: string) => inOurTerms(Object.assign(new Error('refused'), { code }), dir);
    for (const code of ['EACCES', 'EPERM', 'EROFS', 'EBUSY']) assert.equal(codeOf(code).code, 'not-writable');
    assert.match(codeOf('EROFS').subject ?? '', /我的-模型-一$/);
    assert.deepEqual([codeOf('ENOSPC').code, codeOf('EIO').code], ['disk-full', 'internal']);
  });

  it('are renamed where their name is, and removed whole', async () => {
    const identity = await identityIn(dir);
    assert.ok(identity);
    await library.rename(dir, '新名');
    assert.equal(parseManifest(readFileSync(join(dir, 'moxu.json'), 'utf8')).name, '新名');
    assert.equal(await identityIn(dir), identity);
    // Of one whose files were in use when it was removed.
    mkdirSync(join(library.folder, '.removed-before'));
    await library.remove(dir);
    assert.ok(!existsSync(dir));
    assert.deepEqual(readdirSync(library.folder), ['broken']);
    assert.equal(await identityIn(dir), null);
    // What another window has removed is gone, as was wanted, and has no name.
    await library.remove(dir);
    await assert.rejects(library.rename(dir, '别名'), { code: 'model-missing' });

    // What comes to lie in the same folder is another model, unless it is the same.
    const other = temporary.checkpoint('other', randomTensors(tiny, 7));
    for (const [checkpoint, isSame] of [
      [other, false],
      [from, true],
    ] as const) {
      assert.equal(library.freeFolder('我的 模型/一'), dir);
      assert.ok(await thread.convert({ from: checkpoint, to: dir, quantization: 'int8' }, watched().watch));
      assert.equal((await identityIn(dir)) === identity, isSame);
      await library.remove(dir);
    }
  });
});
