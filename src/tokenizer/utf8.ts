/** UTF-8 of one character, where a TextEncoder or TextDecoder per character would cost more than all the rest. */

/** Writes the bytes of `codePoint` to the beginning of `into` (4 bytes or more) and returns how many they are. */
export function encodeUtf8(codePoint: number, into: Uint8Array): number {
  if (codePoint < 0x80) {
    into[0] = codePoint;
    return 1;
  }
  if (codePoint < 0x800) {
    into[0] = 0xc0 | (codePoint >> 6);
    into[1] = 0x80 | (codePoint & 0x3f);
    return 2;
  }
  if (codePoint < 0x10000) {
    into[0] = 0xe0 | (codePoint >> 12);
    into[1] = 0x80 | ((codePoint >> 6) & 0x3f);
    into[2] = 0x80 | (codePoint & 0x3f);
    return 3;
  }
  into[0] = 0xf0 | (codePoint >> 18);
  into[1] = 0x80 | ((codePoint >> 12) & 0x3f);
  into[2] = 0x80 | ((codePoint >> 6) & 0x3f);
  into[3] = 0x80 | (codePoint & 0x3f);
  return 4;
}

/** Bytes of a character. */
export function utf8Length(codePoint: number): number {
  return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
}

/**
 * The character that begins at `at`, before `end`; -1 where the bytes are no UTF-8, as a fatal TextDecoder judges: cut
 * short, longer than need be, a surrogate, beyond U+10FFFF.
 */
export function codePointIn(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return first;
  const length = first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
  if (length === 0 || at + length > end) return -1;
  let codePoint = first & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] as number;
    if ((byte & 0xc0) !== 0x80) return -1;
    codePoint = (codePoint << 6) | (byte & 0x3f);
  }
  const isSurrogate = codePoint >= 0xd800 && codePoint < 0xe000;
  return isSurrogate || codePoint > 0x10ffff || utf8Length(codePoint) !== length ? -1 : codePoint;
}
