import assert from 'node:assert/strict';
import { newTextStream } from '../../../src/generation/textStream';

describe('text stream', () => {
  it('holds a character back until its last byte', () => {
    const stream = newTextStream('sentencepiece-unigram', '');
    const bytes = Buffer.from('龘𠮷。'); // 3, 4 and 3 bytes
    const pieces = Array.from(bytes, (byte) => stream.push(Uint8Array.of(byte)));
    assert.deepEqual(pieces, ['', '', '龘', '', '', '', '𠮷', '', '', '。']);
  });

  it('gives Chinese text its full-width punctuation back with a CPM vocabulary', () => {
    const stream = newTextStream('cpm-hf46', '雨停了');
    const text = [',', '天', '晴', '了', '!'].map((piece) => stream.push(Buffer.from(piece))).join('');
    assert.equal(text + stream.end(), '，天晴了！');
  });

  it('drops a character that is begun and not ended', () => {
    const stream = newTextStream('sentencepiece-unigram', '');
    assert.equal(stream.push(Uint8Array.of(0xe9, 0xbe)) + stream.push(Buffer.from('好')) + stream.end(), '好');
  });

  it('passes whole pieces on at once, a byte order mark too', () => {
    const stream = newTextStream('sentencepiece-unigram', '');
    assert.equal(stream.push(Buffer.from('\ufeff春天')), '\ufeff春天');
  });
});
