/** What the tokenizer's pieces say about the model's prompts. */
import { EngineError } from '../errors';
import type { Manifest } from '../manifest';
import type { Piece } from './sentencePiecePieces';

const endOfTextNames = ['<eod>', '</s>', '<|endoftext|>', '<eos>', '[EOS]'];
const separatorName = '<sep>';

/**
 * @param vocabSize rows of the token table; rows without a piece are banned, as they stand for no text.
 * @throws EngineError 'checkpoint-invalid' when a piece has no row, or none is the unknown one.
 */
export function specialTokens(
  pieces: readonly Piece[],
  vocabSize: number,
): Pick<Manifest, 'specialTokens' | 'promptLayout'> {
  if (pieces.length > vocabSize)
    throw new EngineError(
      'checkpoint-invalid',
      `tokenizer.model has ${pieces.length} pieces, but config.json says vocab_size ${vocabSize}`,
    );
  const unknown = pieces.findIndex(({ type }) => type === 'unknown');
  if (unknown < 0) throw new EngineError('checkpoint-invalid', 'tokenizer.model has no unknown piece');
  const idOf = (name: string): number => pieces.findIndex(({ piece, type }) => piece === name && type !== 'normal');
  const endOfText = endOfTextNames.map(idOf).filter((id) => id >= 0);
  const separator = idOf(separatorName);
  const banned: number[] = [];
  for (let id = 0; id < vocabSize; id++) {
    const type = pieces[id]?.type ?? 'unused';
    const marker = type === 'control' || type === 'unused' || id === separator;
    if (marker && !endOfText.includes(id)) banned.push(id);
  }
  return {
    specialTokens: { unknown, endOfText, separator: separator < 0 ? null : separator, banned },
    promptLayout: separator < 0 ? 'text' : 'title-separator-text',
  };
}
