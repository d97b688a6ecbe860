/**
 * The Unigram encoder: the most probable segmentation of a normalised text into pieces.
 *
 * Viterbi over UTF-16 offsets, one pass, after `Model::EncodeOptimized` of google/sentencepiece (unigram_model.cc). Sums
 * are in double precision and in a tie the earlier start wins, as in its release 0.2.3: both decide which ids come out.
 *
 *     offset    0        1        2        3
 *               今 ─天─▶ 天 ─天─▶ 天 ─气─▶      bestScore[end] = max over pieces text[start, end)
 *               └──── 今天 ────▶                              of bestScore[start] + score
 *                        └──── 天气 ────▶
 */
import { PieceTrie } from './pieceTrie';
import { PieceType } from './pieces';
import type { SentencePieceModel } from './sentencePieceModel';

/** How much worse than the worst piece an unknown character is (`kUnkPenalty`). */
const unknownPenalty = 10;
/** `max_score_` starts from C's FLT_MIN, the smallest positive number, and so is never negative. */
const smallestFloat = 2 ** -126;

/** A span of the normalised text: code units [start, end). */
export type EmitPiece = (tokenId: number, start: number, end: number) => void;

export class UnigramEncoder {
  private readonly trie: PieceTrie;
  private readonly scores: Float64Array; // [vocabSize]
  private readonly types: Uint8Array; // [vocabSize]; unused pieces are never chosen
  private readonly unknownScore: number;
  private readonly unknownId: number;

  constructor({ pieces, trie, unknownId }: SentencePieceModel) {
    const { types, scores } = pieces;
    let minScore = Infinity;
    let maxScore = smallestFloat;
    for (let id = 0; id < pieces.length; id++) {
      if (types[id] !== PieceType.normal) continue;
      const score = scores[id] as number;
      if (score < minScore) minScore = score;
      if (score > maxScore) maxScore = score;
    }
    this.unknownId = unknownId;
    this.unknownScore = Math.fround((minScore === Infinity ? 0 : minScore) - unknownPenalty);
    this.scores = new Float64Array(scores);
    for (const id of pieces.ofType(PieceType.userDefined)) {
      const numBytes = (pieces.ends[id] as number) - (pieces.starts[id] as number);
      this.scores[id] = Math.fround(numBytes * maxScore) - 0.1;
    }
    this.types = types;
    this.trie = trie;
  }

  /** Calls `emit` for each piece from left to right; an unknown character comes alone, as the unknown id. */
  encode(text: string, emit: EmitPiece): void {
    const { trie, scores, types, unknownId, unknownScore } = this;
    const size = text.length;
    const bestScore = new Float64Array(size + 1); // [end]
    const bestStart = new Int32Array(size + 1).fill(-1); // [end], -1 = not reached
    const bestId = new Int32Array(size + 1); // [end]
    let start = 0;
    while (start < size) {
      const scoreHere = bestScore[start] as number;
      const unit = text.charCodeAt(start);
      const charLength = isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(start + 1)) ? 2 : 1;
      let hasWholeChar = false;
      let node = trie.step(PieceTrie.root, unit);
      for (let end = start + 1; node >= 0; end++) {
        const id = trie.idAt(node);
        if (id >= 0 && types[id] !== PieceType.unused) {
          const score = (scores[id] as number) + scoreHere;
          if (bestStart[end] === -1 || score > (bestScore[end] as number)) {
            bestScore[end] = score;
            bestStart[end] = start;
            bestId[end] = id;
          }
          if (end - start === charLength) hasWholeChar = true;
        }
        if (end >= size) break;
        node = trie.step(node, text.charCodeAt(end));
      }
      const end = start + charLength;
      if (!hasWholeChar) {
        const score = unknownScore + scoreHere;
        if (bestStart[end] === -1 || score > (bestScore[end] as number)) {
          bestScore[end] = score;
          bestStart[end] = start;
          bestId[end] = unknownId;
        }
      }
      start = end;
    }

    const ends = new Int32Array(size); // the best path from right to left
    let numPieces = 0;
    for (let end = size; end > 0; end = bestStart[end] as number) ends[numPieces++] = end;
    for (let index = numPieces - 1; index >= 0; index--) {
      const end = ends[index] as number;
      emit(bestId[end] as number, bestStart[end] as number, end);
    }
  }
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

/** False for NaN, which `charCodeAt` gives past the end. */
function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}
