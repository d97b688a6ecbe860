/** What a tokenizer's file says about a model's prompts: which tokens begin, divide and end texts, and which are no text. */
import { EngineError } from '../errors';
import type { Gpt2Config } from './gpt2Config';
import type { Manifest, TokenizerKind } from '../manifest';
import { isBertMarker, parseBertVocabulary, unknownToken } from '../tokenizer/bertTokenizer';
import { parseByteBpeFile } from '../tokenizer/byteBpeFile';
import { parseSentencePieceModel, PieceType, type SentencePieceModel } from '../tokenizer/sentencePieceModel';

export interface Vocabulary extends Omit<Manifest['specialTokens'], 'banned'> {
  size: number;
  /** Tokens that stand for no text, those above included. */
  markers: number[];
  /** SentencePiece with CPM's pieces for spaces and line breaks. */
  isCpm: boolean;
}

const endOfTextNames = ['<eod>', '</s>', '<|endoftext|>', '<eos>', '[EOS]'];
const separatorName = '<sep>';

/** @throws EngineError 'checkpoint-invalid' naming the file. */
export function readVocabulary(kind: TokenizerKind, file: Uint8Array, name: string): Vocabulary {
  try {
    switch (kind) {
      case 'sentencepiece-unigram':
      case 'cpm-thu':
      case 'cpm-hf46':
        return sentencePieceVocabulary(parseSentencePieceModel(file));
      case 'bert':
      case 'bert-uncased':
        return bertVocabulary(parseBertVocabulary(file));
      case 'byte-bpe':
        return byteBpeVocabulary(file);
    }
  } catch (cause) {
    const { message } = EngineError.from(cause);
    throw new EngineError('checkpoint-invalid', `${name}: ${message}`, { cause, fault: 'tokenizer', subject: name });
  }
}

type Pieces = Pick<SentencePieceModel, 'pieces' | 'unknownId'>;

export function sentencePieceVocabulary({ unknownId, pieces: inFile }: Pieces): Vocabulary {
  const pieces = [...inFile];
  const named = (name: string): number => pieces.findIndex(({ piece }) => piece === name);
  const isCpm = ['▂', '▃', '<eod>', separatorName].every((name) => named(name) >= 0);
  const idOf = (name: string): number =>
    pieces.findIndex(({ piece, type }) => piece === name && type !== PieceType.normal);
  const separator = idOf(separatorName);
  const isMarker = (type: PieceType, id: number) =>
    type === PieceType.control || type === PieceType.unused || id === separator;
  return {
    size: pieces.length,
    unknown: unknownId,
    start: null,
    separator: separator < 0 ? null : separator,
    // CPM's <eod> is an ordinary piece to SentencePiece, and its </s> was never used.
    endOfText: isCpm ? [named('<eod>')] : endOfTextNames.map(idOf).filter((id) => id >= 0),
    markers: [...pieces.entries()].filter(([id, { type }]) => isMarker(type, id)).map(([id]) => id),
    isCpm,
  };
}

function bertVocabulary(tokens: readonly string[]): Vocabulary {
  const idOf = (name: string): number | null => (tokens.includes(name) ? tokens.indexOf(name) : null);
  const end = idOf('[SEP]');
  return {
    size: tokens.length,
    unknown: idOf(unknownToken),
    start: idOf('[CLS]'),
    separator: null,
    endOfText: end === null ? [] : [end],
    markers: [...tokens.entries()].filter(([, token]) => isBertMarker(token)).map(([id]) => id),
    isCpm: false,
  };
}

function byteBpeVocabulary(file: Uint8Array): Vocabulary {
  const { model, added_tokens: added } = parseByteBpeFile(file);
  const ids = new Map([...Object.entries(model.vocab), ...added.map(({ content, id }) => [content, id] as const)]);
  const special = added.filter((token) => token.special).map(({ id }) => id);
  const endOfText = endOfTextNames.flatMap((name) => ids.get(name) ?? []);
  return {
    size: [...ids.values()].reduce((largest, id) => Math.max(largest, id), -1) + 1,
    unknown: null,
    start: null,
    separator: null,
    endOfText,
    markers: [...new Set([...special, ...endOfText])],
    isCpm: false,
  };
}

/**
 * Rows of the token table without a token are banned, as they stand for no text.
 * @param file the tokenizer's, for a message
 * @throws EngineError 'checkpoint-invalid' when a token has no row.
 */
export function specialTokens(
  { size, unknown, start, separator, markers }: Omit<Vocabulary, 'endOfText' | 'isCpm'>,
  endOfText: readonly number[],
  { vocabSize, opening }: Pick<Gpt2Config, 'vocabSize' | 'opening'>,
  file?: string,
): Manifest['specialTokens'] {
  if (size > vocabSize)
    throw new EngineError(
      'checkpoint-invalid',
      `the tokenizer has ${size} tokens, but config.json says vocab_size ${vocabSize}`,
      { fault: 'tokenizer', subject: file },
    );
  const beyond = endOfText.find((id) => !(Number.isSafeInteger(id) && id >= 0 && id < vocabSize));
  if (beyond !== undefined)
    throw new EngineError('checkpoint-invalid', `end of text ${beyond} is not a token id below ${vocabSize}`);
  const rowsWithoutToken = Array.from({ length: vocabSize - size }, (_, i) => size + i);
  const banned = [...markers, ...rowsWithoutToken].filter((id) => id !== unknown && !endOfText.includes(id));
  const ofText = separator === null || opening === undefined ? {} : { opening };
  return { unknown, start, endOfText: [...endOfText], separator, ...ofText, banned };
}
