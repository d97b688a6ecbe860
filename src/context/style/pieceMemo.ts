/**
 * A conversion of a text that grows at its end: what was converted at the key before is not converted again. The text is
 * cut behind its punctuation, and the conversion must not look across that: no phrase of OpenCC's has a mark in it.
 */

const piece = /[^，。！？；：、…\n]*[，。！？；：、…\n]?/g;

/** A window of two thousand characters, and some more. */
const capacity = 500;

export class PieceMemo {
  /** By piece; the one that was used longest ago first. */
  private readonly known = new Map<string, string>();

  constructor(private readonly convertPiece: (piece: string) => string) {}

  convert(text: string): string {
    let converted = '';
    for (const [one] of text.matchAll(piece)) converted += this.of(one);
    return converted;
  }

  /** The same, with a rest after each piece. */
  *prepare(text: string): Generator<void, void> {
    for (const [one] of text.matchAll(piece)) {
      this.of(one);
      yield;
    }
  }

  private of(one: string): string {
    const converted = this.known.get(one) ?? this.convertPiece(one);
    this.known.delete(one);
    this.known.set(one, converted);
    if (this.known.size > capacity)
      for (const oldest of this.known.keys()) {
        this.known.delete(oldest);
        break;
      }
    return converted;
  }
}
