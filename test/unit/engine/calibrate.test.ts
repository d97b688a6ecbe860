import assert from 'node:assert/strict';
import { join } from 'node:path';
import { buildModel } from '../../../src/builder/buildModel';
import { candidates, contestants, findThreads, isWorthIt, needsCalibration } from '../../../src/engine/calibrate';
import type { Contestant } from '../../../src/engine/calibrate';
import type { Threads } from '../../../src/protocol';
import { TemporaryFolder } from '../builder/tinyCheckpoint';

const noSignal = new AbortController().signal;
const quiet = (numThreads: number): Threads => ({ numThreads, spinning: false });
const spinning = (numThreads: number): Threads => ({ numThreads, spinning: true });

describe('thread calibration', () => {
  it('is for large models on machines with cores to choose from', () => {
    assert.ok(needsCalibration({ numParameters: 109e6 }, 2));
    assert.ok(!needsCalibration({ numParameters: 109e6 }, 1));
    assert.ok(!needsCalibration({ numParameters: 12e6 }, 16));
  });

  it('tries no more threads than cores, modest choices first', () => {
    assert.deepEqual(candidates(1), [quiet(1)]);
    assert.deepEqual(candidates(3), [quiet(1), quiet(2), spinning(2)]);
    assert.deepEqual(candidates(64), [quiet(1), quiet(2), quiet(4), quiet(8), spinning(8)]);
  });

  it('wants a tenth for more threads, a quarter for spinning, by the median', () => {
    const incumbent = [10, 10, 10, 90, 2];
    const ms = (challenger: number) => ({ incumbent, challenger: [challenger, challenger, challenger, 500, 1] });
    assert.deepEqual(
      [9.5, 8.9].map((challenger) => isWorthIt(quiet(2), ms(challenger))),
      [false, true],
    );
    assert.deepEqual(
      [8.9, 7.4].map((challenger) => isWorthIt(spinning(2), ms(challenger))),
      [false, true],
    );
  });

  /** A machine on which a step takes `msOf(threads)`. */
  function machine(msOf: (threads: Threads) => number) {
    let clock = 0;
    const state = { open: 0, most: 0, steps: 0, now: () => clock };
    const open = (threads: Threads): Promise<Contestant> => {
      state.most = Math.max(state.most, ++state.open);
      return Promise.resolve({
        step: () => {
          clock += msOf(threads);
          state.steps++;
          return Promise.resolve();
        },
        release: () => {
          state.open--;
          return Promise.resolve();
        },
      });
    };
    return { state, open };
  }

  const cases: [string, (threads: Threads) => number, Threads][] = [
    ['threads that help', ({ numThreads }) => 10 / numThreads, quiet(8)],
    ['threads that disturb each other', ({ numThreads }) => 10 * numThreads, quiet(1)],
    ['threads that help up to two', ({ numThreads }) => (numThreads < 2 ? 10 : 6 + numThreads / 10), quiet(2)],
    ['spinning that halves a step', (threads) => (threads.spinning ? 5 : 10), spinning(8)],
    ['spinning that gains a little', (threads) => (threads.spinning ? 9 : 10), quiet(1)],
  ];
  for (const [what, msOf, expected] of cases)
    it(`${what}: ${expected.numThreads}${expected.spinning ? ', spinning' : ''}`, async () => {
      const { state, open } = machine(msOf);
      assert.deepEqual(await findThreads(open, 8, noSignal, state.now), expected);
      assert.deepEqual([state.open, state.most], [0, 2]);
    });

  it('ends at an abort, with everything released', async () => {
    const abort = new AbortController();
    const { state, open } = machine(() => {
      if (state.steps === 20) abort.abort();
      return 1;
    });
    assert.equal(await findThreads(open, 8, abort.signal, state.now), null);
    assert.equal(state.open, 0);
    assert.ok(state.steps <= 21, `${state.steps} steps`);
  });

  it('releases everything when a step fails', async () => {
    const { state, open } = machine(() => {
      if (state.steps === 20) throw new Error('no memory');
      return 1;
    });
    await assert.rejects(findThreads(open, 8, noSignal, state.now), /no memory/);
    assert.equal(state.open, 0);
  });

  it('times a real graph', async () => {
    const temporary = new TemporaryFolder();
    const to = temporary.join('model');
    const manifest = await buildModel({ from: temporary.checkpoint('checkpoint'), to, quantization: 'int8' });
    const found = await findThreads(contestants(join(to, 'model.onnx'), manifest), 2, noSignal);
    assert.ok(found && [1, 2].includes(found.numThreads));
    temporary.remove();
  });
});
