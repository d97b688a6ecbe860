import assert from 'node:assert/strict';
import { codePointIn, encodeUtf8, utf8Length } from '../../../src/tokenizer/utf8';

/** What a fatal TextDecoder makes of the first character; -1 where it takes none of its bytes. */
function expected(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(4, bytes.length); length++)
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, length));
      return text.codePointAt(0) ?? -1;
    } catch {
      // not whole yet, or wrong
    }
  return -1;
}

describe('UTF-8 of one character', () => {
  it('reads back every character', () => {
    const bytes = new Uint8Array(4);
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
      const length = encodeUtf8(codePoint, bytes);
      assert.equal(utf8Length(codePoint), length);
      const isSurrogate = codePoint >= 0xd800 && codePoint < 0xe000;
      if (codePointIn(bytes, 0, length) !== (isSurrogate ? -1 : codePoint)) assert.fail(codePoint.toString(16));
      if (length > 1 && codePointIn(bytes, 0, length - 1) !== -1) assert.fail(`${codePoint.toString(16)}, cut short`);
    }
  });

  it('refuses what a fatal TextDecoder refuses', () => {
    const edges = [
      0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef,
    ];
    const leads = [...edges, 0xf0, 0xf1, 0xf4, 0xf5, 0xf7, 0xf8, 0xfb, 0xfc, 0xfe, 0xff];
    for (const first of leads)
      for (const second of edges)
        for (const third of edges)
          for (const fourth of [0x7f, 0x80, 0xbf, 0xc0]) {
            const bytes = Uint8Array.of(first, second, third, fourth);
            const found = codePointIn(bytes, 0, 4);
            if (found !== expected(bytes)) assert.fail(Buffer.from(bytes).toString('hex'));
          }
  });
});
