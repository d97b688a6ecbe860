import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { paced } from '../../../src/editor/paced';

describe('paced', () => {
  it('tells the first at once, then the latest, and nothing after its end', async () => {
    const told: number[] = [];
    const { report, end } = paced<number>(30, (value) => told.push(value));
    for (const value of [1, 2, 3]) report(value);
    assert.deepEqual(told, [1]);
    await sleep(45);
    assert.deepEqual(told, [1, 3]);
    await sleep(60);
    report(4); // long after: at once
    assert.deepEqual(told, [1, 3, 4]);
    report(5);
    end();
    await sleep(45);
    assert.deepEqual(told, [1, 3, 4]);
  });
});
