import assert from 'node:assert/strict';
import { Speedometer } from '../../../src/engine/speedometer';
import type { GenerateResult, TextDelta } from '../../../src/protocol';

const result: GenerateResult = { text: '', finishReason: 'stop', numTokens: 0, numPromptTokens: 0 };

/** Pieces that come at these times, in milliseconds, and how many tokens each has. */
async function measured(pieces: [number, number][]): Promise<Speedometer> {
  const speedometer = new Speedometer();
  let timeMs = 100;
  // eslint-disable-next-line @typescript-eslint/require-await
  async function* text(): AsyncGenerator<TextDelta, GenerateResult> {
    for (const [atMs, numTokens] of pieces) {
      timeMs = 100 + atMs;
      yield { text: '雨', logProb: -1, numTokens };
    }
    return result;
  }
  const passed = speedometer.measure(text(), () => timeMs);
  let next = await passed.next();
  for (; !next.done; next = await passed.next()) assert.equal(next.value.text, '雨');
  assert.equal(next.value, result);
  return speedometer;
}

describe('Speedometer', () => {
  it('tells the time to the first text, and the speed from then on', async () => {
    const { latest } = await measured([
      [40, 1],
      [60, 4],
      [80, 6],
    ]);
    assert.deepEqual(latest, { firstTokenMs: 40, tokensPerSecond: 250 });
  });

  it('tells nothing from a few tokens', async () => {
    const { latest } = await measured([
      [40, 20],
      [41, 3],
    ]);
    assert.equal(latest, null);
  });
});
