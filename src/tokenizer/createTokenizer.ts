/** The one door into this room: a manifest's tokenizer kind and its file → a `Tokenizer`. */
import type { TokenizerKind } from '../manifest';
import { parseSentencePieceModel } from './sentencePieceModel';
import { SentencePieceTokenizer } from './sentencePieceTokenizer';
import type { Tokenizer } from './tokenizer';

const factories: Record<TokenizerKind, (bytes: Uint8Array) => Tokenizer | Promise<Tokenizer>> = {
  'sentencepiece-unigram': (bytes) => new SentencePieceTokenizer(parseSentencePieceModel(bytes)),
};

/** Rejects with EngineError 'model-invalid' when `bytes`, the tokenizer's file, is damaged or of another kind. */
export async function createTokenizer(kind: TokenizerKind, bytes: Uint8Array): Promise<Tokenizer> {
  return await factories[kind](bytes);
}
