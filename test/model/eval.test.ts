/** `npm run eval` on the built-in model and two short texts of our own: it runs, repeats itself, and its figures can be. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openModel } from '../../src/engine/modelFolder';
import { invalidCharacters } from '../../src/evaluation/articles';
import type { Evaluation } from '../../src/evaluation/report';

const documents = [
  {
    title: '院子里的柿子树',
    genre: 'essay',
    text:
      '院子里有一棵柿子树，是爷爷年轻时种下的。每年秋天，叶子落尽了，柿子还挂在枝头，像一盏一盏的小灯笼。\n' +
      '小时候我总盼着它们快些红。奶奶说，急不得，要等霜下来，柿子才会甜。于是我每天早上跑到院子里去看，看见地上有霜，就跑回屋里告诉她。',
  },
  {
    title: '为什么要写单元测试',
    genre: 'article',
    text:
      '很多人认为写测试会浪费时间，其实不是这样的。当我们修改一个函数的时候，如果没有测试，就不知道其他的代码会不会受到影响。\n' +
      '好的测试应该是简单的，运行得很快，并且每次运行的结果都一样。',
  },
];

describe('npm run eval', () => {
  let folder: string;
  let data: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'moxu-eval-'));
    data = join(folder, 'own.jsonl');
    writeFileSync(data, documents.map((document) => JSON.stringify(document)).join('\n'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function run(...args: string[]) {
    const json = join(folder, 'figures.json');
    const program = resolve('out/cli/eval.js');
    const given = [program, '--data', data, '--out', folder, '--json', json, ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, given, { encoding: 'utf8' });
    return { status, stdout, stderr, figures: () => JSON.parse(readFileSync(json, 'utf8')) as Evaluation };
  }

  it('measures bits, savings, floors and articles, twice the same', () => {
    const args = ['--positions', '1000', '--articles', '1', '--floors'];
    const [first, second] = [run(...args), run(...args)];
    assert.equal(first.status, 0, first.stderr);
    const { bits, savings, floors, articles, documents: count, sampledPositions } = first.figures();
    assert.equal(count, 2);
    assert.equal(
      sampledPositions,
      documents.reduce((sum, { text }) => sum + text.length, 0),
    );
    assert.deepEqual(Object.keys(bits ?? {}), ['all', 'essay', 'article']);
    for (const { value, low, high } of Object.values(bits ?? {})) {
      assert.ok(value > 2 && value < 9, `${value} bits per character`);
      assert.ok(low <= value && value <= high);
    }
    for (const { coverage, precision, savings: saved } of Object.values(savings ?? {})) {
      assert.ok(coverage.value > 0 && coverage.value < 1);
      assert.ok(!(precision.value < 0 || precision.value > 1));
      assert.ok(saved.value >= 0 && saved.value < 0.6);
    }
    // A ghost of a higher floor is a beginning of that of a lower one.
    const coverages = (floors ?? []).map(({ figures }) => figures.coverage.value);
    assert.ok(coverages.length > 5 && (coverages[0] ?? 0) > (coverages.at(-1) ?? 1));
    assert.equal(articles?.all?.articles, 1);
    assert.equal(articles.all.invalidCharacters, 0);
    assert.equal(invalidCharacters(readFileSync(join(folder, 'articles.md'), 'utf8')), 0);

    assert.deepEqual(withoutTimes(second.figures()), withoutTimes(first.figures()));
    assert.match(first.stdout, /\| all \|/);
    assert.match(first.stderr, /savings: 100 %/);
  });

  it('measures own words over the same logits, and prompts that end anywhere', () => {
    const { status, stderr, figures } = run('--only', 'bits,cuts', '--own-words', 'source', '--cuts', '60');
    assert.equal(status, 0, stderr);
    const { bits, ownWordsBits, cuts } = figures();
    assert.ok(bits?.all && ownWordsBits?.bits.all && ownWordsBits.less.all && cuts);
    const { value } = ownWordsBits.bits.all;
    assert.ok(Math.abs(1 - value / bits.all.value - ownWordsBits.less.all.value) < 1e-9);
    assert.notEqual(value, bits.all.value);
    assert.ok(cuts.all.cuts > 40 && cuts.inside.cuts > 0 && cuts.inside.cuts < cuts.all.cuts);
    assert.ok(cuts.inside.healed.value < cuts.inside.unhealed.value, JSON.stringify(cuts));
    assert.deepEqual(run('--only', 'bits', '--own-words', 'off').figures().bits, bits);
  });

  it('says what is wrong with its arguments', () => {
    for (const [args, words] of [
      [['--only', 'speed'], /speed is not one of bits, savings, articles, cuts/],
      [['--positions', 'x'], /--positions: x/],
      [['--own-words', 'all'], /--own-words: all is not one of off, document, source/],
      [['--baselines'], /--baselines needs --corpus/],
      [['--floor', '1.5'], /--floor: 1\.5 is more than 1/],
      [['--floor', '0.1', '--floors'], /--floor: with --floors and --variants not below 0\.15/],
      [['--cuts', '0'], /--cuts: 0/],
      [['--model', folder], /not a Moxu model folder/],
    ] as const) {
      const { status, stderr } = run(...args);
      assert.equal(status, 1);
      assert.match(stderr, words);
    }
  });
});

describe('npm run eval on a file that is no data set', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'moxu-eval-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('says what is wrong with it, before it measures', () => {
    for (const [text, words] of [
      [null, /ENOENT.*set\.jsonl/],
      ['', /set\.jsonl has no documents/],
      ['{"text": ""}\n', /set\.jsonl: no document has any text/],
      ['{"text": "一"}\n{"text": "二', /set\.jsonl, line 2: /],
    ] as const) {
      const data = join(folder, 'set.jsonl');
      if (text !== null) writeFileSync(data, text);
      const given = [resolve('out/cli/eval.js'), '--data', data, '--out', folder];
      const { status, stdout, stderr } = spawnSync(process.execPath, given, { encoding: 'utf8' });
      assert.deepEqual([status, stdout], [1, ''], stderr);
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /bits per character: /);
    }
  });
});

describe('Session.logitsFrom', () => {
  it('gives what generation is given, in order', async () => {
    const { network, tokenizer } = await openModel('models/builtin', resolve('dist/dictionary.bin.br'));
    try {
      const tokenIds = tokenizer.encode(documents.map(({ text }) => text).join('')).slice(0, 130);
      const signal = new AbortController().signal;
      const logitsFrom = async (from: number) => {
        const all: Float32Array[] = [];
        for await (const logits of network.logitsFrom(tokenIds, from)) all.push(logits.slice());
        return all;
      };
      const [last, ...none] = await logitsFrom(129);
      assert.equal(none.length, 0);
      await network.logitsAfter([0], signal); // forgets the text
      assert.deepEqual(await network.logitsAfter(tokenIds, signal), last);

      // Further rows share their 8-bit scale with this one, so digits move; another row is further away.
      const all = await logitsFrom(60);
      assert.equal(all.length, 70);
      for (let i = 0; i < all.length; i += 10) {
        const expected = (await network.logitsAfter(tokenIds.slice(0, 60 + i + 1), signal)) ?? assert.fail();
        const distances = all.map((logits) => squaredDistance(logits, expected));
        assert.equal(distances.indexOf(Math.min(...distances)), i);
      }
    } finally {
      await network.release();
    }
  });
});

function squaredDistance(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0);
}

/** Without what a clock gave. */
function withoutTimes({ seconds: _, articles, ...rest }: Evaluation): object {
  const groups = Object.entries(articles ?? {}).map(([group, { msPerCharacter: __, ...figures }]) => [group, figures]);
  return { ...rest, articles: groups };
}
