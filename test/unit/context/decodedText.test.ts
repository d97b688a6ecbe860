import assert from 'node:assert/strict';
import { decodedText, fromLineStart, oldEncoding } from '../../../src/context/decodedText';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

describe('decodedText', () => {
  it('reads UTF-8, UTF-16 with its mark, and what else a writer’s files are in', () => {
    assert.equal(decodedText(Buffer.from('故乡的雨'), 'gb18030'), '故乡的雨');
    assert.equal(decodedText(Buffer.from('\ufeff雨'), 'gb18030'), '雨');
    assert.equal(decodedText(Buffer.from('\ufeff雨停了', 'utf16le'), 'gb18030'), '雨停了');
    assert.equal(decodedText(Buffer.from('\ufeff雨停了', 'utf16le').swap16(), 'gb18030'), '雨停了');
    assert.equal(decodedText(bytes('b9ca cfe7 b5c4 d3ea a3ac 0d0a'), 'gb18030'), '故乡的雨，\r\n');
    assert.equal(decodedText(bytes('ac47 b6 6d'), 'big5'), '故鄉');
  });

  it('reads bytes that begin within a character, from the next line on', () => {
    assert.equal(decodedText(fromLineStart(Buffer.from('故乡\n雨').subarray(1)), 'gb18030'), '雨');
    assert.equal(decodedText(fromLineStart(bytes('ca cfe7 0d0a d3ea')), 'gb18030'), '雨');
    assert.equal(decodedText(fromLineStart(Buffer.from('一行到底').subarray(1)), 'gb18030'), null);
  });

  it('reads nothing else', () => {
    const png = '8950 4e47 0d0a 1a0a 0000 000d 4948 4452';
    const jpeg = 'ffd8 ffe0 0010 4a46 4946';
    for (const hex of [png, jpeg, 'b9ca cf', 'b9ca cfe7 01', '0041 0042'])
      for (const old of ['gb18030', 'big5', 'an encoding that nobody knows'])
        assert.equal(decodedText(bytes(hex), old), null, `${old} ${hex}`);
  });

  it('takes VS Code’s setting for it, else the language', () => {
    const cases: [string, string, string][] = [
      ['utf8', 'zh-cn', 'gb18030'],
      ['utf8', 'en', 'gb18030'],
      ['utf8', 'zh-tw', 'big5'],
      ['gbk', 'zh-tw', 'gb18030'],
      ['big5hkscs', 'zh-cn', 'big5'],
      ['cp950', 'en', 'big5'],
    ];
    for (const [setting, locale, expected] of cases) assert.equal(oldEncoding(setting, locale), expected);
  });
});
