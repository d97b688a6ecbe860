/** With the dictionaries that are shipped, against OpenCC's own converter. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { ConverterBuilder } from 'opencc-js/core';
import * as s2t from 'opencc-js/preset/cn2t';
import * as t2s from 'opencc-js/preset/t2cn';
import { styleOf } from '../../../../src/context/style/documentStyle';
import { PieceMemo } from '../../../../src/context/style/pieceMemo';
import { ScriptTables } from '../../../../src/context/style/script';

const dictionaries = brotliDecompressSync(readFileSync('dist/traditional.bin.br')).toString('utf16le');
const tables = new ScriptTables(dictionaries);
const taiwan = styleOf('', 'zh-tw').variants;
const hongKong = styleOf('', 'zh-hk').variants;

function traditional(text: string, variants = taiwan, pieces = [text]): string {
  const stream = tables.traditional(variants);
  return pieces.map((piece) => stream.push(piece)).join('') + stream.end();
}

const texts = [
  '祖父的院子里有一棵老槐树，夏天的傍晚，一家人坐在树下乘凉，后来他的头发全白了。',
  '理发店的后面是一片干枯的树林，皇后坐在里面吃着面条，表面上看不出什么。',
  '发展中的城市，复杂的关系，只有几只鸟飞过钟楼，钟先生松了一口气。',
];

describe('简体 → 繁體', () => {
  const opencc = ConverterBuilder(s2t)({ from: 'cn', to: 'tw' });
  for (const text of texts) it(text, () => assert.equal(traditional(text).replaceAll('台', '臺'), opencc(text)));

  it('one simplified character, several traditional ones', () => {
    assert.equal(traditional('头发发展，皇后以后，面条表面，干枯干部'), '頭髮發展，皇后以後，麵條表面，乾枯幹部');
  });

  it('as the document has them', () => {
    assert.equal(traditional('他看着里面的台湾'), '他看著裡面的台灣');
    assert.equal(traditional('他看着里面', hongKong), '他看着裏面');
  });

  it('the pieces do not matter', () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(fc.integer({ min: 1, max: 4 })), (text, lengths) => {
        const pieces: string[] = [];
        let at = 0;
        for (const length of lengths) pieces.push(text.slice(at, (at += length)));
        pieces.push(text.slice(at));
        assert.equal(traditional(text, taiwan, pieces), traditional(text));
      }),
    );
  });
});

describe('繁體 → 简体', () => {
  const opencc = ConverterBuilder(t2s)({ from: 'tw', to: 'cn' });
  for (const text of texts)
    it(text, () => {
      assert.equal(tables.simplified(traditional(text)), text);
      assert.equal(opencc(traditional(text)), text);
      assert.equal(tables.simplified(traditional(text, hongKong)), text);
    });

  it('piece by piece it is the same, however the text grows', () => {
    const memo = new PieceMemo((piece) => tables.simplified(piece));
    const character = fc.constantFrom(...Array.from('後來頭髮乾枯沈著一齣，。…\n x'));
    fc.assert(
      fc.property(fc.array(character), (characters) => {
        for (let end = 0; end <= characters.length; end++) {
          const text = characters.slice(0, end).join('');
          assert.equal(memo.convert(text), tables.simplified(text));
        }
      }),
    );
    const phrases = dictionaries.split('\n').map((line) => line.split(' ')[0] ?? '');
    assert.deepEqual(
      phrases.filter((phrase) => /[，。！？；：、…]/.test(phrase)),
      [],
    );
  });
});
