/** `npm run verify:model`: a model folder against what Python's transformers says of the checkpoint it was built from. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openModel } from '../engine/modelFolder';
import type { Manifest } from '../manifest';
import { correlation, isSameModel } from './sameModel';
import { compareWeights, type StoredWeights } from './storedWeights';

const usage = `Usage: npm run verify:model -- --from DIR --model DIR [--python PROGRAM]

  --from    the checkpoint: a Hugging Face GPT-2 folder, or Megatron's mp_rank_NN_model_states.pt
  --model   the model folder built from it
  --python  Python with torch (for Megatron 2.6 or newer), transformers and numpy (python3)
`;

const root = join(__dirname, '..', '..');
const promptLength = 32;
const greedyLength = 200;

interface Reference {
  /** float32 [promptLength, vocabSize] in base64 */
  logits: string;
  greedy: number[];
  lead: number;
  versions: string;
}

/** Exit status of reference.py. */
const checkpointUnreadable = 3;

class Unusable extends Error {}

function reference(python: string, from: string, ids: readonly number[], greedy: number): Reference {
  const { error, status, stdout, stderr } = spawnSync(python, [join(root, 'src', 'cli', 'reference.py'), from], {
    input: JSON.stringify({ ids, greedy }),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (error) throw new Unusable(`${python} cannot be run: install Python 3, or name it with --python`);
  if (/ModuleNotFoundError/.test(stderr))
    throw new Unusable(`${python} lacks a package: ${python} -m pip install torch transformers numpy`);
  if (status === checkpointUnreadable)
    throw new Unusable(`transformers could not read ${from}:\n${stderr.slice(-2000)}`);
  if (status !== 0) throw new Unusable(`${python} failed, whatever the checkpoint is like:\n${stderr.slice(-2000)}`);
  return JSON.parse(stdout) as Reference;
}

/** Ids from all over the vocabulary, the same at each run. */
function promptIds({ vocabSize, contextLength }: Manifest): number[] {
  return Array.from({ length: Math.min(promptLength, contextLength - 1) }, (_, i) => (i * 7919 + 11) % vocabSize);
}

function argmax(row: Float32Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if ((row[i] as number) > (row[best] as number)) best = i;
  return best;
}

function weightsInWords({ numTensors, wrong }: StoredWeights): string {
  if (wrong.length === 0) return `all ${numTensors} tensors are the checkpoint’s, but for their rounding`;
  const more = wrong.length > 3 ? `, and ${wrong.length - 3} more` : '';
  return `${wrong.length} of ${numTensors} tensors are not the checkpoint’s: ${wrong.slice(0, 3).join(', ')}${more}`;
}

async function compare(from: string, model: string, python: string): Promise<boolean> {
  const { manifest, network } = await openModel(model, join(root, 'dist', 'dictionary.bin.br'));
  try {
    const ids = promptIds(manifest);
    const count = Math.min(greedyLength, manifest.contextLength - ids.length);
    const expected = reference(python, from, ids, count);
    const bytes = Uint8Array.from(Buffer.from(expected.logits, 'base64'));
    const logits = new Float32Array(bytes.buffer);
    let largest = 0;
    let same = 0;
    let correlations = 0;
    let position = 0;
    for await (const row of network.logitsFrom(ids, 0)) {
      const other = logits.subarray(position * manifest.vocabSize, (position + 1) * manifest.vocabSize);
      row.forEach((value, i) => (largest = Math.max(largest, Math.abs(value - (other[i] ?? NaN)))));
      correlations += correlation(row, other);
      if (argmax(row) === argmax(other)) same++;
      position++;
    }
    const written = [...ids];
    const never = new AbortController().signal;
    while (written.length < ids.length + count)
      written.push(argmax((await network.logitsAfter(written, never)) ?? new Float32Array(1)));
    const differs = expected.greedy.findIndex((id, i) => id !== written[ids.length + i]);
    const weights = compareWeights(from, model);
    const alike = differs < 0 ? `all ${count} tokens` : `the first ${differs} of ${count} tokens`;
    process.stdout.write(
      `${expected.versions}; quantisation ${manifest.quantization}\n` +
        `weights: ${weightsInWords(weights)}\n` +
        `logits: correlation ${(correlations / position).toFixed(4)}, largest difference ${largest.toExponential(2)}\n` +
        `most probable token: the same at ${same} of ${position} positions\n` +
        `greedy text: the same for ${alike} (smallest lead of a token over the next ${expected.lead.toExponential(2)})\n`,
    );
    const { quantization } = manifest;
    return isSameModel({
      ...{ quantization, largest, correlation: correlations / position, wrongTensors: weights.wrong },
      ...{ isSameText: differs < 0, lead: expected.lead },
    });
  } finally {
    await network.release();
  }
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const options = { from: text, model: text, python: text, help: { type: 'boolean', short: 'h' } } as const;
  const { from, model, python = 'python3', help } = parseArgs({ options }).values;
  if (help) {
    process.stderr.write(usage);
    return;
  }
  if (from === undefined || model === undefined) throw new Unusable(usage);
  if (!(await compare(from, model, python))) throw new Unusable('The model is not the checkpoint: build it again.');
}

main().catch((error: unknown) => {
  process.exitCode = 1;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
});
