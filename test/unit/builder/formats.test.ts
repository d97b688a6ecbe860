/** Every format that PyTorch and transformers write, built and run, against what transformers says of the same weights. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel } from '../../../src/builder/buildModel';
import { openCheckpoint } from '../../../src/builder/openCheckpoint';
import { oneThread } from '../../../src/engine/calibrate';
import { Session } from '../../../src/engine/session';
import { generate } from '../../../src/generation/generate';
import { manifestFile, parseManifest, type Quantization } from '../../../src/manifest';
import { resolveOptions } from '../../../src/options';
import { PieceTokenizer } from '../generation/pieceTokenizer';
import { GraphSession } from './graphSession';
import { TemporaryFolder, tokenizerBytes } from './tinyCheckpoint';

const fixtures = join('test', 'fixtures', 'checkpoints');
const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as {
  tokens: number[];
  logits: number[][];
  greedy: { after: number[]; ids: number[] };
};

const formats = {
  bin: { format: 'pytorch', files: 1 },
  'bin-legacy': { format: 'pytorch', files: 1 },
  'bin-sharded': { format: 'pytorch', files: 2 },
  'safetensors-sharded': { format: 'safetensors', files: 2 },
  'megatron-2': { format: 'megatron', files: 2 },
  'megatron-4-legacy': { format: 'megatron', files: 4 },
};

describe('checkpoint formats', () => {
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  async function folderOf(name: string, quantization: Quantization): Promise<string> {
    const from = temporary.join(`${name}-${quantization}-from`);
    cpSync(join(fixtures, name), from, { recursive: true });
    writeFileSync(join(from, 'tokenizer.model'), tokenizerBytes());
    const to = temporary.join(`${name}-${quantization}`);
    await buildModel({ from, to, quantization });
    return to;
  }

  const built = async (name: string, quantization: Quantization): Promise<GraphSession> =>
    GraphSession.open(await folderOf(name, quantization));

  function argmax(row: Float32Array): number {
    return row.indexOf(row.reduce((max, value) => Math.max(max, value), -Infinity));
  }

  for (const [name, { format, files }] of Object.entries(formats)) {
    it(`${name} is recognised, with the sizes of the model`, () => {
      const checkpoint = openCheckpoint(join(fixtures, name));
      const { vocabSize, numPositions, hiddenSize, innerSize, numLayers, numHeads } = checkpoint.config;
      assert.deepEqual([vocabSize, numPositions, hiddenSize, innerSize, numLayers, numHeads], [32, 208, 8, 32, 2, 4]);
      assert.equal(checkpoint.format, format);
      assert.equal(checkpoint.files.length, files);
      checkpoint.close();
    });

    it(`${name} gives the logits of transformers and its 200 most probable tokens`, async () => {
      const session = await built(name, 'none');
      const logits = await session.forward([expected.tokens]);
      const largest = expected.logits.flat().reduce((max, value, i) => {
        const difference = Math.abs(value - (logits[i] as number));
        assert.ok(Number.isFinite(difference));
        return Math.max(max, difference);
      }, 0);
      assert.ok(largest <= 1e-4, `logits differ by ${largest}`);

      session.clear();
      const { after: prompt, ids } = expected.greedy;
      const written = [argmax(await session.forward([prompt], [prompt.length - 1]))];
      while (written.length < ids.length) written.push(argmax(await session.forward([[written.at(-1) as number]])));
      assert.deepEqual(written, ids);
    });
  }

  it('the loop that writers use gives the 200 most probable tokens too, at temperature 0', async () => {
    const folder = await folderOf('bin-legacy', 'none');
    const manifest = parseManifest(readFileSync(join(folder, manifestFile), 'utf8'));
    const network = await Session.load(join(folder, 'model.onnx'), manifest, oneThread);
    // A character for each id, so that the text tells them; transformers banned none and stopped at none.
    const pieces = Array.from({ length: manifest.vocabSize }, (_, id) => String.fromCodePoint(0x4e00 + id));
    const model = {
      ...{ network, tokenizer: new PieceTokenizer(pieces), healer: null, lineStart: null, learnt: null, table: null },
      manifest: {
        ...manifest,
        promptLayout: 'text' as const,
        specialTokens: { unknown: null, start: null, separator: null, endOfText: [], banned: [] },
      },
    };
    const { after: textIds, ids } = expected.greedy;
    const options = resolveOptions({ temperature: 0, maxNewTokens: ids.length });
    const prompt = { titleIds: [], textIds, fromStart: true };
    let text = '';
    for await (const delta of generate(model, prompt, options, new AbortController().signal)) text += delta.text;
    assert.equal(text, ids.map((id) => pieces[id]).join(''));
    await network.release();
  });

  // How near int8 and int4 come says little at 8 values a row; see logits.test.ts, int4.test.ts and RESULTS.md.
  for (const quantization of ['int8', 'int4'] as const)
    it(`${quantization} is the same whatever the format was`, async () => {
      const logits = async (name: string): Promise<Float32Array> =>
        (await built(name, quantization)).forward([expected.tokens]);
      assert.deepEqual(await logits('megatron-2'), await logits('bin'));
    });
});
