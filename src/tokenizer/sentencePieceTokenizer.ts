/** A SentencePiece Unigram model as a `Tokenizer`: normalise, cut into pieces, spell unknown characters in bytes. */
import { Normalizer, spaceSymbol, typedSpaceSymbol } from './normalizer';
import { PieceType } from './pieces';
import { byteOfPiece, type SentencePieceModel } from './sentencePieceModel';
import type { Tokenizer } from './tokenizer';
import { bytesIn, tableOf, type TokenTable } from './tokenTable';
import { UnigramEncoder } from './unigram';
import { encodeUtf8 } from './utf8';

const spaceSymbolCode = spaceSymbol.charCodeAt(0);
const typedSpace = typedSpaceSymbol.charCodeAt(0);

export class SentencePieceTokenizer implements Tokenizer {
  readonly vocabSize: number;
  private readonly normalizer: Normalizer;
  private readonly encoder: UnigramEncoder;
  private readonly byteIds: Int32Array | null; // [256], byte → token id; null without byte fallback
  private readonly byteOfId: Int16Array; // [vocabSize], -1 = not a byte piece
  private madeTable: TokenTable | null = null;
  /** [vocabSize] what `textOf` has been asked for. */
  private readonly texts: (string | undefined)[] = [];

  constructor(private readonly model: SentencePieceModel) {
    const { pieces } = model;
    this.vocabSize = pieces.length;
    this.normalizer = new Normalizer(model);
    this.encoder = new UnigramEncoder(model);
    this.byteIds = model.byteFallback ? new Int32Array(256) : null;
    this.byteOfId = new Int16Array(pieces.length).fill(-1);
    for (const id of pieces.ofType(PieceType.byte)) {
      const byte = byteOfPiece(pieces.text(id));
      this.byteOfId[id] = byte;
      if (this.byteIds) this.byteIds[byte] = id;
    }
  }

  /** Spaces for "▁", the unknown piece's surface, nothing for control pieces. */
  get table(): TokenTable {
    return (this.madeTable ??= this.makeTable());
  }

  encode(text: string): number[] {
    const { byteIds, model } = this;
    const normalized = this.normalizer.normalize(text);
    const tokenIds: number[] = [];
    const utf8 = new Uint8Array(4);
    let afterUnknown = false;
    this.encoder.encode(normalized, (id, start) => {
      const unknown = id === model.unknownId;
      if (!unknown) {
        tokenIds.push(id);
      } else if (byteIds) {
        const character = normalized.codePointAt(start) as number;
        const length = encodeUtf8(character === typedSpace ? spaceSymbolCode : character, utf8);
        for (let index = 0; index < length; index++) tokenIds.push(byteIds[utf8[index] as number] as number);
      } else if (!afterUnknown) {
        // A run of unknown characters is one unknown token.
        tokenIds.push(id);
      }
      afterUnknown = unknown;
    });
    return tokenIds;
  }

  /** Bytes that are not UTF-8 become U+FFFD. @throws RangeError for an id outside the vocabulary. */
  decode(tokenIds: readonly number[]): string {
    const { addDummyPrefix, removeExtraWhitespaces } = this.model.normalizer;
    // The dummy prefix is no part of the text; with removeExtraWhitespaces no leading space is.
    let stripsSpace = addDummyPrefix || removeExtraWhitespaces;
    let text = '';
    let bytes: number[] = [];
    for (const id of tokenIds) {
      const byte = this.byteOfId[this.checkId(id)] as number;
      if (byte >= 0) {
        bytes.push(byte);
        continue;
      }
      if (bytes.length > 0) {
        text += decodeUtf8(bytes);
        bytes = [];
      }
      let piece = this.textOf(id);
      if (text !== '') stripsSpace = false;
      if (stripsSpace && id !== this.model.unknownId && piece.startsWith(' ')) {
        piece = piece.slice(1);
        if (!removeExtraWhitespaces) stripsSpace = false;
      }
      text += piece;
    }
    return text + decodeUtf8(bytes);
  }

  /** A piece that starts with "▁" gives a space here, also where `decode` would drop it as the dummy prefix. */
  tokenBytes(tokenId: number): Uint8Array {
    return bytesIn(this.table, this.checkId(tokenId));
  }

  /** As the model's normaliser leaves it, with spaces where it has its own symbols. */
  spelt(text: string): string {
    const { addDummyPrefix, escapeWhitespaces } = this.model.normalizer;
    const normalized = this.normalizer.normalize(text);
    const word = addDummyPrefix ? normalized.slice(1) : normalized;
    return escapeWhitespaces ? word.replaceAll(spaceSymbol, ' ').replaceAll(typedSpaceSymbol, spaceSymbol) : word;
  }

  /** What a token adds to a text, spaces for "▁"; '' for control and byte pieces. @throws RangeError as `decode` does. */
  textOf(tokenId: number): string {
    return (this.texts[this.checkId(tokenId)] ??= this.makeText(tokenId));
  }

  private makeTable(): TokenTable {
    return tableOf(this.model, this.model.normalizer.escapeWhitespaces ? { [spaceSymbol]: ' ' } : {}, true);
  }

  private makeText(id: number): string {
    const { pieces, unknownSurface, normalizer } = this.model;
    switch (pieces.types[id] as PieceType) {
      case PieceType.control:
      case PieceType.byte:
        return '';
      case PieceType.unknown:
        return unknownSurface;
      case PieceType.normal:
      case PieceType.userDefined:
      case PieceType.unused:
        return normalizer.escapeWhitespaces ? pieces.text(id).replaceAll(spaceSymbol, ' ') : pieces.text(id);
    }
  }

  private checkId(id: number): number {
    if (!Number.isInteger(id) || id < 0 || id >= this.vocabSize)
      throw new RangeError(`token id ${id} is not in 0 … ${this.vocabSize - 1}`);
    return id;
  }
}

function decodeUtf8(bytes: readonly number[]): string {
  // ignoreBOM keeps U+FEFF, which a text may hold.
  return bytes.length === 0 ? '' : new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}
