/** A network without knowledge, so that all comes from what is laid over it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenModel } from '../../../src/engine/modelFolder';
import type { EvaluationDocument } from '../../../src/evaluation/documents';
import { Measurement } from '../../../src/evaluation/measurement';
import type { MeasurementSettings } from '../../../src/evaluation/measurement';
import { nothingTyped } from '../../../src/generation/healing';
import { parseManifest } from '../../../src/manifest';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';

const builtin = (name: string) => join('models', 'builtin', name);

describe('Measurement', () => {
  let folder: string;
  let model: OpenModel;
  /** How often a prompt was healed. */
  let healed = 0;
  const write = process.stderr.write.bind(process.stderr);
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'moxu-eval-'));
    const manifest = parseManifest(readFileSync(builtin('moxu.json'), 'utf8'));
    const tokenizer = await createTokenizer(manifest.tokenizer.kind, readFileSync(builtin('tokenizer.model')), () =>
      assert.fail(),
    );
    // Any of a few: a lottery over all would take seconds.
    const logits = new Float32Array(manifest.vocabSize).fill(-20);
    for (const id of tokenizer.encode('春夏秋冬东南西北风花雪月山水日夜')) logits[id] = 0;
    const network = {
      async *logitsFrom(tokenIds: readonly number[], from: number) {
        await Promise.resolve();
        for (let i = from; i < tokenIds.length; i++) yield logits;
      },
      logitsAfter: () => Promise.resolve(logits),
      forgetTexts: () => undefined,
    };
    const cut = (textIds: readonly number[]) => {
      healed++;
      return { kept: textIds, typed: nothingTyped };
    };
    const healer = { cut, committed: null };
    model = {
      network,
      tokenizer,
      manifest,
      healer,
      lineStart: null,
      learnt: null,
      table: null,
    } as unknown as OpenModel;
    // Progress would stand between the tests' names.
    process.stderr.write = () => true;
  });
  after(() => {
    process.stderr.write = write;
    rmSync(folder, { recursive: true });
  });

  const document = (title: string, text: string): EvaluationDocument => ({ title, text, genre: 'g', source: 's' });
  // The second text has a name from the first.
  const documents = [
    document('一', '慕容栖梧来，慕容栖梧坐，慕容栖梧走，慕容栖梧笑，'),
    document('二', '见慕容栖梧。'),
  ];
  const settings: MeasurementSettings = {
    numPositions: Infinity,
    floor: 0.25,
    ownWords: 'source',
    model: '',
    data: '',
  };
  const also = { floors: false, variants: false, healing: true };
  const coverage = async (changed: Partial<MeasurementSettings>) => {
    const measurement = new Measurement(documents, { ...settings, ...changed }, (text) => Array.from(text));
    await measurement.savings(model, also);
    return measurement.evaluation.savings?.all?.coverage.value;
  };

  it('shows ghosts of the writer’s own words, as far as they are wanted and above the floor', async () => {
    const [ofSource, ofDocument, off] = [
      await coverage({}),
      await coverage({ ownWords: 'document' }),
      await coverage({ ownWords: 'off' }),
    ] as [number, number, number];
    assert.ok(ofSource > ofDocument && ofDocument > 0, `${ofSource} ${ofDocument}`);
    assert.equal(off, 0);
    assert.equal(await coverage({ floor: 0.99 }), 0);
  });

  it('heals prompts unless told otherwise', async () => {
    const measurement = new Measurement(documents, settings, (text) => Array.from(text));
    healed = 0;
    await measurement.savings(model, also);
    assert.ok(healed > 0);
    healed = 0;
    await measurement.savings(model, { ...also, healing: false });
    assert.equal(healed, 0);
  });

  it('tells the network from what is laid over it', async () => {
    const bits = async (given: OpenModel) => {
      const measurement = new Measurement(documents, settings, (text) => Array.from(text));
      await measurement.bits(given);
      return measurement.evaluation;
    };
    const plain = await bits(model);
    assert.equal(plain.networkBits, undefined);
    const { value = NaN } = plain.bits?.all ?? {};
    const own = plain.ownWordsBits;
    assert.ok(own?.bits.all && own.less.all && own.bits.all.value < value);
    assert.ok(Math.abs(own.less.all.value - (1 - own.bits.all.value / value)) < 1e-9);
    // Nine tenths for a token that never comes.
    const table = { levels: () => [{ share: 0.9, tokenIds: [0], counts: [1] }] };
    const tabled = await bits({ ...model, table });
    assert.equal(tabled.networkBits?.all?.value, value);
    assert.ok((tabled.bits?.all?.value ?? 0) > value + 1);
  });

  it('writes one article for each title, with a seed of its own', async () => {
    const titled = ['春', '春', '', '秋'].map((title) => document(title, '文'));
    const measurement = new Measurement(titled, settings, (text) => Array.from(text));
    await measurement.articles(model, 80, folder);
    assert.equal(measurement.evaluation.articles?.all?.articles, 2);
    const [, spring = '', autumn = ''] = readFileSync(join(folder, 'articles.md'), 'utf8').split(/^# /m);
    assert.ok(spring.startsWith('春\n') && autumn.startsWith('秋\n'));
    // The network says the same of both.
    assert.notEqual(spring.slice(1, 40), autumn.slice(1, 40));
  });
});
