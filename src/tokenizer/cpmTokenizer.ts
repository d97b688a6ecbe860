/**
 * The tokenizer of CPM models: jieba's words, spaces between them, then SentencePiece with the model's own normaliser.
 *
 *     "天气 不错\n" → 天气│ │不错│\n → "天气 ▂ 不错 ▃" → [▁天气, ▁, ▂, ▁不错, ▁, ▃]
 *
 * Two variants exist, and a checkpoint needs the one it was trained with: "thu" (TsinghuaAI/CPM-1-Generate) and "hf46"
 * (CpmTokenizer of Hugging Face transformers 4.6, used by yangjianxin1/CPM and leeguandong/CPM), which strips accents.
 */
import { spaceSymbol } from './normalizer';
import type { SentencePieceModel } from './sentencePieceModel';
import { SentencePieceTokenizer } from './sentencePieceTokenizer';
import type { Tokenizer } from './tokenizer';
import { bytesIn, tableOf, type TokenTable } from './tokenTable';

export type CpmVariant = 'thu' | 'hf46';

/** Cuts a text into words whose concatenation is the text. */
export interface Segmenter {
  cut(text: string): string[];
}

const spaceMark = '▂'; // U+2582
const newlineMark = '▃'; // U+2583
/** As `unmarked` has it. */
const marks = { ' ': '', [spaceMark]: ' ', [newlineMark]: '\n' };

export class CpmTokenizer implements Tokenizer {
  readonly vocabSize: number;
  private madeTable: TokenTable | null = null;
  private readonly sentencePiece: SentencePieceTokenizer;

  constructor(
    private readonly model: SentencePieceModel,
    private readonly segmenter: Segmenter,
    private readonly variant: CpmVariant,
  ) {
    this.sentencePiece = new SentencePieceTokenizer(model);
    this.vocabSize = this.sentencePiece.vocabSize;
  }

  get table(): TokenTable {
    return (this.madeTable ??= this.makeTable());
  }

  encode(text: string): number[] {
    const words = this.segmenter.cut(text.replace(/\p{Surrogate}/gu, '\ufffd'));
    return this.sentencePiece.encode(this.prepared(words.map(marked).join(' ')));
  }

  spelt(text: string): string {
    return unmarked(this.sentencePiece.spelt(this.prepared(marked(text))));
  }

  /**
   * Not the inverse of `encode`: the normaliser has made full-width punctuation half-width (`restorePunctuation` undoes
   * that) and merged other compatibility characters; what the vocabulary lacks is gone.
   */
  decode(tokenIds: readonly number[]): string {
    return tokenIds.map((id) => this.textOf(id)).join('');
  }

  tokenBytes(tokenId: number): Uint8Array {
    if (!Number.isInteger(tokenId) || tokenId < 0 || tokenId >= this.vocabSize)
      throw new RangeError(`token id ${tokenId} is not in 0 … ${this.vocabSize - 1}`);
    return bytesIn(this.table, tokenId);
  }

  /** "▁天气", and "▁" alone before a word that no token begins. */
  beginsWord(tokenId: number): boolean {
    return this.sentencePiece.textOf(tokenId).startsWith(' ');
  }

  private prepared(text: string): string {
    return this.variant === 'hf46' ? likeHuggingFace(text) : text;
  }

  private makeTable(): TokenTable {
    const escaped = this.model.normalizer.escapeWhitespaces ? { [spaceSymbol]: '' } : {};
    return tableOf(this.model, { ...marks, ...escaped }, false);
  }

  private textOf(id: number): string {
    return unmarked(this.sentencePiece.textOf(id));
  }
}

function marked(word: string): string {
  return word.replaceAll(' ', spaceMark).replaceAll('\n', newlineMark);
}

/** Spaces stand between words only. */
function unmarked(text: string): string {
  return text.replaceAll(' ', '').replaceAll(spaceMark, ' ').replaceAll(newlineMark, '\n');
}

/** What Python's `str.split()` splits at. */
const pythonWhitespace = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g; // eslint-disable-line no-control-regex

/** `XLNetTokenizer.preprocess_text` of transformers 4.6 with the settings of CPM: whitespace, NFKD, no accents. */
function likeHuggingFace(text: string): string {
  const collapsed = text.replace(pythonWhitespace, ' ').replace(/^ | $/g, '');
  const quoted = collapsed.replaceAll('``', '"').replaceAll("''", '"');
  return quoted.normalize('NFKD').replace(/\p{Mark}/gu, (mark) => (isCombining(mark) ? '' : mark));
}

/**
 * Whether a mark's canonical combining class is not 0 (Python's `unicodedata.combining`), which JavaScript does not tell
 * but shows: normalisation sorts marks by class, and U+0345 has the highest class of all, 240.
 */
function isCombining(mark: string): boolean {
  return mark === '\u0345' || `\u0345${mark}`.normalize('NFD') !== `\u0345${mark}`;
}
