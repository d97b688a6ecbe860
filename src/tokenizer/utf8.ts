/** UTF-8 of one character, where a TextEncoder per character would cost more than all the rest. */

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
