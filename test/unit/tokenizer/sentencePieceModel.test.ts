import assert from 'node:assert/strict';
import { PbfWriter } from 'pbf';
import { EngineError } from '../../../src/errors';
import { createTokenizer } from '../../../src/tokenizer/createTokenizer';
import { parseSentencePieceModel, PieceType } from '../../../src/tokenizer/sentencePieceModel';
import { readModel } from './fixtures';

interface Parts {
  pieces?: { piece?: string; score?: number; type?: number; raw?: Uint8Array }[];
  trainer?: Record<number, number>;
  normalizer?: { charsmap?: Uint8Array } | null;
  denormalizer?: Uint8Array;
}

/** A model file of the given parts; by default the smallest one that is whole. */
function modelFile(parts: Parts = {}): Uint8Array {
  const pbf = new PbfWriter();
  const pieces = parts.pieces ?? [
    { piece: '<unk>', type: 2 },
    { piece: '春', score: -1 },
  ];
  for (const { piece = '', score, type, raw } of pieces) {
    const part = new PbfWriter();
    if (raw) part.writeBytesField(1, raw);
    else part.writeStringField(1, piece);
    if (score !== undefined) part.writeFloatField(2, score);
    if (type !== undefined) part.writeVarintField(3, type);
    pbf.writeBytesField(1, part.finish());
  }
  const trainer = new PbfWriter();
  for (const [tag, value] of Object.entries(parts.trainer ?? { 3: 1 })) trainer.writeVarintField(Number(tag), value);
  pbf.writeBytesField(2, trainer.finish());
  if (parts.normalizer !== null) {
    const normalizer = new PbfWriter();
    normalizer.writeStringField(1, 'identity');
    if (parts.normalizer?.charsmap) normalizer.writeBytesField(2, parts.normalizer.charsmap);
    pbf.writeBytesField(3, normalizer.finish());
  }
  if (parts.denormalizer) {
    const denormalizer = new PbfWriter();
    denormalizer.writeBytesField(2, parts.denormalizer);
    pbf.writeBytesField(5, denormalizer.finish());
  }
  return pbf.finish();
}

const unknown = { piece: '<unk>', type: 2 };

describe('SentencePiece model file', () => {
  it('reads pieces, flags and defaults', () => {
    const model = parseSentencePieceModel(readModel('bytes'));
    assert.deepEqual(model.pieces.at(0), { piece: '<unk>', score: 0, type: PieceType.unknown });
    assert.deepEqual(model.pieces.at(4), { piece: '<sep>', score: 0, type: PieceType.control });
    assert.equal(model.pieces.at(6).type, PieceType.userDefined);
    assert.equal(model.pieces.ofType(PieceType.byte).length, 256);
    assert.equal(model.unknownId, 0);
    assert.equal(model.byteFallback, true);
    assert.deepEqual(
      { ...model.normalizer, precompiledCharsmap: model.normalizer.precompiledCharsmap.length },
      {
        name: 'identity',
        precompiledCharsmap: 0,
        addDummyPrefix: false,
        removeExtraWhitespaces: false,
        escapeWhitespaces: true,
      },
    );
    const smallest = parseSentencePieceModel(modelFile());
    assert.deepEqual(smallest.pieces.at(1), { piece: '春', score: -1, type: PieceType.normal });
    assert.equal(smallest.unknownSurface, ' \u2047 ');
    assert.deepEqual(
      [smallest.normalizer.addDummyPrefix, smallest.normalizer.removeExtraWhitespaces, smallest.byteFallback],
      [true, true, false],
    );
  });

  const wrong: [what: string, file: Uint8Array, message: RegExp][] = [
    ['nothing', new Uint8Array(0), /no pieces/],
    ['a BPE model', modelFile({ trainer: { 3: 2 } }), /model type 2 is not supported/],
    ['spaces as suffixes', modelFile({ trainer: { 3: 1, 24: 1 } }), /treat_whitespace_as_suffix/],
    ['denormalisation rules', modelFile({ denormalizer: new Uint8Array(9) }), /denormalization/],
    ['no normaliser', modelFile({ normalizer: null }), /normalizer spec missing/],
    ['no unknown piece', modelFile({ pieces: [{ piece: '春' }] }), /no unknown piece/],
    ['two unknown pieces', modelFile({ pieces: [unknown, { piece: '?', type: 2 }] }), /two unknown pieces, 0 and 1/],
    ['an empty piece', modelFile({ pieces: [unknown, { piece: '' }] }), /piece 1 is empty/],
    ['a null character', modelFile({ pieces: [unknown, { piece: 'a\0' }] }), /piece 1 contains a null/],
    [
      'a piece twice',
      modelFile({ pieces: [unknown, { piece: '春' }, { piece: '春' }] }),
      /piece 2 "春" is defined twice/,
    ],
    [
      'a score that is no number',
      modelFile({ pieces: [unknown, { piece: '春', score: NaN }] }),
      /piece 1 has the score NaN/,
    ],
    ['an unknown type', modelFile({ pieces: [unknown, { piece: '春', type: 9 }] }), /unknown piece type 9/],
    ['a stray byte piece', modelFile({ pieces: [unknown, { piece: '<0x41>', type: 6 }] }), /byte_fallback is off/],
    ['a false byte piece', modelFile({ pieces: [unknown, { piece: '0x41', type: 6 }] }), /"0x41" is not a byte/],
    [
      'missing bytes',
      modelFile({ pieces: [unknown, { piece: '<0x41>', type: 6 }], trainer: { 3: 1, 35: 1 } }),
      /only 1 of 256/,
    ],
    ['text that is not UTF-8', modelFile({ pieces: [unknown, { raw: Uint8Array.of(0xff, 0xfe) }] }), /not UTF-8/],
    ['something else', new TextEncoder().encode('{"model":{"type":"BPE"}}'), /SentencePiece model: /],
  ];
  for (const [what, file, message] of wrong) {
    it(`says what is wrong: ${what}`, () => {
      assert.throws(
        () => parseSentencePieceModel(file),
        (error) => error instanceof EngineError && error.code === 'model-invalid' && message.test(error.message),
      );
    });
  }

  it('reads pieces that are written in another way than usual', () => {
    const part = (write: (pbf: PbfWriter) => void): Uint8Array => {
      const pbf = new PbfWriter();
      write(pbf);
      return pbf.finish();
    };
    const long = '春'.repeat(60);
    const pieces = [
      part((pbf) => {
        pbf.writeVarintField(3, 2); // the type first
        pbf.writeStringField(1, '<unk>');
      }),
      part((pbf) => {
        pbf.writeFloatField(2, -2);
        pbf.writeStringField(1, '夏');
        pbf.writeStringField(200, 'an extension');
      }),
      part((pbf) => pbf.writeStringField(1, '秋')), // without a score
      part((pbf) => {
        pbf.writeStringField(1, long); // a length of two bytes
        pbf.writeFloatField(2, -4.5);
      }),
      part((pbf) => {
        pbf.writeStringField(1, '冬😀');
        pbf.writeFloatField(2, -3);
        pbf.writeVarintField(3, 5);
      }),
    ];
    const file = part((pbf) => {
      pbf.writeStringField(9, 'an unknown field');
      for (const piece of pieces) pbf.writeBytesField(1, piece);
      pbf.writeStringField(10, 'another');
      pbf.writeBytesField(2, Uint8Array.of());
      pbf.writeBytesField(3, Uint8Array.of());
    });
    const model = parseSentencePieceModel(file);
    assert.deepEqual(
      [...model.pieces],
      [
        { piece: '<unk>', score: 0, type: PieceType.unknown },
        { piece: '夏', score: -2, type: PieceType.normal },
        { piece: '秋', score: 0, type: PieceType.normal },
        { piece: long, score: -4.5, type: PieceType.normal },
        { piece: '冬😀', score: -3, type: PieceType.unused },
      ],
    );
    assert.deepEqual(
      ['夏', '秋', long, `${long}😀`].map((text) => model.trie.longestMatch(text, 0)),
      [1, 1, 60, 60],
    );
    assert.deepEqual(
      ['冬😀', '冬\ud83d', '<unk>', '😀'].map((text) => model.trie.longestMatch(text, 0)),
      [3, 0, 0, 0],
    );
  });

  it('holds pieces that share no beginnings, more than it first has room for', () => {
    const letters = (i: number) => Array.from({ length: 12 }, (_, k) => String.fromCharCode(33 + ((i * (k + 7)) % 90)));
    const texts = [...new Set(Array.from({ length: 3000 }, (_, i) => `${letters(i).join('')}${i}`))];
    const { trie } = parseSentencePieceModel(modelFile({ pieces: [unknown, ...texts.map((piece) => ({ piece }))] }));
    texts.forEach((text, i) => {
      let node = 0;
      for (const unit of text.split('')) node = trie.step(node, unit.charCodeAt(0));
      assert.equal(trie.idAt(node), i + 1, text);
    });
  });

  it('rejects a file cut anywhere', () => {
    const whole = readModel('collapsed');
    for (let length = 0; length < whole.length; length += length < 300 ? 1 : 37)
      assert.throws(
        () => parseSentencePieceModel(whole.subarray(0, length)),
        (error) => error instanceof EngineError && error.code === 'model-invalid',
        `${length} of ${whole.length} bytes`,
      );
  });

  it('rejects a damaged character map, through createTokenizer too', async () => {
    for (const charsmap of [Uint8Array.of(1), Uint8Array.of(8, 0, 0, 0, 1, 2, 3, 4, 0), new Uint8Array(16)])
      await assert.rejects(
        createTokenizer('sentencepiece-unigram', modelFile({ normalizer: { charsmap } })),
        (error) => error instanceof EngineError && /character map/.test(error.message),
      );
  });

  it('never fails in another way on random damage', () => {
    const whole = readModel('bytes');
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 400; round++) {
      const damaged = Uint8Array.from(whole);
      for (let count = 0; count < 3; count++) damaged[random(whole.length)] = random(256);
      try {
        parseSentencePieceModel(damaged);
      } catch (error) {
        assert.ok(error instanceof EngineError && error.code === 'model-invalid', String(error));
      }
    }
  });
});
