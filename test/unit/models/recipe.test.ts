/** The handles of a long training, with stand-ins for what trains: they write down what they are asked. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { skip } from '../../host/skip';
import { TemporaryFolder } from '../builder/tinyCheckpoint';

const standIn = `
import json, os, signal, sys, time
over = []
signal.signal(signal.SIGTERM, lambda *_: over.append(1))
with open(os.path.join(os.path.dirname(__file__), "asked"), "a") as f:
    f.write(json.dumps([os.path.basename(__file__), *sys.argv[1:]]) + "\\n")
if "--in-background" in sys.argv:
    while not over:
        time.sleep(0.05)
if "--stopped" in sys.argv:
    sys.exit(143)
`;

/** Of torch, as much as evaluate.py names while it is read. */
const torch: Record<string, string> = {
  torch: 'float32 = "float32"\ndef no_grad():\n    return lambda function: function\n',
  'torch/nn': '',
  'torch/nn/functional': '',
};

describe('run.py of the recipe', function () {
  this.timeout(120_000);
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  before(function () {
    if (process.platform === 'win32') skip(this, 'the recipe is run on Linux and macOS');
    if (spawnSync('python3', ['--version']).status !== 0) skip(this, 'no python3 on this machine');
  });

  let count = 0;
  /** A recipe whose corpus is tokenized already, and whose last step is done. */
  function recipe() {
    const folder = temporary.join(`recipe-${count++}`);
    const work = join(folder, 'work');
    for (const name of ['data', 'model']) mkdirSync(join(work, name), { recursive: true });
    writeFileSync(join(work, 'data', 'meta.json'), '{}');
    cpSync(resolve('models', 'recipe', 'run.py'), join(folder, 'run.py'));
    for (const name of ['prepare', 'train', 'export', 'ngrams']) writeFileSync(join(folder, `${name}.py`), standIn);
    const asked = () =>
      existsSync(join(folder, 'asked'))
        ? readFileSync(join(folder, 'asked'), 'utf8')
            .split('\n')
            .filter((line) => line !== '') // all of it, where the file is there and nothing stands in it yet
            .map((line) => JSON.parse(line) as string[])
        : [];
    let last: ChildProcess | undefined;
    /** In a process group of its own: a signal that goes astray is not to end the tests. */
    const run = async (command: string, ...more: string[]) => {
      const args = [join(folder, 'run.py'), command, '--work', work, '--corpus', 'CORPUS', ...more];
      const child = spawn('python3', args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
      let stderr = '';
      child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
      last = child;
      const ended = new Promise<number | null>((done) => child.on('close', done));
      const status = await Promise.race([ended, sleep(60_000, 'stopped' as const, { ref: false })]);
      if (status === 'stopped') child.kill('SIGKILL');
      return { status, stderr };
    };
    return { work, asked, run, lastCommand: () => last as ChildProcess };
  }

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await sleep(50);
  }

  it('pauses nothing where nothing trains, least of all itself', async () => {
    const { run } = recipe();
    for (const command of ['pause', 'continue']) {
      const { status, stderr } = await run(command);
      assert.deepEqual([status, stderr.trim()], [1, 'not running'], command);
    }
    assert.equal((await run('stop')).status, 0);
  });

  it('leaves another program alone that has the process id by now', async () => {
    const { run, work } = recipe();
    const other = spawn('sleep', ['100'], { detached: true, stdio: 'ignore' });
    try {
      writeFileSync(join(work, 'train.pid'), String(other.pid));
      assert.equal((await run('stop')).status, 0);
      assert.equal((await run('pause')).status, 1);
      assert.deepEqual([other.exitCode, other.signalCode], [null, null]);
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('starts with all flags of train.py, and goes on with them after a cooldown', async () => {
    const { run, asked, work } = recipe();
    const flags = ['--steps', '90', '--cooldown', '30', '--train_ctx', '512', '--in-background'];
    assert.equal((await run('start', ...flags)).status, 0);
    await until(() => asked().length === 1);
    writeFileSync(join(work, 'run', 'checkpoint.pt'), '');
    assert.equal((await run('cooldown', '--steps', '7', '--goon')).status, 0);
    await until(() => asked().length === 4);
    const [first, cooled, exported, second] = asked();
    assert.deepEqual(first?.slice(-flags.length), flags);
    assert.ok(cooled?.join(' ').endsWith('--cooldown 7 --train_ctx 512'), cooled?.join(' '));
    assert.equal(exported?.[0], 'export.py');
    assert.deepEqual(second, first);
    assert.equal((await run('stop')).status, 0);
  });

  it('removes the branch before only where there is something to branch off from', async () => {
    const { run, asked, work } = recipe();
    mkdirSync(join(work, 'cool'));
    const { status, stderr } = await run('cooldown');
    assert.equal(status, 1);
    assert.match(stderr, /nothing to branch off from/);
    assert.ok(existsSync(join(work, 'cool')));
    assert.deepEqual(asked(), []);
  });

  it('goes on from the kept weights with their own tokenizer only', async () => {
    const { run, asked, work } = recipe();
    const kept = join(work, '..', 'checkpoint');
    mkdirSync(kept);
    writeFileSync(join(kept, 'model.safetensors'), '');
    writeFileSync(join(kept, 'tokenizer.model'), 'one');
    writeFileSync(join(work, 'data', 'tokenizer.model'), 'two');
    const { status, stderr } = await run('start');
    assert.equal(status, 1);
    assert.match(stderr, /another tokenizer/);
    writeFileSync(join(work, 'data', 'tokenizer.model'), 'one');
    assert.equal((await run('start')).status, 0);
    await until(() => asked().length === 1);
    assert.ok(asked()[0]?.includes('--from'));
  });

  it('fits the table’s weights without the documents that are reported', async () => {
    const { run, asked } = recipe();
    assert.equal((await run('all')).status, 0);
    assert.deepEqual(
      asked().map(([script]) => script),
      ['train.py', 'train.py', 'export.py', 'ngrams.py'],
    );
    assert.match(asked()[1]?.join(' ') ?? '', /--cooldown 7000 /);
    assert.match(asked()[3]?.join(' ') ?? '', /--tune \S*heldout\.jsonl --report \S*heldout-modern\.jsonl/);
  });

  it('trains a tokenizer of the size that is asked for, and none beside one that is there', async () => {
    const { run, asked, work } = recipe();
    const meta = join(work, 'data', 'meta.json');
    rmSync(meta);
    assert.equal((await run('all', '--vocab', '16000', '--lr', '0.01')).status, 0);
    const [prepared, trained] = asked();
    assert.deepEqual(prepared, ['prepare.py', '--corpus', 'CORPUS', '--out', join(work, 'data'), '--vocab', '16000']);
    assert.ok(trained?.includes('--lr') && !trained.includes('--vocab'), trained?.join(' '));
    writeFileSync(meta, '{"vocab_size": 10000}');
    const { status, stderr } = await run('all', '--vocab', '16000');
    assert.equal(status, 1);
    assert.match(stderr, /has a tokenizer of 10000 pieces already: another --work/);
    assert.equal((await run('all', '--vocab', '10000')).status, 0);

    const kept = join(work, '..', 'checkpoint');
    mkdirSync(kept);
    writeFileSync(join(kept, 'tokenizer.model'), '');
    const begun = asked().length;
    const refused = await run('start', '--vocab', '10000');
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /the kept weights have a tokenizer; --fresh leaves them/);
    assert.equal(asked().length, begun);
  });

  it('asks for no cooldown that would never end', async () => {
    const { run, asked } = recipe();
    const { status, stderr } = await run('all', '--cooldown', '0');
    assert.equal(status, 2);
    assert.match(stderr, /--cooldown is at least 1/);
    assert.deepEqual(asked(), []);
  });

  it('does not take a training that was ended early for one that is over', async () => {
    const { run, asked } = recipe();
    assert.equal((await run('all', '--stopped')).status, 1);
    assert.equal(asked().length, 1);
  });

  it('does not train beside what a command that was killed has left behind', async () => {
    const { run, asked, lastCommand } = recipe();
    const killed = run('all', '--in-background');
    await until(() => asked().length === 1);
    const command = lastCommand();
    try {
      command.kill('SIGKILL'); // it alone: what trains is not told
      for (const { status, stderr } of await Promise.all([run('all'), run('start')])) {
        assert.equal(status, 1);
        assert.match(stderr, /left behind, is at work in/);
      }
      assert.equal(asked().length, 1);
    } finally {
      process.kill(-(command.pid as number), 'SIGTERM');
    }
    await killed;
    assert.equal((await run('all')).status, 0);
  });

  it('leaves the processor to others in the background, those of other sessions too', async function () {
    if (!existsSync('/proc/self/autogroup')) skip(this, 'this kernel does not share the processor by session');
    const { run, asked, work } = recipe();
    assert.equal((await run('start', '--in-background')).status, 0);
    await until(() => asked().length === 1);
    const pid = readFileSync(join(work, 'train.pid'), 'utf8');
    const autogroup = readFileSync(`/proc/${pid}/autogroup`, 'utf8');
    assert.equal((await run('stop')).status, 0);
    assert.match(autogroup, / nice 19$/m);
  });

  it('evaluate.py: a title stays before every window, and before the middle of an untitled text nothing does', () => {
    for (const [name, text] of Object.entries(torch)) {
      mkdirSync(temporary.join('packages', name), { recursive: true });
      writeFileSync(temporary.join('packages', name, '__init__.py'), text);
    }
    const program = `
import evaluate, json
print(json.dumps([list(evaluate.slices(head, list(range(10, 20)), 6, [1])) for head in ([9, 4], [4])]))`;
    const PYTHONPATH = [temporary.join('packages'), resolve('models', 'recipe')].join(':');
    const env = { ...process.env, PYTHONPATH, PYTHONDONTWRITEBYTECODE: '1' };
    const { stdout, stderr } = spawnSync('python3', ['-c', program], { env, encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.deepEqual(JSON.parse(stdout), [
      [
        [[9, 4, 1, 10, 11, 12, 13], 2],
        [[9, 4, 11, 12, 13, 14, 15], 4],
        [[9, 4, 13, 14, 15, 16, 17], 4],
        [[9, 4, 15, 16, 17, 18, 19], 4],
      ],
      [
        [[4, 1, 10, 11, 12, 13, 14], 1],
        [[11, 12, 13, 14, 15, 16, 17], 3],
        [[14, 15, 16, 17, 18, 19], 3],
      ],
    ]);
  });
});
