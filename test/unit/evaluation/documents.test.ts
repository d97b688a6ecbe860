import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trainingDocuments } from '../../../src/evaluation/baselines';
import { byGenre, numCharacters, readDocuments } from '../../../src/evaluation/documents';
import { PpmdPriming, find7Zip } from '../../../src/evaluation/ppmd';
import { skip } from '../../host/skip';

describe('documents', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'moxu-eval-'))));
  after(() => rmSync(folder, { recursive: true }));

  const write = (name: string, documents: object[]) => {
    const file = join(folder, name);
    writeFileSync(file, documents.map((document) => `${JSON.stringify(document)}\n`).join(''));
    return file;
  };
  const all = async <T>(items: AsyncIterable<T>) => {
    const read: T[] = [];
    for await (const item of items) read.push(item);
    return read;
  };

  it('are read in the model’s form', async () => {
    const file = write('a.jsonl', [
      { title: '春', text: '　　一\r\n\r\n　　二', genre: 'essay', source: 'a', lic: 'pd' },
      { text: '三' },
    ]);
    assert.deepEqual(await all(readDocuments(file)), [
      { title: '春', text: '一\n二', genre: 'essay', source: 'a' },
      { title: '', text: '三', genre: 'unknown', source: '' },
    ]);
  });

  it('whatever mark begins the file and however its lines end', async () => {
    const file = join(folder, 'windows.jsonl');
    writeFileSync(file, '\ufeff{"text": "一", "title": null}\r\n{"text": "二"}\r\n');
    assert.deepEqual(
      (await all(readDocuments(file))).map(({ title, text }) => title + text),
      ['一', '二'],
    );
  });

  it('for baselines: pd and free only, nothing held out', async () => {
    const corpus = mkdtempSync(join(folder, 'corpus-'));
    const line = (text: string, lic: string) => `${JSON.stringify({ title: '', text, genre: '', lic })}\n`;
    writeFileSync(join(corpus, 'b.jsonl'), line('丙', 'free') + line('丁', 'web'));
    writeFileSync(join(corpus, 'a.jsonl'), line('甲', 'pd') + line('乙', 'gpl'));
    writeFileSync(join(corpus, 'heldout.jsonl'), line('戊', 'pd'));
    assert.deepEqual(
      (await all(trainingDocuments(corpus))).map(({ text }) => text),
      ['甲', '丙'],
    );
  });

  it('a damaged line is named, and a missing file fails', async () => {
    const bad = (lines: string) => {
      writeFileSync(join(folder, 'bad.jsonl'), `{"text": "一"}\n\n${lines}`);
      return all(readDocuments(join(folder, 'bad.jsonl')));
    };
    await assert.rejects(bad('{"title": ""}\n'), /bad\.jsonl, line 3: a document without text/);
    await assert.rejects(bad('{"text": null}'), /line 3: a document without text/);
    await assert.rejects(bad('{"text": "一'), /line 3: \S.* JSON/);
    for (const line of ['null', '[1]', '"一"']) await assert.rejects(bad(line), /line 3: not a JSON object/);
    await assert.rejects(bad('{"text": "一", "title": 5}'), /line 3: “title” is not a string/);
    await assert.rejects(all(readDocuments(join(folder, 'missing.jsonl'))), /ENOENT/);
  });

  it('xz', async function () {
    const file = write('c.jsonl', [{ text: '四' }]);
    if (spawnSync('xz', [file]).status !== 0) skip(this, 'there is no xz');
    assert.deepEqual(
      (await all(readDocuments(`${file}.xz`))).map(({ text }) => text),
      ['四'],
    );
  });

  it('a character is a code point; groups begin with all', () => {
    assert.equal(numCharacters('𠮷a\n'), 3);
    const items = [{ genre: 'b' }, { genre: 'a' }, { genre: 'b' }];
    assert.deepEqual(
      byGenre(items).map(([group, members]) => [group, members.length]),
      [
        ['all', 3],
        ['b', 2],
        ['a', 1],
      ],
    );
  });

  it('PPMd: what it has read costs almost nothing', async function () {
    const program = find7Zip();
    if (program === null) skip(this, 'there is no 7-Zip (package 7zip or p7zip-full)');
    const random = Array.from({ length: 400 }, (_, i) => String.fromCharCode(0x4e00 + ((i * i * 7919) % 20_000))).join(
      '',
    );
    const shares: number[] = [];
    const bits = async (training: string) => {
      const priming = new PpmdPriming(folder);
      await priming.add({ title: '', text: training });
      return priming.bits(program, [random], (share) => shares.push(share));
    };
    const [known, unknown] = [await bits(random.repeat(8)), await bits('一')];
    assert.ok(known < 0.3 * unknown, `${known} bits against ${unknown}`);
    assert.ok(unknown / 400 > 8);
    assert.ok(shares.length > 0 && shares.every((share) => share >= 0 && share <= 1), shares.join());
  });
});
