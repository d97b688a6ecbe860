/** Models with the tokenizers that neither the built-in model nor CPM has, from the checkpoint's folder to a text. */
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel } from '../../../src/builder/buildModel';
import { openModel } from '../../../src/engine/modelFolder';
import { generate } from '../../../src/generation/generate';
import { encodePrompt } from '../../../src/generation/promptWindow';
import type { GenerateResult } from '../../../src/protocol';
import { resolveOptions } from '../../../src/options';
import { configOf, randomTensors, TemporaryFolder, tiny } from '../builder/tinyCheckpoint';

describe('a model', () => {
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  for (const [folder, files, kind] of [
    ['bert', ['vocab.txt'], 'bert-uncased'],
    ['byteBpe', ['vocab.json', 'merges.txt'], 'byte-bpe'],
  ] as const)
    it(`with the tokenizer ${kind} is built, opened, and writes`, async () => {
      const sizes = { ...tiny, vocabSize: 600 };
      const from = temporary.checkpoint(folder, randomTensors(sizes), configOf(sizes));
      rmSync(join(from, 'tokenizer.model'));
      for (const file of files) cpSync(join('test', 'fixtures', 'tokenizer', folder, file), join(from, file));
      const to = temporary.join(`${folder}-model`);
      await buildModel({ from, to, quantization: 'int8' });

      const model = await openModel(to, 'no dictionary');
      try {
        assert.equal(model.manifest.tokenizer.kind, kind);
        const prompt = encodePrompt({ title: '春天', text: '今天天气', fromStart: true }, model);
        // It may not end before so many 字.
        const options = resolveOptions({ maxNewTokens: 20, seed: 3, minCharacters: 1000 });
        const stream = generate(model, prompt, options, new AbortController().signal);
        let text = '';
        let result: GenerateResult | undefined;
        while (result === undefined) {
          const next = await stream.next();
          if (next.done) result = next.value;
          else text += next.value.text;
        }
        assert.deepEqual([result.numTokens, result.finishReason, result.text], [20, 'length', text]);
        assert.ok(result.numPromptTokens > 1);
        assert.doesNotMatch(text, /\[(?:UNK|CLS|SEP|PAD|MASK)\]|<\|endoftext\|>|\ufffd/);
      } finally {
        await model.network.release();
      }
    });
});
