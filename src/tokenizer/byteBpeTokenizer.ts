/**
 * Byte-level BPE (GPT-2 and its descendants): a `tokenizer.json` run by Hugging Face's own library. A Han character is
 * often two or three tokens, none of which is a character.
 */
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { EngineError } from '../errors';
import type { ByteBpeFile } from './byteBpeFile';
import type { Tokenizer } from './tokenizer';

export class ByteBpeTokenizer implements Tokenizer {
  readonly vocabSize: number;
  private readonly library: HuggingFaceTokenizer;
  private readonly bytes: Uint8Array[]; // [vocabSize]

  /** @throws EngineError 'model-invalid' when the library cannot read the file. */
  constructor(file: ByteBpeFile) {
    // Added tokens would be found in what a writer types; without them "<|endoftext|>" is ordinary text.
    const plain = { ...file, added_tokens: [], post_processor: null, truncation: null, padding: null };
    try {
      this.library = new HuggingFaceTokenizer(plain, {});
    } catch (cause) {
      throw new EngineError('model-invalid', `tokenizer.json: ${String(cause)}`, { cause });
    }
    this.bytes = [];
    const markers = new Set(file.added_tokens.map(({ content }) => content));
    for (const [token, id] of Object.entries(file.model.vocab))
      this.bytes[id] = markers.has(token) ? new Uint8Array() : bytesOf(token);
    for (const { id, content, special } of file.added_tokens)
      this.bytes[id] = special ? new Uint8Array() : new TextEncoder().encode(content);
    this.vocabSize = this.bytes.length;
  }

  encode(text: string): number[] {
    const wellFormed = text.replace(/\p{Surrogate}/gu, '\ufffd');
    return wellFormed === '' ? [] : this.library.encode(wellFormed, { add_special_tokens: false }).ids;
  }

  decode(tokenIds: readonly number[]): string {
    const bytes = Buffer.concat(tokenIds.map((id) => this.tokenBytes(id)));
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  }

  tokenBytes(tokenId: number): Uint8Array {
    if (!Number.isInteger(tokenId) || tokenId < 0 || tokenId >= this.vocabSize)
      throw new RangeError(`token id ${tokenId} is not in 0 … ${this.vocabSize - 1}`);
    return this.bytes[tokenId] ?? new Uint8Array();
  }
}

/**
 * GPT-2 writes each byte as a character that can be seen: those that can be stand for themselves, the others follow from
 * U+0100 on in their order.
 */
const byteOfCharacter = new Map<string, number>();
for (let byte = 0, next = 0x100; byte < 256; byte++) {
  const isVisible = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  byteOfCharacter.set(String.fromCharCode(isVisible ? byte : next++), byte);
}

function bytesOf(token: string): Uint8Array {
  return Uint8Array.from(token, (character) => {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) throw new EngineError('model-invalid', `tokenizer.json: ${token} does not spell bytes`);
    return byte;
  });
}
