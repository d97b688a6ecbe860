import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { SavedVerdicts } from '../../../src/editor/savedVerdicts';
import type { Verdict } from '../../../src/engine/deviceTrials';

const verdict: Verdict = {
  ...{ device: 'webgpu', refusal: null, figures: null },
  ...{ providers: ['webgpu'], adapters: [], isSoftware: false },
};

describe('SavedVerdicts', () => {
  it('keeps what this version found, for each model, and nothing of other versions', () => {
    let stored: Record<string, unknown> = {};
    const state = {
      get: () => stored,
      update: (_: string, value: Record<string, unknown>) => Promise.resolve(void (stored = value)),
    } as unknown as vscode.Memento;
    new SavedVerdicts(state, '1.0.0').remember('/models/a', verdict);
    const now = new SavedVerdicts(state, '1.1.0');
    assert.equal(now.recall('/models/a', 'webgpu'), null);
    now.remember('/models/a', verdict);
    now.remember('/models/b', { ...verdict, device: 'cuda' });
    assert.deepEqual(now.recall('/models/a', 'webgpu'), verdict);
    assert.equal(now.recall('/models/b', 'cuda')?.device, 'cuda');
    assert.equal(Object.keys(stored).length, 2);
  });
});
