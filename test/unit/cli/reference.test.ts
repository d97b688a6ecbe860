/**
 * src/cli/reference.py in Pythons with older packages, which cannot be installed beside each other: stand-ins say their
 * versions and what they are asked. With the real ones it is run by test/fixtures/checkpoints/make.py.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { skip } from '../../host/skip';
import { TemporaryFolder } from '../builder/tinyCheckpoint';

const oldPackages: Record<string, string> = {
  torch: `
__version__ = "2.4.1+cpu"
float32 = "float32"
def no_grad():
    return lambda function: function
`,
  transformers: `
import sys
__version__ = "4.40.2"
GPT2Config = GPT2LMHeadModel = None
class AutoModelForCausalLM:
    @staticmethod
    def from_pretrained(folder, **options):
        sys.exit(f"asked with {sorted(options)}")
`,
  // NumPy 1: no numpy._core
  numpy: 'ndarray = uint32 = object\ndtype = type\n',
  'numpy/core': '',
  'numpy/core/multiarray': '_reconstruct = None\n',
};

describe('reference.py with older packages', function () {
  this.timeout(60_000);
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  before(function () {
    if (spawnSync('python3', ['--version']).status !== 0) skip(this, 'no python3 on this machine');
    for (const [name, text] of Object.entries(oldPackages)) {
      mkdirSync(temporary.join('packages', name), { recursive: true });
      writeFileSync(temporary.join('packages', name, '__init__.py'), text);
    }
  });

  function python(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    const PYTHONPATH = [temporary.join('packages'), resolve('src', 'cli')].join(delimiter);
    const env = { ...process.env, PYTHONPATH, PYTHONDONTWRITEBYTECODE: '1' };
    return spawnSync('python3', args, { env, input: '{"ids": [1], "greedy": 1}', encoding: 'utf8' });
  }
  const reference = (folder: string) => python(join('src', 'cli', 'reference.py'), folder);
  const fixture = (name: string) => join('test', 'fixtures', 'checkpoints', name);

  it('asks transformers in the words of its version', () => {
    const { status, stderr } = reference(fixture('bin'));
    assert.deepEqual([status, stderr.trim()], [1, "asked with ['output_loading_info', 'torch_dtype']"]);
  });

  it('blames the packages, not the checkpoint, where they cannot read it', () => {
    const { status, stderr } = reference(fixture('megatron-2'));
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^Megatron's files are read with torch 2\.6 or newer, this Python has 2\.4\.1\+cpu: .* --upgrade/,
    );
  });

  it('takes the ranks of one step only', () => {
    const from = temporary.join('steps');
    cpSync(fixture('megatron-2'), from, { recursive: true });
    cpSync(join(from, '80000'), join(from, '70000'), { recursive: true });
    const { stdout, stderr } = python(
      '-c',
      `
import sys
from pathlib import Path
from reference import rank_files
print(*[f"{file.parent.name}/{file.name}" for file in rank_files(Path(sys.argv[1]))], sep="\\n")`,
      from,
    );
    const files = ['80000/mp_rank_00_model_states.pt', '80000/mp_rank_01_model_states.pt'];
    assert.deepEqual(stdout.trim().split(/\r?\n/), files, stderr);
  });
});
