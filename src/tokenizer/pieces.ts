/**
 * The pieces of a SentencePiece model, where they lie in its file. A string and an object for each of 30,000 would take
 * longer to make than all else that a load does with them, so these are made for who asks.
 */

/** Numbers as in the file (`ModelProto.SentencePiece.Type`). */
export const PieceType = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;
export type PieceType = (typeof PieceType)[keyof typeof PieceType];

export interface Piece {
  piece: string;
  /** Log probability; 0 for pieces that are not NORMAL. */
  score: number;
  type: PieceType;
}

export class Pieces implements Iterable<Piece> {
  readonly length: number;

  /**
   * Piece i is the UTF-8 text [starts[i], ends[i]) of `file`.
   * @param starts, ends, scores, types [length] each; types are PieceTypes
   */
  constructor(
    readonly file: Uint8Array,
    readonly starts: Uint32Array,
    readonly ends: Uint32Array,
    readonly scores: Float32Array,
    readonly types: Uint8Array,
  ) {
    this.length = starts.length;
  }

  /** @param id below `length` */
  text(id: number): string {
    const { buffer, byteOffset } = this.file;
    const start = this.starts[id] as number;
    return Buffer.from(buffer, byteOffset + start, (this.ends[id] as number) - start).toString('utf8');
  }

  at(id: number): Piece {
    return { piece: this.text(id), score: this.scores[id] as number, type: this.types[id] as PieceType };
  }

  *[Symbol.iterator](): Generator<Piece, void> {
    for (let id = 0; id < this.length; id++) yield this.at(id);
  }

  /** Ids of the pieces of a type, ascending. */
  ofType(type: PieceType): number[] {
    const ids: number[] = [];
    for (let id = this.types.indexOf(type); id >= 0; id = this.types.indexOf(type, id + 1)) ids.push(id);
    return ids;
  }
}
