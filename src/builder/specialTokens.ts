/** What the tokenizer's pieces say about the model's prompts. */
import { EngineError } from '../errors';
import type { Manifest } from '../manifest';
import { PieceType, type SentencePieceModel } from '../tokenizer/sentencePieceModel';

const endOfTextNames = ['<eod>', '</s>', '<|endoftext|>', '<eos>', '[EOS]'];
const separatorName = '<sep>';

/**
 * @param vocabSize rows of the token table; rows without a piece are banned, as they stand for no text.
 * @throws EngineError 'checkpoint-invalid' when a piece has no row.
 */
export function specialTokens(
  { pieces, unknownId }: Pick<SentencePieceModel, 'pieces' | 'unknownId'>,
  vocabSize: number,
): Pick<Manifest, 'specialTokens' | 'promptLayout'> {
  if (pieces.length > vocabSize)
    throw new EngineError(
      'checkpoint-invalid',
      `tokenizer.model has ${pieces.length} pieces, but config.json says vocab_size ${vocabSize}`,
    );
  const idOf = (name: string): number =>
    pieces.findIndex(({ piece, type }) => piece === name && type !== PieceType.normal);
  const endOfText = endOfTextNames.map(idOf).filter((id) => id >= 0);
  const separator = idOf(separatorName);
  const banned: number[] = [];
  for (let id = 0; id < vocabSize; id++) {
    const type = pieces[id]?.type ?? PieceType.unused;
    const marker = type === PieceType.control || type === PieceType.unused || id === separator;
    if (marker && !endOfText.includes(id)) banned.push(id);
  }
  return {
    specialTokens: { unknown: unknownId, endOfText, separator: separator < 0 ? null : separator, banned },
    promptLayout: separator < 0 ? 'text' : 'title-separator-text',
  };
}
