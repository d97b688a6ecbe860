/**
 * The pieces of a SentencePiece `.model` file, for the special tokens; the tokenizer itself reads the file again.
 * Field numbers: https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto.
 */
import { PbfReader } from 'pbf';
import { EngineError } from '../errors';

export interface Piece {
  piece: string;
  type: PieceType;
}

export type PieceType = 'normal' | 'unknown' | 'control' | 'userDefined' | 'unused' | 'byte';
const types: PieceType[] = ['normal', 'unknown', 'control', 'userDefined', 'unused', 'byte'];
const unigram = 1;

/** @returns the pieces by id. @throws EngineError 'checkpoint-invalid' unless it is a Unigram model. */
export function readPieces(model: Uint8Array): Piece[] {
  const pieces: Piece[] = [];
  let modelType = unigram;
  try {
    new PbfReader(model).readFields((tag, _, pbf) => {
      if (tag === 1) pieces.push(pbf.readMessage(readPiece, { piece: '', type: 'normal' }));
      if (tag === 2)
        pbf.readMessage((field, _trainer, inner) => {
          if (field === 3) modelType = inner.readVarint();
        }, undefined);
    }, undefined);
  } catch (cause) {
    throw new EngineError('checkpoint-invalid', 'tokenizer.model is not a SentencePiece model', { cause });
  }
  if (pieces.length === 0) throw new EngineError('checkpoint-invalid', 'tokenizer.model has no pieces');
  if (modelType !== unigram)
    throw new EngineError('checkpoint-invalid', `tokenizer.model has type ${modelType}; only Unigram (1) can be used`);
  return pieces;
}

function readPiece(tag: number, piece: Piece, pbf: PbfReader): void {
  if (tag === 1) piece.piece = pbf.readString();
  if (tag === 3) piece.type = types[pbf.readVarint() - 1] ?? 'unused';
}
