/** A file's bytes → text. Chinese writers have files in GBK and Big5 still, and Windows' editor wrote UTF-16. */

/** @returns which of the old encodings a file is in that is in none of Unicode's: what VS Code is set to, or what the language has */
export function oldEncoding(filesEncoding: string, locale: string): 'gb18030' | 'big5' {
  if (/^(?:gb|cp936)/i.test(filesEncoding)) return 'gb18030';
  if (/^(?:big5|cp950)/i.test(filesEncoding)) return 'big5';
  return /^zh-(?:tw|hk|mo|hant)/i.test(locale) ? 'big5' : 'gb18030';
}

/** Of a file's bytes that begin anywhere, those from the first line on that is whole; in no encoding of ours is 0x0A part of a character. */
export function fromLineStart(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(bytes.indexOf(0x0a) + 1);
}

/** @returns null for what is no text */
export function decodedText(bytes: Uint8Array, old: string): string | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return decoded(bytes, 'utf-16le');
  if (first === 0xfe && second === 0xff) return decoded(bytes, 'utf-16be');
  if (bytes.includes(0)) return null;
  const text = decoded(bytes, 'utf-8');
  if (text !== null) return text;
  const other = decoded(bytes, old);
  // Whatever bytes there are, some of them would make characters.
  return other !== null && !hasControls(other) ? other : null;
}

function decoded(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null; // in another encoding, or one that is not known here
  }
}

/** Marks that no text has: not tab, line break or page break. */
function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && (code < 9 || code > 13)) || (code >= 0x7f && code < 0xa0) || (code >= 0xe000 && code <= 0xf8ff))
      return true;
  }
  return false;
}
