import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PhraseStream, PhraseTable } from '../../../../src/context/style/phraseTable';

const table = new PhraseTable(
  ['下 下', '下麵 A', '后 後', '头发 頭髮', '发 發', '发展 發展', '𠮷 吉', '𠮷屋 吉屋'].sort().join('\n'),
);

describe('PhraseTable', () => {
  const cases: [string, string][] = [
    ['头发', '頭髮'],
    ['头发展', '頭髮展'],
    ['发展后', '發展後'],
    ['发', '發'],
    ['头', '头'],
    ['𠮷屋里𠮷', '吉屋里吉'],
    ['', ''],
    ['abc', 'abc'],
  ];
  for (const [text, expected] of cases) it(`${text} → ${expected}`, () => assert.equal(table.convert(text), expected));

  it('tells when a phrase may go on', () => {
    assert.equal(table.match('头', 0), 'open');
    assert.deepEqual(table.match('头皮', 0), null);
    assert.deepEqual(table.match('发了', 0), { end: 1, replacement: '發' });
  });

  it('the pieces do not matter, and none is taken back', () => {
    const character = fc.constantFrom(...Array.from('头发展后下麵𠮷屋x'));
    fc.assert(
      fc.property(fc.array(character), fc.array(fc.nat(3)), (characters, cuts) => {
        const stream = new PhraseStream(table);
        let written = '';
        let at = 0;
        for (const length of cuts) {
          written += stream.push(characters.slice(at, at + length).join(''));
          at += length;
          assert.ok(table.convert(characters.slice(0, at).join('')).startsWith(written) || at > characters.length);
        }
        written += stream.push(characters.slice(at).join('')) + stream.end();
        assert.equal(written, table.convert(characters.join('')));
      }),
    );
  });
});
