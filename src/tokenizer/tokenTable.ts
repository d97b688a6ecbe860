/** What each token adds to a text, one behind the other: an array of its own for each would take longer to make than to fill. */
import { PieceType } from './pieces';
import { byteOfPiece, type SentencePieceModel } from './sentencePieceModel';

export interface TokenTable {
  readonly bytes: Uint8Array;
  /** [vocabSize + 1]; the bytes of token i are [starts[i], starts[i + 1]). */
  readonly starts: Uint32Array;
}

/** A view of the table's bytes. */
export function bytesIn({ bytes, starts }: TokenTable, tokenId: number): Uint8Array {
  return bytes.subarray(starts[tokenId], starts[tokenId + 1]);
}

/** What the space, or one of U+2580 … U+25bf, is in a text: an ASCII character, or nothing. Others are themselves. */
export type PieceMarks = Readonly<Record<string, string>>;

const [nothing, itself] = [-1, -2];
const space = 0x20;

/**
 * Control pieces add nothing, the unknown piece its surface, byte pieces their byte or nothing, all others their text. In
 * one function: it runs once, before the compiler has seen it, and then calls take longer than what is called.
 */
export function tableOf(
  { pieces, unknownSurface }: SentencePieceModel,
  marks: PieceMarks,
  keepsBytes: boolean,
): TokenTable {
  const { file, starts: from, ends, types, length } = pieces;
  const meaning = (mark: string) =>
    marks[mark] === undefined ? itself : marks[mark] === '' ? nothing : marks[mark].charCodeAt(0);
  const blocks = Int16Array.from({ length: 64 }, (_, n) => meaning(String.fromCharCode(0x2580 + n)));
  const keepsSpaces = meaning(' ') === itself;
  const surface = Buffer.from(unknownSurface);
  const starts = new Uint32Array(length + 1);
  // What a token adds is never longer than its piece, save for the unknown one.
  const bytes = new Uint8Array(file.length + surface.length);
  let end = 0;
  for (let id = 0; id < length; id++) {
    const type = types[id];
    let source = file;
    let at = from[id] as number;
    let last = ends[id] as number;
    if (type === PieceType.unknown) {
      source = surface;
      at = 0;
      last = surface.length;
    } else if (type === PieceType.byte) {
      last = at;
      if (keepsBytes) bytes[end++] = byteOfPiece(pieces.text(id));
    } else if (type === PieceType.control) {
      last = at;
    }
    while (at < last) {
      const byte = source[at++] as number;
      // U+2580 + n is e2 96 (80 + n) in UTF-8.
      if (byte === 0xe2 && source[at] === 0x96) {
        const meant = blocks[(source[at + 1] as number) & 0x3f] as number;
        if (meant !== itself) {
          at += 2;
          if (meant !== nothing) bytes[end++] = meant;
          continue;
        }
      }
      if (byte !== space || keepsSpaces) bytes[end++] = byte;
    }
    starts[id + 1] = end;
  }
  return { bytes: bytes.slice(0, end), starts };
}
