/**
 * Token bytes → text that never has to be taken back: a character is passed on when its last byte is there.
 * (With byte fallback 龘 is three tokens; the first two alone are no text.)
 */
import type { TokenizerKind } from '../manifest';
import { PunctuationRestorer } from '../tokenizer/restorePunctuation';
import { joinPiece } from '../tokenizer/wordSpacing';

export interface TextStream {
  /** @returns the text that these bytes complete, often empty in the middle of a character. */
  push(bytes: Uint8Array): string;
  /** What `end` would return now. */
  readonly held: string;
  /** @returns what was held back until now and needs nothing to follow; an incomplete character is dropped. */
  end(): string;
}

/** @param before the text that the stream continues, or its end */
export function newTextStream(kind: TokenizerKind, before: string): TextStream {
  switch (kind) {
    case 'sentencepiece-unigram':
    case 'byte-bpe':
      return new ByteStream();
    case 'cpm-thu':
    case 'cpm-hf46':
      return new CpmStream(before);
    case 'bert':
    case 'bert-uncased':
      return new WordStream(before);
  }
}

class ByteStream implements TextStream {
  readonly held = '';
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  push(bytes: Uint8Array): string {
    // A small model may begin a character byte by byte and not end it; that is no text.
    return this.decoder.decode(bytes, { stream: true }).replaceAll('\ufffd', '');
  }

  end(): string {
    return '';
  }
}

/** CPM's vocabulary knows half-width punctuation only: ，！？：；（） come back as they belong into Chinese text. */
class CpmStream implements TextStream {
  private readonly bytes = new ByteStream();
  private readonly restorer: PunctuationRestorer;

  constructor(before: string) {
    this.restorer = new PunctuationRestorer(before);
  }

  push(bytes: Uint8Array): string {
    return this.restorer.push(this.bytes.push(bytes));
  }

  get held(): string {
    return this.restorer.held;
  }

  end(): string {
    return this.restorer.end();
  }
}

/** A BERT vocabulary's tokens bring no spaces; between Latin words there is one. */
class WordStream implements TextStream {
  readonly held = '';
  private readonly bytes = new ByteStream();

  /** @param before only its end is looked at */
  constructor(private before: string) {}

  push(bytes: Uint8Array): string {
    const text = joinPiece(this.before, this.bytes.push(bytes));
    this.before = (this.before + text).slice(-2);
    return text;
  }

  end(): string {
    return '';
  }
}
