/** A checkpoint without a tokenizer: its file is asked for once, and another model's does not take its place. */
import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConversionThread } from '../../../src/editor/models/conversionThread';
import { KeptTokenizers } from '../../../src/editor/models/keptTokenizers';
import { configOf, randomTensors, safetensorsBytes, TemporaryFolder, tiny, tokenizerBytes } from '../builder/tinyCheckpoint';

describe('kept tokenizers', function () {
  this.timeout(60_000);
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  it('are asked for once for each vocabulary, and used whenever one fits', async () => {
    // Rows as they are padded: for 86 tokens to a multiple of 32, for 15 to one of 8; and those of no kept vocabulary.
    const [large, other, third] = [96, 16, 104].map((vocabSize) => {
      const sizes = { ...tiny, vocabSize };
      const from = temporary.checkpoint(`rows-${vocabSize}`, randomTensors(sizes), configOf(sizes));
      rmSync(`${from}/tokenizer.model`);
      return from;
    }) as [string, string, string];
    const many = Array.from({ length: 80 }, (_, i) => String.fromCodePoint(0x4e00 + i));
    writeFileSync(temporary.join('large.model'), tokenizerBytes(undefined, 1, many));
    writeFileSync(temporary.join('small.model'), tokenizerBytes());

    const thread = new ConversionThread(resolve('dist', 'convert.js'));
    const folder = temporary.join('storage', 'tokenizers');
    const asked: string[] = [];
    const notes: string[] = [];
    const complete = (from: string, answer: string | null) => {
      // As after a restart: what is known is on the disk.
      const kept = new KeptTokenizers(
        folder,
        (choice) => thread.recognise(choice),
        (why) => notes.push(why),
      );
      return kept.complete({ from }, () => {
        asked.push(from);
        return Promise.resolve(answer);
      });
    };

    assert.equal(await complete(large, null), null); // nobody names one, and nothing is kept
    const first = await complete(large, temporary.join('large.model'));
    assert.equal(first?.is.numTokens, 86);
    rmSync(temporary.join('large.model')); // the person's own file may go away
    assert.equal((await complete(large, null))?.tokenizer, first.tokenizer);
    assert.deepEqual(asked, [large, large]);

    // The kept one has tokens that this model has no rows for.
    await assert.rejects(complete(other, temporary.join('nowhere.model')), { code: 'checkpoint-invalid' });
    const second = await complete(other, temporary.join('small.model'));
    assert.match(notes.join('\n'), /the tokenizer has 86 tokens, but config\.json says vocab_size 16/);
    assert.deepEqual(asked.slice(2), [other, other]);
    // Each has its own from now on.
    assert.equal((await complete(other, null))?.tokenizer, second?.tokenizer);
    assert.equal((await complete(large, null))?.tokenizer, first.tokenizer);
    assert.notEqual(first.tokenizer, second?.tokenizer);
    assert.equal(readdirSync(folder).length, 2);
    assert.equal(asked.length, 4);

    // 15 tokens, padded to a multiple of 64.
    const padded = temporary.checkpoint('rows-64', undefined, undefined);
    const rows = { ...tiny, vocabSize: 64 };
    writeFileSync(`${padded}/config.json`, JSON.stringify(configOf(rows)));
    writeFileSync(`${padded}/model.safetensors`, safetensorsBytes(randomTensors(rows)));
    rmSync(`${padded}/tokenizer.model`);
    assert.equal((await complete(padded, null))?.tokenizer, second?.tokenizer);

    // Both could be read for it, and would write nonsense.
    assert.equal(await complete(third, null), null);
    assert.deepEqual(asked.slice(4), [third]);
    assert.match(notes.join('\n'), /a kept vocabulary has 86 tokens, but the model has 104 rows/);
    // Nor is one taken, and kept, because somebody has chosen it.
    const wrong = { code: 'checkpoint-invalid', fault: 'tokenizer', subject: 'small.model' };
    await assert.rejects(complete(third, temporary.join('small.model')), wrong);
    assert.equal(readdirSync(folder).length, 2);
  });

  it('are not asked for where the folder has one, nor where it is no checkpoint', async () => {
    const thread = new ConversionThread(resolve('dist', 'convert.js'));
    const recognise = thread.recognise.bind(thread);
    const kept = new KeptTokenizers(temporary.join('unused'), recognise, () => undefined);
    const ask = () => assert.fail('asked');
    const own = temporary.checkpoint('own');
    assert.equal((await kept.complete({ from: own }, ask))?.tokenizer, undefined);
    rmSync(`${own}/model.safetensors`);
    await assert.rejects(kept.complete({ from: own }, ask), { code: 'checkpoint-invalid' });
  });
});
