/**
 * What the recipe makes of a network, with PyTorch: grow.py, dropout, and the size that train.py goes on with. In the Python
 * of `.venv` (models/recipe/README.md), else `python3`, or in that of MOXU_PYTHON.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { skip } from '../../host/skip';
import { TemporaryFolder } from '../builder/tinyCheckpoint';

const own = join('.venv', 'bin', 'python');
const python = process.env['MOXU_PYTHON'] ?? (existsSync(own) ? own : 'python3');

/** In front of each: a network of random weights in A, and what a command says that ends in an error. */
const common = `
import contextlib, io, json, os, sys
import torch
import model as M
torch.manual_seed(1)
net = M.GPT2(32, 16, 128, 2, 4)  # heads of 32: what trains has 64, where nothing else is said
for p in net.parameters():
    torch.nn.init.normal_(p, 0, 0.2)
M.save_hf(net.state_dict(), net.shape, "A", 16)
def said(main, *flags):
    sys.argv, out = ["", *flags], io.StringIO()
    with contextlib.redirect_stderr(out), contextlib.redirect_stdout(io.StringIO()):
        try:
            main()
            return ""
        except SystemExit:
            return out.getvalue().strip().split("error: ")[-1]
def logits(folder):
    with torch.no_grad():
        return M.load_hf(folder)[0].eval()(torch.arange(32).view(2, 16))
`;

describe('networks of the recipe', function () {
  this.timeout(240_000);
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  before(function () {
    if (process.platform === 'win32') skip(this, 'the recipe is run on Linux and macOS');
    if (spawnSync(python, ['-c', 'import torch, numpy, sentencepiece']).status !== 0)
      skip(this, `no PyTorch, NumPy and SentencePiece in ${python}`);
  });

  let count = 0;
  /** @returns what the program prints as JSON */
  function result(program: string, prepare: (folder: string) => void = () => undefined): unknown {
    const folder = temporary.join(`network-${count++}`);
    mkdirSync(folder);
    prepare(folder);
    // Without a compiler's help, which takes longer than these few steps.
    const env = { PYTHONPATH: resolve('models', 'recipe'), PYTHONDONTWRITEBYTECODE: '1', TORCHDYNAMO_DISABLE: '1' };
    const { stdout, stderr, status } = spawnSync(resolvedPython(), ['-c', common + program], {
      ...{ cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } },
    });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  }

  const resolvedPython = () => (python.includes('/') ? resolve(python) : python);

  it('grow.py: a deeper one computes exactly what the given one does, and can learn something else', () => {
    const program = `
import grow
open("A/tokenizer.model", "w").write("tokenizer"), open("A/state.json", "w").write('{"step": 7}')
said(grow.main, "--from", "A", "--layers", "3", "--to", "B"), said(grow.main, "--from", "A", "--layers", "4", "--to", "C")
grown, config = M.load_hf("C")
grown(torch.arange(32).view(2, 16)).square().mean().backward()
print(json.dumps({
    "same": [torch.equal(logits("A"), logits(deeper)) for deeper in ("B", "C")],
    "layers": [json.load(open(f"{f}/config.json"))["n_layer"] for f in ("A", "B", "C")],
    "trained": config["trained_context"], "files": sorted(os.listdir("B")),
    "places": [grow.places(2, 3), grow.places(6, 9)],
    "learns": [bool(block.m_proj.weight.grad.abs().sum() > 0) for block in grown.h],
    "wrong": [said(grow.main, "--from", "A", "--layers", n, "--to", "D") for n in ("2", "5")]
        + [said(grow.main, "--from", "A", "--layers", "3", "--to", "./A"), said(grow.main, "--from", "X", "--layers", "3", "--to", "D")],
    "made": os.path.exists("D")}))`;
    const places = (text: string) => text.split(' ').map((one) => [Number(one[0]), one.endsWith('+')]);
    assert.deepEqual(result(program), {
      same: [true, true],
      layers: [2, 3, 4],
      trained: 16,
      files: ['config.json', 'model.safetensors', 'state.json', 'tokenizer.model'],
      places: [places('0 1 1+'), places('0 1 1+ 2 3 3+ 4 5 5+')],
      learns: [true, true, true, true],
      wrong: [
        '--layers: 2 is not between 3 and 4',
        '--layers: 5 is not between 3 and 4',
        '--to is the folder of the given model: name another one',
        '--from: there is no X/config.json',
      ],
      made: false,
    });
  });

  it('dropout: while it trains some of what a block adds is nothing and the rest more, and otherwise all is as it was', () => {
    const program = `
ids = torch.arange(32).view(2, 16)
with torch.no_grad():
    plain = net.train()(ids)
    for block in net.h:
        block.dropout = 0.25
    dropped, rest = net(ids), net.eval()(ids)
    ones = M.drop(torch.ones(400, 1000), 0.25)
print(json.dumps({"changes": not torch.equal(plain, dropped), "rest": torch.equal(plain, rest),
    "values": sorted(round(v, 4) for v in ones.unique().tolist()), "mean": round(float(ones.mean()), 1)}))`;
    assert.deepEqual(result(program), { changes: true, rest: true, values: [0, 1.3333], mean: 1 });
  });

  it('train.py goes on with the size of what is given, and says where that cannot be', () => {
    const program = `
import numpy as np, train
tokens = np.arange(4000, dtype=np.uint16) % 26 + 6
tokens.tofile("data/train.bin"), tokens[:5].tofile("data/titles.bin")
np.save("data/docs.npy", np.array([(0, 4000, 0, 5, 0, True)], np.int64))
json.dump({"vocab_size": 32, "groups": [["source", "genre"]]}, open("data/meta.json", "w"))
def trained(out, origin, *more):
    begins = ["--from", origin] if origin else []
    return said(train.main, "--data", "data", "--out", out, *begins, "--train_ctx", "16", "--tokens", "64", "--threads", "1", *more)
def shape(out):
    kept = torch.load(f"{out}/checkpoint.pt", weights_only=False)
    return [kept["shape"], kept["flags"]["layers"], kept["state"]["step"]]
wrong = [trained("one", "A", "--steps", "2", "--layers", "6", "--ctx", "512"),
         trained("two", "one/checkpoint.pt", "--steps", "4", "--dropout", "0.2", "--d", "320")]
shapes = [shape("one"), shape("two")]
wrong.append(trained("three", "A", "--steps", "2", "--train_ctx", "32"))
json.dump({"vocab_size": 40, "groups": [["source", "genre"]]}, open("data/meta.json", "w"))
wrong.append(trained("three", "A", "--steps", "2"))
wrong += [trained("three", None, "--steps", "2", "--d", d) for d in ("32", "200", "-64")]
print(json.dumps({"wrong": wrong, "shapes": shapes}))`;
    const size = { vocab: 32, ctx: 16, d: 128, layers: 2, heads: 4 };
    const withData = (folder: string) => {
      mkdirSync(join(folder, 'data'));
      cpSync(join('models', 'builtin', 'tokenizer.model'), join(folder, 'data', 'tokenizer.model'));
      writeFileSync(join(folder, 'data', 'meta.json'), '{}');
    };
    assert.deepEqual(result(program, withData), {
      wrong: [
        '',
        '',
        '--train_ctx 32 is more than the 16 positions of the network',
        'A has a vocabulary of 32, data one of 40',
        ...[32, 200, -64].map((d) => `--d ${d} is no multiple of 64, the width of a head`),
      ],
      shapes: [
        [size, 2, 2],
        [size, 2, 4],
      ],
    });
  });
});
