import type { Manifest } from '../../../src/manifest';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer';

/** A tokenizer over a handful of pieces, longest match first, for distributions that can be worked out by hand. */
export class PieceTokenizer implements Tokenizer {
  private readonly bytes: Buffer[];

  constructor(private readonly pieces: readonly (string | Buffer)[]) {
    this.bytes = pieces.map((piece) => Buffer.from(piece as string));
  }

  get vocabSize(): number {
    return this.pieces.length;
  }

  encode(text: string): number[] {
    const ids: number[] = [];
    for (let rest = Buffer.from(text); rest.length > 0;) {
      const fitting = this.bytes.flatMap((bytes, id) => (rest.subarray(0, bytes.length).equals(bytes) ? [id] : []));
      const length = (id: number | undefined) => this.tokenBytes(id ?? -1).length;
      const best = fitting.sort((a, b) => length(b) - length(a))[0];
      if (best === undefined) throw new Error(`no piece for ${rest.toString()}`);
      ids.push(best);
      rest = rest.subarray(length(best));
    }
    return ids;
  }

  decode(tokenIds: readonly number[]): string {
    return Buffer.concat(tokenIds.map((id) => this.tokenBytes(id))).toString();
  }

  tokenBytes(tokenId: number): Uint8Array {
    return this.bytes[tokenId] ?? new Uint8Array();
  }
}

/** Of a model whose only special token, the first piece, separates the title and ends the text. */
export const pieceManifest = {
  contextLength: 40,
  promptLayout: 'title-separator-text',
  tokenizer: { kind: 'sentencepiece-unigram', file: '' },
  specialTokens: { unknown: 0, start: null, endOfText: [0], separator: 0, banned: [] },
} as unknown as Manifest;
