/** The built-in model as it lies in the repository: whole, described by its card, and running. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel } from '../../src/builder/buildModel';
import { oneThread } from '../../src/engine/calibrate';
import { Session } from '../../src/engine/session';
import { distributionOf, logProbability } from '../../src/generation/softmax';
import { parseManifest } from '../../src/manifest';
import { createTokenizer } from '../../src/tokenizer/createTokenizer';
import { TemporaryFolder } from '../unit/builder/tinyCheckpoint';

const folder = join('models', 'builtin');

describe('built-in model', () => {
  const manifest = parseManifest(readFileSync(join(folder, 'moxu.json'), 'utf8'));

  it('has the files of its manifest, which its card lists too', () => {
    const { files } = manifest;
    assert.deepEqual(readdirSync(folder).sort(), ['README.md', 'moxu.json', ...Object.keys(files)].sort());
    const card = readFileSync(join(folder, 'README.md'), 'utf8');
    for (const [file, { bytes, sha256 }] of Object.entries(files)) {
      const content = readFileSync(join(folder, file));
      assert.equal(content.length, bytes, file);
      assert.equal(createHash('sha256').update(content).digest('hex'), sha256, file);
      assert.ok(card.includes(sha256), `the card does not give the sha256 of ${file}`);
    }
  });

  it('is what the builder makes of the weights that are kept', async () => {
    const temporary = new TemporaryFolder();
    const from = join('models', 'recipe', 'checkpoint');
    const { quantization, files } = manifest;
    const built = await buildModel({ from, to: temporary.join('model'), quantization });
    temporary.remove();
    for (const file of ['model.onnx', 'model.onnx.data', 'tokenizer.model'])
      assert.deepEqual(built.files[file], files[file], `${file}: see the end of the model's card`);
  });

  it('knows that a common phrase goes on as it does', async () => {
    const { tokenizer: kind, vocabSize } = manifest;
    const tokenizer = await createTokenizer(kind.kind, readFileSync(join(folder, kind.file)));
    assert.equal(tokenizer.vocabSize, vocabSize);
    const tokenIds = tokenizer.encode('我不知道他为什么会这样，他也没有说。');
    const session = await Session.load(join(folder, 'model.onnx'), manifest, oneThread);
    let bits = 0;
    let next = 1;
    for await (const logits of session.logitsFrom(tokenIds.slice(0, -1), 0))
      bits -= logProbability(distributionOf(logits), tokenIds[next++] as number) / Math.LN2;
    await session.release();
    assert.equal(next, tokenIds.length);
    const perToken = bits / (tokenIds.length - 1);
    assert.ok(perToken < 0.6 * Math.log2(vocabSize), `${perToken.toFixed(2)} bits per token`);
  });
});
