import assert from 'node:assert/strict';
import { TypingPace } from '../../../src/context/typingPace';

/** Keys at a steady interval, then what to wait when VS Code asks 50 ms after the last. */
function paceOf(intervalMs: number, latencyMs: number): number {
  const pace = new TypingPace();
  for (let i = 0; i < 20; i++) pace.key(i * intervalMs);
  for (let i = 0; i < 20; i++) pace.answered(latencyMs);
  return pace.delayMs(50);
}

describe('TypingPace', () => {
  it('asks at once where the answer comes before the next key', () => {
    assert.equal(paceOf(200, 30), 0);
    assert.equal(paceOf(150, 100), 0);
  });

  it('waits until a key is late where it would come after it', () => {
    assert.equal(paceOf(80, 60), 50);
    assert.equal(paceOf(200, 400), 200);
  });

  it('never waits long', () => {
    assert.equal(paceOf(900, 5000), 300);
  });

  it('asks at once when nothing is known, and after pauses', () => {
    assert.equal(new TypingPace().delayMs(50), 0);
    const pace = new TypingPace();
    pace.answered(500);
    for (let i = 0; i < 5; i++) pace.key(i * 5000);
    assert.equal(pace.delayMs(50), 0);
  });

  it('knows how many keys come while the model answers', () => {
    assert.equal(new TypingPace().keysPerAnswer(), 1);
    for (const [intervalMs, latencyMs, keys] of [
      [200, 30, 1],
      [200, 400, 2],
      [80, 390, 5],
    ] as const) {
      const pace = new TypingPace();
      for (let i = 0; i < 20; i++) pace.key(i * intervalMs);
      pace.answered(latencyMs);
      assert.equal(pace.keysPerAnswer(), keys);
    }
  });

  it('takes a writer to rest when a key is late', () => {
    const pace = new TypingPace();
    assert.equal(pace.restMs(), 300);
    for (let i = 0; i < 20; i++) pace.key(i * 160);
    assert.equal(pace.restMs(), 200);
  });

  it('follows a writer who gets faster', () => {
    const pace = new TypingPace();
    pace.answered(60);
    for (let i = 0; i < 20; i++) pace.key(i * 200);
    assert.equal(pace.delayMs(50), 0);
    for (let i = 0; i < 21; i++) pace.key(4000 + i * 80);
    assert.ok(pace.delayMs(50) > 0);
  });

  it('does not take a model for slow for ever that was so at first, while the writer types on and on', () => {
    const pace = new TypingPace();
    pace.answered(800);
    const asked: number[] = [];
    for (let i = 0; i < 100; i++) {
      pace.key(i * 200);
      if (pace.delayMs(0) > 0) continue;
      pace.answered(40);
      asked.push(i);
    }
    assert.ok(asked.length > 70, asked.join());
  });

  it('seldom asks a slow one in vain', () => {
    const pace = new TypingPace();
    let asked = 0;
    for (let i = 0; i < 100; i++) {
      pace.key(i * 80);
      if (pace.delayMs(0) > 0) continue;
      asked++;
      pace.answered(400);
    }
    assert.ok(asked < 20, String(asked));
  });
});
