/**
 * Token bytes → text that never has to be taken back: a character is passed on when its last byte is there.
 * (With byte fallback 龘 is three tokens; the first two alone are no text.)
 */
export class TextStream {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** @returns the text that these bytes complete, often empty in the middle of a character. */
  push(bytes: Uint8Array): string {
    return this.decoder.decode(bytes, { stream: true });
  }
}
