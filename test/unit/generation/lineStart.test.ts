import assert from 'node:assert/strict';
import { LineStart } from '../../../src/generation/lineStart';
import { PieceTokenizer } from './pieceTokenizer';

const pieces = ['春', '，', '”他', ',', '\n', ' ', '“', '　　', '……', '-', '3.5', '。\n'];
const tokenizer = new PieceTokenizer(pieces);
const lineStart = new LineStart(tokenizer);
const logits = Float32Array.from(pieces, (_, id) => id);

/** The pieces that can come after `text`. */
function possible(text: string): string[] {
  const textIds = tokenizer.encode(text);
  const allowed = lineStart.isAt(textIds) ? lineStart.only(logits, textIds) : logits;
  return pieces.filter((_, id) => allowed[id] === logits[id]);
}

describe('LineStart', () => {
  it('lets no line begin with what closes or goes on, nor with an indent, nor be empty, and no text with blank', () => {
    assert.deepEqual(possible(''), ['春', '“', '……', '-', '3.5']);
    assert.deepEqual(possible('春。\n'), ['春', ' ', '“', '……', '-', '3.5']);
    assert.deepEqual(possible('春'), pieces);
    assert.deepEqual([...logits], Array.from(pieces.keys()));
  });
});
