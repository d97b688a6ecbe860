/**
 * Reader of SentencePiece `.model` files: a protobuf `ModelProto` (google/sentencepiece, src/sentencepiece_model.proto),
 * of which we keep what encoding and decoding need. Only Unigram models are accepted.
 */
import { PbfReader } from 'pbf';
import { EngineError } from '../errors';

/** Numbers as in the file (`ModelProto.SentencePiece.Type`). */
export const PieceType = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;
export type PieceType = (typeof PieceType)[keyof typeof PieceType];

export interface Piece {
  piece: string;
  /** Log probability; 0 for pieces that are not NORMAL. */
  score: number;
  type: PieceType;
}

export interface NormalizerSpec {
  /** "identity", "nmt_nfkc", …; the rules themselves are in `precompiledCharsmap`. */
  name: string;
  /** Empty where normalisation is the identity; else see `charsMap.ts`. */
  precompiledCharsmap: Uint8Array;
  addDummyPrefix: boolean;
  removeExtraWhitespaces: boolean;
  escapeWhitespaces: boolean;
}

export interface SentencePieceModel {
  /** The index is the token id. */
  pieces: Piece[];
  unknownId: number;
  byteFallback: boolean;
  /** What an unknown piece decodes to. */
  unknownSurface: string;
  normalizer: NormalizerSpec;
}

const unigramModelType = 1;

interface TrainerFields {
  modelType: number;
  treatWhitespaceAsSuffix: boolean;
  byteFallback: boolean;
  unknownSurface: string;
}

interface RawModel {
  pieces: Piece[];
  trainer: TrainerFields | null;
  normalizer: NormalizerSpec | null;
  denormalizes: boolean;
}

/** @throws EngineError 'model-invalid' saying what is wrong with the file. */
export function parseSentencePieceModel(bytes: Uint8Array): SentencePieceModel {
  let raw: RawModel;
  try {
    raw = readModel(bytes);
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw invalid('damaged or not a SentencePiece file', cause);
  }
  const { pieces, trainer, normalizer } = raw;
  if (pieces.length === 0) throw invalid('no pieces (empty file, or not a SentencePiece file)');
  // Both are written after the pieces: a file cut between two fields has neither.
  if (!trainer || !normalizer) throw invalid(`${trainer ? 'normalizer' : 'trainer'} spec missing (file cut short?)`);
  if (trainer.modelType !== unigramModelType)
    throw invalid(`model type ${trainer.modelType} is not supported (this version reads Unigram, type 1)`);
  if (trainer.treatWhitespaceAsSuffix) throw invalid('treat_whitespace_as_suffix is not supported');
  if (raw.denormalizes) throw invalid('denormalization rules are not supported');
  return {
    pieces,
    unknownId: checkPieces(pieces, trainer.byteFallback),
    byteFallback: trainer.byteFallback,
    unknownSurface: trainer.unknownSurface,
    normalizer,
  };
}

/** The byte that a piece like "<0x0A>" stands for, or -1. */
export function byteOfPiece(piece: string): number {
  return /^<0x[0-9A-F]{2}>$/.test(piece) ? Number.parseInt(piece.slice(3, 5), 16) : -1;
}

/** The same demands as the reference library's `InitializePieces`. Returns the unknown piece's id. */
function checkPieces(pieces: readonly Piece[], byteFallback: boolean): number {
  const matchable = new Set<string>();
  const reserved = new Set<string>();
  const bytesFound = new Set<number>();
  let unknownId = -1;
  for (const [id, { piece, score, type }] of pieces.entries()) {
    if (piece === '') throw invalid(`piece ${id} is empty`);
    if (piece.includes('\0')) throw invalid(`piece ${id} contains a null character`);
    if (!Number.isFinite(score)) throw invalid(`piece ${id} has the score ${score}`);
    const names =
      type === PieceType.normal || type === PieceType.userDefined || type === PieceType.unused ? matchable : reserved;
    if (names.has(piece)) throw invalid(`piece ${id} ${JSON.stringify(piece)} is defined twice`);
    names.add(piece);
    if (type === PieceType.unknown) {
      if (unknownId >= 0) throw invalid(`two unknown pieces, ${unknownId} and ${id}`);
      unknownId = id;
    } else if (type === PieceType.byte) {
      const byte = byteOfPiece(piece);
      if (byte < 0) throw invalid(`piece ${id} ${JSON.stringify(piece)} is not a byte`);
      if (!byteFallback) throw invalid(`piece ${id} is a byte although byte_fallback is off`);
      bytesFound.add(byte);
    }
  }
  if (unknownId < 0) throw invalid('no unknown piece');
  if (byteFallback && bytesFound.size !== 256)
    throw invalid(`byte_fallback is on but only ${bytesFound.size} of 256 byte pieces are there`);
  return unknownId;
}

function readModel(bytes: Uint8Array): RawModel {
  const pbf = new PbfReader(bytes);
  const model: RawModel = { pieces: [], trainer: null, normalizer: null, denormalizes: false };
  pbf.readFields((tag) => {
    if (tag === 1) model.pieces.push(readPiece(pbf));
    else if (tag === 2) model.trainer = readTrainer(pbf);
    else if (tag === 3) model.normalizer = readNormalizer(pbf);
    else if (tag === 5) model.denormalizes = readNormalizer(pbf).precompiledCharsmap.length > 0;
  }, null);
  if (pbf.pos !== bytes.length) throw invalid('file cut short');
  return model;
}

function readPiece(pbf: PbfReader): Piece {
  const piece: Piece = { piece: '', score: 0, type: PieceType.normal };
  readMessage(pbf, (tag) => {
    if (tag === 1) piece.piece = readText(pbf);
    else if (tag === 2) piece.score = pbf.readFloat();
    else if (tag === 3) piece.type = pieceType(pbf.readVarint());
  });
  return piece;
}

function pieceType(value: number): PieceType {
  if (value < PieceType.normal || value > PieceType.byte) throw invalid(`unknown piece type ${value}`);
  return value as PieceType;
}

function readTrainer(pbf: PbfReader): TrainerFields {
  const trainer: TrainerFields = {
    modelType: unigramModelType,
    treatWhitespaceAsSuffix: false,
    byteFallback: false,
    unknownSurface: ' \u2047 ',
  };
  readMessage(pbf, (tag) => {
    if (tag === 3) trainer.modelType = pbf.readVarint();
    else if (tag === 24) trainer.treatWhitespaceAsSuffix = pbf.readBoolean();
    else if (tag === 35) trainer.byteFallback = pbf.readBoolean();
    else if (tag === 44) trainer.unknownSurface = readText(pbf);
  });
  return trainer;
}

function readNormalizer(pbf: PbfReader): NormalizerSpec {
  const spec: NormalizerSpec = {
    name: '',
    precompiledCharsmap: new Uint8Array(0),
    addDummyPrefix: true,
    removeExtraWhitespaces: true,
    escapeWhitespaces: true,
  };
  readMessage(pbf, (tag) => {
    if (tag === 1) spec.name = readText(pbf);
    else if (tag === 2) spec.precompiledCharsmap = pbf.readBytes();
    else if (tag === 3) spec.addDummyPrefix = pbf.readBoolean();
    else if (tag === 4) spec.removeExtraWhitespaces = pbf.readBoolean();
    else if (tag === 5) spec.escapeWhitespaces = pbf.readBoolean();
  });
  return spec;
}

/** Like `pbf.readMessage`, which would read past a damaged length without a word. */
function readMessage(pbf: PbfReader, readField: (tag: number) => void): void {
  const length = pbf.readVarint();
  const end = pbf.pos + length;
  if (end > pbf.length) throw invalid('file cut short');
  pbf.readFields(readField, null, end);
  if (pbf.pos !== end) throw invalid('damaged: a field reaches beyond its message');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readText(pbf: PbfReader): string {
  const bytes = pbf.readBytes();
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  if (!text.includes('\ufffd')) return text;
  // A fatal TextDecoder costs half of the loading time, so it only judges the doubtful ones.
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw invalid('damaged: text is not UTF-8', cause);
  }
}

function invalid(what: string, cause?: unknown): EngineError {
  return new EngineError('model-invalid', `SentencePiece model: ${what}`, cause === undefined ? {} : { cause });
}
