/** A model with CPM's tokenizer, from its checkpoint to a text of the engine's thread, with the dictionary beside it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { buildModel } from '../../src/builder/buildModel';
import { parseManifest } from '../../src/manifest';
import { parseSentencePieceModel } from '../../src/tokenizer/sentencePieceModel';
import { configOf, randomTensors, TemporaryFolder, tiny } from '../unit/builder/tinyCheckpoint';
import { readBytes } from '../unit/tokenizer/fixtures';
import { newEngine, run } from './running';

describe('a CPM model', () => {
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  it('is built, opened in the engine’s thread, and writes', async () => {
    const vocabulary = brotliDecompressSync(readBytes('cpm.model.br'));
    const sizes = { ...tiny, vocabSize: parseSentencePieceModel(vocabulary).pieces.length };
    const from = temporary.checkpoint('checkpoint', randomTensors(sizes), configOf(sizes));
    writeFileSync(join(from, 'tokenizer.model'), vocabulary);
    const to = temporary.join('model');
    await buildModel({ from, to, quantization: 'int8' });
    const { tokenizer } = parseManifest(readFileSync(join(to, 'moxu.json'), 'utf8'));
    assert.match(tokenizer.kind, /^cpm-/);

    const engine = newEngine(to);
    try {
      // It may not end before so many 字.
      const { result, deltas } = await run(engine, { maxNewTokens: 20, seed: 3, minCharacters: 1000 });
      assert.deepEqual([result.numTokens, result.finishReason], [20, 'length']);
      assert.equal(result.text, deltas.join(''));
      assert.notEqual(result.text, '');
      assert.ok(result.numPromptTokens > 1);
      assert.doesNotMatch(result.text, /<(?:unk|eod|sep|pad|mask|cls|s)>|[▁▂▃\ufffd]/);
    } finally {
      await engine.dispose();
    }
  });
});
