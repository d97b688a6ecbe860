import assert from 'node:assert/strict';
import { candidateSettings, offered, rankCandidates } from '../../../src/context/candidateChoice';
import type { CandidateResult, TextDelta } from '../../../src/protocol';

const settings = candidateSettings({ confidenceFloor: 0.25, maxTokens: 24, ownWords: true, bannedWords: [] });

function candidate(...deltas: [text: string, logProb: number, isOwn?: true][]): CandidateResult {
  const given = deltas.map(([text, logProb, isOwn]): TextDelta => ({
    ...{ text, logProb, numTokens: 1 },
    ...(isOwn && { isOwn }),
  }));
  return {
    ...{ seed: 1, deltas: given, finishReason: 'stop', numPromptTokens: 9, numTokens: given.length },
    text: given.map(({ text }) => text).join(''),
    logProb: given.reduce((sum, { logProb }) => sum + logProb, 0),
  };
}

describe('suggestions asked for by hand', () => {
  it('come in the order of how likely their tokens are on average, and without those of which nothing is left', () => {
    const [long, short] = [candidate(['河', -1], ['边', -1], ['走', -1]), candidate(['桥', -2])];
    assert.deepEqual(rankCandidates([short, candidate([' ', 0]), long], '', settings, ''), ['河边走', '桥']);
  });

  it('copy a term of other texts, not a sentence', () => {
    const own = Array.from('罗小满说她从来没有坐过船', (text): [string, number, true] => [text, -0.1, true]);
    const [ghost = ''] = rankCandidates([candidate(...own)], '', settings, '那天，');
    assert.ok('罗小满说她从来没有坐过船'.startsWith(ghost), ghost);
    assert.ok(ghost.length >= 2 && ghost.length <= 4, ghost);
    const ofTheModel = own.map(([text, logProb]): [string, number] => [text, logProb]);
    assert.deepEqual(rankCandidates([candidate(...ofTheModel)], '', settings, '那天，'), ['罗小满说她从来没有坐过船']);
  });

  it('are three at most, that differ in more than width or quotes', () => {
    assert.deepEqual(offered(['“好，”', '「好，」', '不好', '很好', '太好']), ['“好，”', '不好', '很好']);
  });
});
