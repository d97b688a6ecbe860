import assert from 'node:assert/strict';
import { TextStream } from '../../../src/generation/textStream';

describe('TextStream', () => {
  it('holds a character back until its last byte', () => {
    const stream = new TextStream();
    const bytes = Buffer.from('龘𠮷。'); // 3, 4 and 3 bytes
    const pieces = Array.from(bytes, (byte) => stream.push(Uint8Array.of(byte)));
    assert.deepEqual(pieces, ['', '', '龘', '', '', '', '𠮷', '', '', '。']);
  });

  it('passes whole pieces on at once, a byte order mark too', () => {
    const stream = new TextStream();
    assert.equal(stream.push(Buffer.from('\ufeff春天')), '\ufeff春天');
  });
});
