/**
 * The character map that SentencePiece compiles a normalisation (such as nmt_nfkc) into:
 *
 *     uint32 size of the trie in bytes │ trie │ replacements, each ended by a zero byte
 *
 * all little-endian. The trie is a double array of darts-clone (s-yata/darts-clone, darts.h) over UTF-8 bytes whose
 * values are byte offsets into the replacements. One unit of it, 32 bits:
 *
 *     31 0 ─ 8: has leaf, 0 … 7: label, 9 … 30: offset to the children (bit 9 set: offset << 8)
 *     31 1 ─ a leaf; 0 … 30: value
 */
import { EngineError } from '../errors';
import { encodeUtf8 } from './utf8';

export class CharsMap {
  private readonly units: Uint32Array;
  private readonly replacements: Uint8Array;
  private readonly decoded = new Map<number, string>();
  private readonly bytes = new Uint8Array(4);
  /** Set by `longestRule` when it returns more than 0. */
  replacement = '';

  /** @throws EngineError 'model-invalid' when the map is damaged. */
  constructor(blob: Uint8Array) {
    const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
    const trieBytes = blob.length > 4 ? view.getUint32(0, true) : 0;
    if (trieBytes === 0 || trieBytes % 4 !== 0 || 4 + trieBytes >= blob.length || blob[blob.length - 1] !== 0)
      throw new EngineError('model-invalid', 'SentencePiece model: the precompiled character map is damaged');
    // A copy, as its place in the file is no multiple of 4; every machine that we run on is little-endian.
    this.units = new Uint32Array(new Uint8Array(blob.subarray(4, 4 + trieBytes)).buffer);
    this.replacements = blob.subarray(4 + trieBytes);
  }

  /** Code units of `text` from `start` that the longest rule replaces by `replacement`; 0 when no rule applies. */
  longestRule(text: string, start: number): number {
    const { units, bytes } = this;
    let longest = 0;
    let value = 0;
    let node = offsetOf(units[0] as number);
    for (let at = start; at < text.length;) {
      const codePoint = text.codePointAt(at) as number;
      at += codePoint > 0xffff ? 2 : 1;
      const length = encodeUtf8(codePoint, bytes);
      for (let index = 0; index < length; index++) {
        const byte = bytes[index] as number;
        node ^= byte;
        const unit = units[node];
        if (unit === undefined || (unit & 0x800000ff) !== byte) return this.found(longest, value);
        node ^= offsetOf(unit);
        if ((unit & 0x100) !== 0) {
          // Rules are made of whole characters, so this is the last byte of one.
          longest = at - start;
          value = (units[node] ?? 0) & 0x7fffffff;
        }
      }
    }
    return this.found(longest, value);
  }

  private found(length: number, value: number): number {
    if (length === 0) return 0;
    let text = this.decoded.get(value);
    if (text === undefined) {
      text = new TextDecoder().decode(this.replacements.subarray(value, this.replacements.indexOf(0, value)));
      this.decoded.set(value, text);
    }
    this.replacement = text;
    return length;
  }
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
