import assert from 'node:assert/strict';
import { SavedVerdicts } from '../../../src/editor/savedVerdicts';
import type { Verdict } from '../../../src/engine/deviceAdvice';
import { MemoryState } from './memoryState';

const verdict: Verdict = {
  ...{ device: 'webgpu', refusal: null, figures: null },
  ...{ providers: ['webgpu'], adapters: [], isSoftware: false },
};

describe('SavedVerdicts', () => {
  it('keeps what this version found, for each model, and nothing of other versions', () => {
    const state = new MemoryState();
    new SavedVerdicts(state, '1.0.0').remember('model a', verdict);
    const now = new SavedVerdicts(state, '1.1.0');
    assert.equal(now.recall('model a', 'webgpu'), null);
    now.remember('model a', verdict);
    now.remember('model b', { ...verdict, device: 'cuda' });
    assert.deepEqual(now.recall('model a', 'webgpu'), verdict);
    assert.equal(now.recall('model b', 'cuda')?.device, 'cuda');
    assert.equal(Object.keys(state.get('moxu.devices', {})).length, 2);
  });
});
