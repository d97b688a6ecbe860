/** What tokens add to a text, judged by their pieces one by one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { Healer } from '../../../src/generation/healing';
import { CpmTokenizer } from '../../../src/tokenizer/cpmTokenizer';
import { byteOfPiece, parseSentencePieceModel, PieceType } from '../../../src/tokenizer/sentencePieceModel';
import type { Piece } from '../../../src/tokenizer/pieces';
import { SentencePieceTokenizer } from '../../../src/tokenizer/sentencePieceTokenizer';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer';
import { readBytes, readModel } from './fixtures';

const files: Record<string, () => Uint8Array> = {
  bytes: () => readModel('bytes'),
  collapsed: () => readModel('collapsed'),
  unusual: () => readModel('unusual'),
  builtin: () => readFileSync(join('models', 'builtin', 'tokenizer.model')),
  cpm: () => brotliDecompressSync(readBytes('cpm.model.br')),
};

describe('what tokens add to a text', () => {
  for (const [name, file] of Object.entries(files)) {
    const model = parseSentencePieceModel(file());
    const { escapeWhitespaces } = model.normalizer;
    const textOf = ({ piece, type }: Piece): string => {
      if (type === PieceType.control || type === PieceType.byte) return '';
      if (type === PieceType.unknown) return model.unknownSurface;
      return escapeWhitespaces ? piece.replaceAll('▁', ' ') : piece;
    };
    const pieces = [...model.pieces];

    it(`is its piece with spaces for ▁, or a byte: ${name}`, () => {
      const tokenizer = new SentencePieceTokenizer(model);
      pieces.forEach((piece, id) => {
        const isByte = piece.type === PieceType.byte;
        const expected = isByte ? Buffer.of(byteOfPiece(piece.piece)) : Buffer.from(textOf(piece));
        assert.deepEqual(Buffer.from(tokenizer.tokenBytes(id)), expected, piece.piece);
        assert.equal(tokenizer.textOf(id), textOf(piece), piece.piece);
      });
      assert.equal(tokenizer.table.starts.at(-1), tokenizer.table.bytes.length);
    });

    it(`is that without spaces, but for ▂ and ▃, as CPM's: ${name}`, () => {
      const tokenizer = new CpmTokenizer(model, { cut: (text) => [text] }, 'thu');
      pieces.forEach((piece, id) => {
        const expected = textOf(piece).replaceAll(' ', '').replaceAll('▂', ' ').replaceAll('▃', '\n');
        assert.equal(Buffer.from(tokenizer.tokenBytes(id)).toString(), expected, piece.piece);
        assert.equal(tokenizer.decode([id]), expected, piece.piece);
      });
      for (const id of [-1, pieces.length, 0.5]) assert.throws(() => tokenizer.tokenBytes(id), RangeError);
    });

    it(`decides what healing leaves possible: ${name}`, () => {
      for (const tokenizer of [
        new SentencePieceTokenizer(model),
        new CpmTokenizer(model, { cut: (text) => [text] }, 'thu'),
      ])
        assertHealsByDefinition(tokenizer);
    });
  }
});

/**
 * Whether `only` leaves the tokens that begin with the bytes, or with which these begin, and no others; as they were, but
 * for those that end within a token of what was typed.
 */
function assertHealsByDefinition(tokenizer: Tokenizer): void {
  const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id);
  const bytes = ids.map((id) => Buffer.from(tokenizer.tokenBytes(id)));
  // Without `table` it is taken together token by token.
  const { vocabSize } = tokenizer;
  const slow: Tokenizer = {
    vocabSize,
    encode: (text) => tokenizer.encode(text),
    decode: (tokens) => tokenizer.decode(tokens),
    tokenBytes: (id) => tokenizer.tokenBytes(id),
    ...(tokenizer.beginsWord ? { beginsWord: (id) => tokenizer.beginsWord?.(id) ?? false } : {}),
  };
  const healers = [new Healer(tokenizer), new Healer(slow)];
  const withText = ids.filter((id) => (bytes[id]?.length ?? 0) > 0);
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...withText), { minLength: 1, maxLength: 2 }), (taken) => {
      const required = Buffer.concat(taken.map((id) => bytes[id] as Buffer));
      const expected = ids.filter((id) => {
        const token = bytes[id] as Buffer;
        if (token.length === 0) return tokenizer.beginsWord?.(id) === true;
        const length = Math.min(token.length, required.length);
        return token.subarray(0, length).equals(required.subarray(0, length));
      });
      for (const healer of healers) {
        let end = 0;
        const ends = taken.map((id) => (end += bytes[id]?.length ?? 0));
        const left = healer.only(new Float32Array(vocabSize), { bytes: required, ends });
        assert.deepEqual(
          ids.filter((id) => (left[id] as number) > -Infinity),
          expected,
        );
        const { length } = required;
        const isStray = (id: number) => {
          const at = bytes[id]?.length ?? 0;
          return at > 0 && at < length && !ends.includes(at);
        };
        assert.deepEqual(
          ids.filter((id) => left[id] === 0),
          expected.filter((id) => !isStray(id)),
        );
      }
    }),
    { numRuns: 40, seed: 31 },
  );
}
