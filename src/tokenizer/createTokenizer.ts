/** The one door into this room: a manifest's tokenizer kind and its file → a `Tokenizer`. */
import { EngineError } from '../errors';
import type { TokenizerKind } from '../manifest';
import { BertTokenizer, parseBertVocabulary } from './bertTokenizer';
import { parseByteBpeFile } from './byteBpeFile';
import { ByteBpeTokenizer } from './byteBpeTokenizer';
import { CpmTokenizer, type CpmVariant } from './cpmTokenizer';
import { JiebaSegmenter } from './jieba/jieba';
import { readJiebaDictionary } from './jieba/jiebaDictionary';
import { parseSentencePieceModel } from './sentencePieceModel';
import { SentencePieceTokenizer } from './sentencePieceTokenizer';
import type { Tokenizer } from './tokenizer';

/** Reads the packed jieba dictionary (`jieba/dictionary.bin.br`); called for CPM models only. */
export type LoadJiebaDictionary = () => Promise<Uint8Array>;

type Factory = (file: Uint8Array, loadDictionary: LoadJiebaDictionary) => Tokenizer | Promise<Tokenizer>;

const factories: Record<TokenizerKind, Factory> = {
  'sentencepiece-unigram': (file) => new SentencePieceTokenizer(parseSentencePieceModel(file)),
  'cpm-thu': (file, loadDictionary) => createCpmTokenizer(file, 'thu', loadDictionary),
  'cpm-hf46': (file, loadDictionary) => createCpmTokenizer(file, 'hf46', loadDictionary),
  bert: (file) => new BertTokenizer(parseBertVocabulary(file), false),
  'bert-uncased': (file) => new BertTokenizer(parseBertVocabulary(file), true),
  'byte-bpe': (file) => new ByteBpeTokenizer(parseByteBpeFile(file)),
};

/**
 * Rejects with EngineError 'model-invalid' when `file`, the tokenizer's file, or the dictionary is damaged or of another
 * kind, and with whatever `loadDictionary` rejects with.
 */
export async function createTokenizer(
  kind: TokenizerKind,
  file: Uint8Array,
  loadDictionary: LoadJiebaDictionary = noDictionary,
): Promise<Tokenizer> {
  return await factories[kind](file, loadDictionary);
}

async function createCpmTokenizer(
  file: Uint8Array,
  variant: CpmVariant,
  loadDictionary: LoadJiebaDictionary,
): Promise<Tokenizer> {
  // The file first: there is no use in loading a dictionary for a damaged one.
  const model = parseSentencePieceModel(file);
  return new CpmTokenizer(model, new JiebaSegmenter(readJiebaDictionary(await loadDictionary())), variant);
}

function noDictionary(): Promise<Uint8Array> {
  return Promise.reject(new EngineError('internal', 'a CPM tokenizer needs the jieba dictionary'));
}
