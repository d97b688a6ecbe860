/**
 * Reader of SentencePiece `.model` files: a protobuf `ModelProto` (google/sentencepiece, src/sentencepiece_model.proto),
 * of which we keep what encoding and decoding need. Only Unigram models are accepted.
 */
import { isUtf8 } from 'node:buffer';
import { PbfReader } from 'pbf';
import { EngineError } from '../errors';
import { Pieces, PieceType } from './pieces';
import { PieceTrie } from './pieceTrie';

export { PieceType };

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
  pieces: Pieces;
  /** What a text can be cut into: each normal, user-defined or unused piece with its id. */
  trie: PieceTrie;
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
  pieces: Pieces;
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
  const unknownId = checkReserved(pieces, trainer.byteFallback);
  return {
    pieces,
    trie: trieOf(pieces),
    unknownId,
    byteFallback: trainer.byteFallback,
    unknownSurface: trainer.unknownSurface,
    normalizer,
  };
}

/** The byte that a piece like "<0x0A>" stands for, or -1. */
export function byteOfPiece(piece: string): number {
  return /^<0x[0-9A-F]{2}>$/.test(piece) ? Number.parseInt(piece.slice(3, 5), 16) : -1;
}

/** Control, unknown and byte pieces never match text: a typed "<sep>" is five characters. */
const matchable = [PieceType.normal, PieceType.userDefined, PieceType.unused];
const reserved = [PieceType.unknown, PieceType.control, PieceType.byte];

/** With the reference library's demands on pieces (`InitializePieces`). */
function trieOf(pieces: Pieces): PieceTrie {
  return new PieceTrie(pieces, matchable, (id, why) => {
    if (why === 'not UTF-8') throw invalid('damaged: text is not UTF-8');
    if (why === 'no score') throw invalid(`piece ${id} has the score ${pieces.scores[id]}`);
    throw invalid(why === 'twice' ? `${namedPiece(id, pieces)} is defined twice` : `piece ${id} ${why}`);
  });
}

function namedPiece(id: number, pieces: Pieces): string {
  return `piece ${id} ${JSON.stringify(pieces.text(id))}`;
}

/** The few pieces that no text matches; the same demands. Returns the unknown piece's id. */
function checkReserved(pieces: Pieces, byteFallback: boolean): number {
  const names = new Set<string>();
  const bytesFound = new Set<number>();
  const unknown = pieces.ofType(PieceType.unknown);
  for (const id of reserved.flatMap((type) => pieces.ofType(type))) {
    if (!isUtf8(pieces.file.subarray(pieces.starts[id], pieces.ends[id]))) throw invalid('damaged: text is not UTF-8');
    const { piece, type } = pieces.at(id);
    if (piece === '') throw invalid(`piece ${id} is empty`);
    if (piece.includes('\0')) throw invalid(`piece ${id} contains a null character`);
    if (names.has(piece)) throw invalid(`${namedPiece(id, pieces)} is defined twice`);
    names.add(piece);
    if (type !== PieceType.byte) continue;
    const byte = byteOfPiece(piece);
    if (byte < 0) throw invalid(`${namedPiece(id, pieces)} is not a byte`);
    if (!byteFallback) throw invalid(`piece ${id} is a byte although byte_fallback is off`);
    bytesFound.add(byte);
  }
  if (unknown.length > 1) throw invalid(`two unknown pieces, ${unknown[0]} and ${unknown[1]}`);
  if (byteFallback && bytesFound.size !== 256)
    throw invalid(`byte_fallback is on but only ${bytesFound.size} of 256 byte pieces are there`);
  const [unknownId] = unknown;
  if (unknownId === undefined) throw invalid('no unknown piece');
  return unknownId;
}

function readModel(bytes: Uint8Array): RawModel {
  const pbf = new PbfReader(bytes);
  const model: Omit<RawModel, 'pieces'> = { trainer: null, normalizer: null, denormalizes: false };
  const list = new PieceList(bytes);
  while ((list.readUsual(pbf), pbf.pos < bytes.length)) {
    const tag = pbf.nextField();
    if (tag === 1) list.read(pbf);
    else if (tag === 2) model.trainer = readTrainer(pbf);
    else if (tag === 3) model.normalizer = readNormalizer(pbf);
    else if (tag === 5) model.denormalizes = readNormalizer(pbf).precompiledCharsmap.length > 0;
    else pbf.skip(pbf.type);
  }
  if (pbf.pos !== bytes.length) throw invalid('file cut short');
  return { ...model, pieces: list.pieces() };
}

/** Collects pieces. */
class PieceList {
  // A piece takes two bytes of the file or more. What is not written to takes no memory.
  private readonly starts: Uint32Array;
  private readonly ends: Uint32Array;
  private readonly scores: Float32Array;
  private readonly types: Uint8Array;
  private length = 0;

  constructor(private readonly file: Uint8Array) {
    const most = file.length >> 1;
    this.starts = new Uint32Array(most);
    this.ends = new Uint32Array(most);
    this.scores = new Float32Array(most);
    this.types = new Uint8Array(most);
  }

  pieces(): Pieces {
    const { file, length } = this;
    const [starts, ends] = [this.starts.slice(0, length), this.ends.slice(0, length)];
    return new Pieces(file, starts, ends, this.scores.slice(0, length), this.types.slice(0, length));
  }

  /**
   * Reads pieces as long as they look as nearly all do:
   *
   *     0a length │ 0a length text │ 15 score │ 18 type        the type where it is not NORMAL
   *
   * In one function, without the reader's: it runs once, before the compiler has seen it, and calls take most of the time
   * then.
   */
  readUsual(pbf: PbfReader): void {
    const { file, starts, ends, scores, types } = this;
    const score = new Uint8Array(scores.buffer);
    const last = file.length;
    let { length } = this;
    let at = pbf.pos;
    while (file[at] === 0x0a && file[at + 2] === 0x0a) {
      const end = at + 2 + (file[at + 1] as number);
      const textEnd = at + 4 + (file[at + 3] as number);
      // A length beyond 127 has two bytes.
      if (end - at >= 0x82 || end > last || file[textEnd] !== 0x15) break;
      let type: number = PieceType.normal;
      if (end !== textEnd + 5) {
        if (end !== textEnd + 7 || file[textEnd + 5] !== 0x18) break;
        type = file[textEnd + 6] as number;
        if (type < PieceType.normal || type > PieceType.byte) break;
      }
      starts[length] = at + 4;
      ends[length] = textEnd;
      const to = length * 4;
      score[to] = file[textEnd + 1] as number;
      score[to + 1] = file[textEnd + 2] as number;
      score[to + 2] = file[textEnd + 3] as number;
      score[to + 3] = file[textEnd + 4] as number;
      types[length++] = type;
      at = end;
    }
    this.length = length;
    pbf.pos = at;
  }

  /** Reads any other. */
  read(pbf: PbfReader): void {
    const end = endOfMessage(pbf);
    let textStart = end;
    let textEnd = end;
    let score = 0;
    let type: PieceType = PieceType.normal;
    for (let tag: number; (tag = pbf.nextField(end)) !== 0;) {
      if (tag === 1) {
        textEnd = endOfMessage(pbf);
        textStart = pbf.pos;
        pbf.pos = textEnd;
      } else if (tag === 2) score = pbf.readFloat();
      else if (tag === 3) type = pieceType(pbf.readVarint());
    }
    checkEnd(pbf, end);
    this.starts[this.length] = textStart;
    this.ends[this.length] = textEnd;
    this.scores[this.length] = score;
    this.types[this.length++] = type;
  }
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
  const end = endOfMessage(pbf);
  pbf.readFields(readField, null, end);
  checkEnd(pbf, end);
}

/** Reads the length of what comes. */
function endOfMessage(pbf: PbfReader): number {
  const length = pbf.readVarint();
  const end = pbf.pos + length;
  if (end > pbf.length) throw invalid('file cut short');
  return end;
}

function checkEnd(pbf: PbfReader, end: number): void {
  if (pbf.pos !== end) throw invalid('damaged: a field reaches beyond its message');
}

function readText(pbf: PbfReader): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(pbf.readBytes());
  } catch (cause) {
    throw invalid('damaged: text is not UTF-8', cause);
  }
}

function invalid(what: string, cause?: unknown): EngineError {
  return new EngineError('model-invalid', `SentencePiece model: ${what}`, cause === undefined ? {} : { cause });
}
