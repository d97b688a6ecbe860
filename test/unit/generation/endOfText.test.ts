/** Where a model may end a text by itself, token by token. */
import assert from 'node:assert/strict';
import { Continuation } from '../../../src/generation/continuation';
import type { Manifest, TokenizerKind } from '../../../src/manifest';
import { resolveOptions } from '../../../src/options';
import { PieceTokenizer } from './pieceTokenizer';

const end = '<eod>';
const pieces = ['天', '好', ',', '!', '?', '...', '。', '”', end];

describe('the model’s own end of text', () => {
  /** Writes these tokens, after which the model is all for the end. @returns the text, when it ends there. */
  function ended(kind: TokenizerKind, tokens: string[], minCharacters: number): string | null {
    const specialTokens = { unknown: null, start: null, separator: null, endOfText: [pieces.indexOf(end)], banned: [] };
    const manifest = { contextLength: 50, promptLayout: 'text', specialTokens, tokenizer: { kind, file: '' } };
    const tokenizer = new PieceTokenizer(pieces);
    const parts = { healer: null, lineStart: null, learnt: null, table: null };
    const continuation = new Continuation(
      { ...parts, tokenizer, manifest: manifest as unknown as Manifest },
      { titleIds: [], textIds: [0], fromStart: true },
      resolveOptions({ temperature: 0, stopAt: 'sentence', minCharacters }),
    );
    const deltas = [...tokens, end].map((token) => {
      assert.equal(continuation.finishReason, null);
      return continuation.step(Float32Array.from(pieces, (piece) => (piece === token ? 9 : piece === '天' ? 1 : 0)));
    });
    if (continuation.finishReason !== 'endOfText') return null;
    return [...deltas, continuation.end()].map((delta) => delta?.text ?? '').join('');
  }

  it('is taken behind ！？…… and a quote, which a CPM stream holds back as they depend on what follows', () => {
    for (const kind of ['cpm-hf46', 'cpm-thu'] as const) {
      assert.equal(ended(kind, ['好', '!'], 1), '好！');
      assert.equal(ended(kind, ['好', '?', '!'], 1), '好？！');
      assert.equal(ended(kind, ['好', '...'], 1), '好……');
      assert.equal(ended(kind, ['好', '!', '”'], 1), '好！”');
      assert.equal(ended(kind, ['好', '。'], 1), '好。');
    }
  });

  it('is not taken in the middle of a sentence, nor before there are so many 字', () => {
    for (const tokens of [['好'], ['好', ',']]) assert.equal(ended('cpm-hf46', tokens, 1), null);
    assert.equal(ended('cpm-hf46', ['好', '!'], 3), null);
    assert.equal(ended('sentencepiece-unigram', ['好', ','], 1), null);
    assert.equal(ended('sentencepiece-unigram', ['好', '!'], 1), '好!');
  });
});
