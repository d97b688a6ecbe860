/**
 * What SentencePiece does to a text before it looks for pieces: character map, whitespace, dummy prefix
 * (`Normalizer::Normalize` of google/sentencepiece, normalizer.cc, on UTF-16 instead of UTF-8).
 */
import { EngineError } from '../errors';
import { CharsMap } from './charsMap';
import { PieceTrie } from './pieceTrie';
import { PieceType } from './pieces';
import type { SentencePieceModel } from './sentencePieceModel';

/** U+2581, which stands for a space inside pieces. */
export const spaceSymbol = '▁';
/** A lone low surrogate stands for a typed "▁" where that must stay apart from a space: no piece can match it. */
export const typedSpaceSymbol = '\udc00';

export class Normalizer {
  private readonly charsMap: CharsMap | null;
  /** User-defined pieces pass unchanged; null where there is none. */
  private readonly userDefined: PieceTrie | null;
  private readonly space: string;

  constructor(private readonly model: SentencePieceModel) {
    const { precompiledCharsmap, escapeWhitespaces } = model.normalizer;
    this.charsMap = precompiledCharsmap.length > 0 ? new CharsMap(precompiledCharsmap) : null;
    const { pieces } = model;
    const hasSymbols = pieces.types.includes(PieceType.userDefined);
    this.userDefined = hasSymbols ? new PieceTrie(pieces, [PieceType.userDefined], refused) : null;
    this.space = escapeWhitespaces ? spaceSymbol : ' ';
  }

  /**
   * The text that is cut into pieces. Lone surrogates become U+FFFD. A typed "▁" becomes `typedSpaceSymbol` where the
   * model can spell it in bytes; the reference library takes it for a space, and the text comes back changed.
   */
  normalize(text: string): string {
    const { addDummyPrefix, removeExtraWhitespaces, escapeWhitespaces } = this.model.normalizer;
    let input = text.replace(/\p{Surrogate}/gu, '\ufffd');
    if (input === '') return '';
    if (this.model.byteFallback && escapeWhitespaces) input = replaced(input, spaceSymbol, typedSpaceSymbol);
    let output: string;
    if (removeExtraWhitespaces || this.charsMap) {
      const mapped = this.mapCharacters(input, removeExtraWhitespaces);
      // All of it was whitespace: not even the dummy prefix remains.
      if (mapped === null) return '';
      output = mapped;
    } else {
      output = replaced(input, ' ', this.space);
    }
    if (addDummyPrefix) output = this.space + output;
    if (removeExtraWhitespaces) {
      let end = output.length;
      while (output.endsWith(this.space, end) && end > 0) end -= 1;
      output = output.slice(0, end);
    }
    return output;
  }

  /** Null when `removeExtraWhitespaces` leaves nothing. */
  private mapCharacters(input: string, removeExtraWhitespaces: boolean): string | null {
    let at = 0;
    if (removeExtraWhitespaces) {
      while (at < input.length) {
        const length = this.prefixLength(input, at);
        if (this.prefixText !== ' ') break;
        at += length;
      }
      if (at === input.length) return null;
    }
    let output = '';
    let afterSpace = removeExtraWhitespaces;
    while (at < input.length) {
      at += this.prefixLength(input, at);
      let mapped = this.prefixText;
      if (afterSpace) mapped = mapped.replace(/^ +/, '');
      if (mapped === '') continue;
      afterSpace = removeExtraWhitespaces && mapped.endsWith(' ');
      output += mapped.includes(' ') ? mapped.replaceAll(' ', this.space) : mapped;
    }
    return output;
  }

  /** What `prefixLength` found to stand for the units it consumed. */
  private prefixText = '';

  /** Consumes a user-defined piece, the longest rule of the character map, or one character. Returns its length. */
  private prefixLength(input: string, at: number): number {
    const symbolLength = this.userDefined?.longestMatch(input, at) ?? 0;
    if (symbolLength > 0) {
      this.prefixText = input.slice(at, at + symbolLength);
      return symbolLength;
    }
    if (this.charsMap) {
      const ruleLength = this.charsMap.longestRule(input, at);
      if (ruleLength > 0) {
        this.prefixText = this.charsMap.replacement;
        return ruleLength;
      }
    }
    const length = (input.codePointAt(at) as number) > 0xffff ? 2 : 1;
    this.prefixText = input.slice(at, at + length);
    return length;
  }
}

function refused(id: number, why: string): never {
  throw new EngineError('internal', `piece ${id}: ${why}, though the model was read`);
}

/** `replaceAll`, whose time in V8 more than doubles when the text doubles, from some 300,000 matches on. */
function replaced(text: string, from: string, to: string): string {
  return text.includes(from) ? text.split(from).join(to) : text;
}
