import assert from 'node:assert/strict';
import { gapSuffix, rankForGap, shownInGap } from '../../../src/context/gapChoice';
import type { GapFilling } from '../../../src/protocol';

const settings = { confidenceFloor: 0.25, maxTokens: 24 };
const candidate = (text: string, logProb: number, suffixLogProb: number): GapFilling['candidates'][number] => ({
  ...{ text, logProb, suffixLogProb, seed: 1, finishReason: 'stop', numTokens: 2, numPromptTokens: 9 },
  deltas: [{ text, logProb, numTokens: 2 }],
});

describe('text for a gap', () => {
  it('need lead nowhere where nothing or only marks follow', () => {
    for (const suffix of ['', '  ', '。', '”', '」。', '』）》…']) assert.equal(gapSuffix(suffix), '');
    assert.equal(gapSuffix('，门前有一条河，河上有一座石桥。'), '，门前有一条河，河上有一');
    assert.equal(gapSuffix('门前有一条河，河上有一𠮷字。'), '门前有一条河，河上有一');
  });

  it('is the one after which what follows is likeliest', () => {
    const candidates = [candidate('很大', -1, -9), candidate('不大', -1, -4), candidate('好听', -1, -6)];
    assert.deepEqual(rankForGap({ candidates, emptySuffixLogProb: -10 }, settings), ['不大', '好听', '很大']);
  });

  it('is none where each would make it less likely', () => {
    const candidates = [candidate('很大', -1, -9), candidate('不大', -1, -8)];
    assert.deepEqual(rankForGap({ candidates, emptySuffixLogProb: -7 }, settings), []);
  });

  it('is shown below the floor only if it leads to what follows', () => {
    // exp(−2.4) = 0.09; with 1.1 gained, exp(−1.3) = 0.27
    const [unsure, led] = [candidate('不大', -2.4, -6.9), candidate('不大', -2.4, -5.9)];
    assert.deepEqual(rankForGap({ candidates: [unsure], emptySuffixLogProb: -7 }, settings), []);
    assert.deepEqual(rankForGap({ candidates: [led], emptySuffixLogProb: -7 }, settings), ['不大']);
  });

  it('is shown as it was weighed', () => {
    const candidates = [candidate('不大，“', -0.1, -2)];
    assert.deepEqual(rankForGap({ candidates, emptySuffixLogProb: -7 }, settings), ['不大，“']);
  });

  it('is cut before it is weighed: where it says what follows, or closes nothing', () => {
    const shown = shownInGap({ ...candidate('不大，但很密', -3, 0), numTokens: 6 }, '，但很密', '');
    assert.deepEqual([shown?.text, shown?.numTokens, shown?.logProb], ['不大', 2, -1]);
    assert.equal(shownInGap(candidate('，但很密', -3, 0), '，但很密', ''), null);
    assert.equal(shownInGap(candidate('不大”', -3, 0), '”他说', '“')?.text, '不大');
  });
});
