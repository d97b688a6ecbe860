import assert from 'node:assert/strict';
import { Slices } from '../../../src/editor/slices';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

describe('Slices', () => {
  it('does short work in the next turn, and of two the latter', async () => {
    const slices = new Slices();
    const done: string[] = [];
    for (const name of ['first', 'second'])
      slices.start(
        (function* () {
          done.push(name);
          yield;
        })(),
      );
    assert.deepEqual(done, []);
    await turn();
    assert.deepEqual(done, ['second']);
  });

  it('gives way during long work, and drops it for other work', async () => {
    const slices = new Slices();
    const done: string[] = [];
    function* work(name: string, steps: number): Generator<void, void> {
      for (let step = 0; step < steps; step++) {
        for (const end = performance.now() + 1; performance.now() < end;); // one slice
        yield;
      }
      done.push(name);
    }
    slices.start(work('first', 1000));
    await turn();
    assert.deepEqual(done, []);
    slices.start(work('second', 3));
    while (done.length === 0) await pause();
    assert.deepEqual(done, ['second']);
    slices.start(work('third', 3));
    slices.stop();
    for (let i = 0; i < 10; i++) await pause();
    assert.deepEqual(done, ['second']);
  });
});
