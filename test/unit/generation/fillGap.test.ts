/** What is weighed is what would be shown. */
import assert from 'node:assert/strict';
import { rankForGap } from '../../../src/context/gapChoice';
import { fillGap } from '../../../src/generation/fillGap';
import { resolveOptions } from '../../../src/options';
import { PieceTokenizer, pieceManifest as manifest } from './pieceTokenizer';

const pieces = ['<sep>', '河', '很', '长', '，', '但', '窄', '。'];
const tokenizer = new PieceTokenizer(pieces);

describe('a gap', () => {
  /** Writes 很长，但很窄 whatever the seed, and finds each text that it weighs likelier than the one before. */
  async function filled(behind: string) {
    const written = tokenizer.encode('很长，但很窄');
    const weighed: string[] = [];
    let step = 0;
    const network = {
      forgetTexts: () => undefined,
      logitsAfter: () => Promise.resolve(new Float32Array(pieces.length)),
      logitsAfterEach: (rows: readonly unknown[]) => {
        const next = written[step++];
        return Promise.resolve(rows.map(() => Float32Array.from(pieces, (_, id) => (id === next ? 20 : 0))));
      },
      logProbabilityOf: (tokenIds: readonly number[]) => {
        weighed.push(tokenizer.decode(tokenIds));
        return Promise.resolve(weighed.length - 10);
      },
    };
    const filling = await fillGap(
      { network, tokenizer, manifest, healer: null, lineStart: null, learnt: null, table: null },
      { before: '河', prompt: { titleIds: [], textIds: tokenizer.encode('河'), fromStart: false }, behind },
      resolveOptions({ temperature: 0, maxNewTokens: written.length }),
      [1, 2],
      new AbortController().signal,
    );
    return { weighed, filling };
  }

  it('each different text is cut where it would repeat what follows, then weighed, then shown', async () => {
    const { weighed, filling } = await filled('，但很窄。');
    assert.ok(filling);
    assert.deepEqual(
      filling.candidates.map(({ text }) => text),
      ['很长'],
    );
    assert.deepEqual(rankForGap(filling, { confidenceFloor: 0.25, maxTokens: 24 }), ['很长']);
    assert.deepEqual(weighed, ['河，但很窄。', '河很长，但很窄。']);
  });

  it('nothing is weighed where nothing would be shown', async () => {
    const { weighed, filling } = await filled('很长，但');
    assert.deepEqual(filling?.candidates, []);
    assert.deepEqual(weighed, ['河很长，但']);
  });

  it('what stands before is not paid for where what follows makes other tokens of it, and nobody is paid', async () => {
    const joining = new PieceTokenizer([...pieces, '河，']);
    const suffixLogProb = async (joint: number, alone: number) => {
      const network = {
        forgetTexts: () => undefined,
        logitsAfter: () => Promise.resolve(null),
        logitsAfterEach: () => Promise.resolve(null),
        logProbabilityOf: (ids: readonly number[]) => Promise.resolve(joining.decode(ids) === '长河' ? alone : joint),
      };
      const filling = await fillGap(
        { network, tokenizer: joining, manifest, healer: null, lineStart: null, learnt: null, table: null },
        {
          before: '长河',
          prompt: { titleIds: [], textIds: joining.encode('长河'), fromStart: false },
          behind: '，很长',
        },
        resolveOptions(),
        [],
        new AbortController().signal,
      );
      return filling?.emptySuffixLogProb;
    };
    assert.equal(await suffixLogProb(-5, -2), -3);
    assert.equal(await suffixLogProb(-1, -2), 0);
  });
});
