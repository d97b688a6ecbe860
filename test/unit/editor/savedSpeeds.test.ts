import assert from 'node:assert/strict';
import { SavedSpeeds } from '../../../src/editor/models/savedSpeeds';
import type { SavedSpeed } from '../../../src/editor/models/savedSpeeds';
import { MemoryState } from './memoryState';

describe('SavedSpeeds', () => {
  const cpu = (tokensPerSecond: number): SavedSpeed => ({ tokensPerSecond, device: 'cpu' });

  it('are each model’s own, and outlast a restart', () => {
    const state = new MemoryState();
    const speeds = new SavedSpeeds(state);
    assert.equal(speeds.recall('model a'), null);
    speeds.remember('model a', cpu(80));
    speeds.remember('model b', cpu(20));
    const later = new SavedSpeeds(state);
    assert.deepEqual([later.recall('model a'), later.recall('model b')], [cpu(80), cpu(20)]);
    assert.equal(later.recall('model c'), null);
  });

  it('are written when they changed by what can be noticed, or with the device', () => {
    const state = new MemoryState();
    const speeds = new SavedSpeeds(state);
    speeds.remember('model a', cpu(100));
    for (const noise of [90, 110, 114]) speeds.remember('model a', cpu(noise));
    assert.deepEqual([state.writes, speeds.recall('model a')], [1, cpu(100)]);
    speeds.remember('model a', cpu(84));
    assert.deepEqual([state.writes, speeds.recall('model a')], [2, cpu(84)]);
    speeds.remember('model a', { tokensPerSecond: 84, device: 'webgpu' });
    assert.deepEqual([state.writes, speeds.recall('model a')?.device], [3, 'webgpu']);
  });
});
