/**
 * yangjianxin1/CPM's way of sampling and ours give the same probabilities for the same ids on the same checkpoint
 * (`fixtures/generate/makeEssay.py`): temperature 1, top-p 0.85, `<unk>` never.
 */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel } from '../../../src/builder/buildModel';
import { familyFacts } from '../../../src/builder/families';
import { resolveOptions } from '../../../src/options';
import { presetOptions } from '../../../src/presets';
import { Sampler } from '../../../src/generation/sampler';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer';
import { GraphSession } from '../builder/graphSession';
import { TemporaryFolder, tokenizerBytes } from '../builder/tinyCheckpoint';

interface Row {
  ids: number[];
  probs: Record<string, number>;
}

const noText: Tokenizer = {
  vocabSize: 61,
  encode: () => [],
  decode: () => '',
  tokenBytes: () => new Uint8Array(),
};

describe('an essay as its authors sample it', () => {
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  it('is drawn from the same probabilities', async () => {
    const from = temporary.join('checkpoint');
    cpSync(join('test', 'fixtures', 'builder', 'fp32'), from, { recursive: true });
    writeFileSync(join(from, 'tokenizer.model'), tokenizerBytes());
    const to = temporary.join('model');
    const { contextLength } = await buildModel({ from, to, quantization: 'none' });
    const session = await GraphSession.open(to);
    const options = resolveOptions(presetOptions('balanced', familyFacts['cpm-essay'].sampling));
    const special = { unknown: 0, banned: [], endOfText: [] };
    const sampler = new Sampler(options, noText, special, () => 0);

    const { rows } = JSON.parse(readFileSync(join('test', 'fixtures', 'generate', 'essay.json'), 'utf8')) as {
      rows: Row[];
    };
    assert.ok(rows.length >= 8);
    for (const { ids, probs } of rows) {
      session.clear();
      const window = ids.slice(-contextLength);
      const logits = await session.forward([window], [window.length - 1]);
      const candidates = sampler.distribution(logits, ids);
      const ours = new Map(
        [...candidates.probabilities()].map((probability, i) => [candidates.tokenIds[i] as number, probability]),
      );
      assert.deepEqual(
        [...ours.keys()].sort((a, b) => a - b),
        Object.keys(probs).map(Number),
      );
      for (const [id, probability] of Object.entries(probs))
        assert.ok(Math.abs((ours.get(Number(id)) ?? 0) - probability) < 1e-5, `${id} after ${ids.join(' ')}`);
    }
  });
});
