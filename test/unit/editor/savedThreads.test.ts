import assert from 'node:assert/strict';
import { SavedSpeeds } from '../../../src/editor/models/savedSpeeds';
import { SavedThreads } from '../../../src/editor/savedThreads';
import { SavedVerdicts } from '../../../src/editor/savedVerdicts';
import type { Verdict } from '../../../src/engine/deviceAdvice';
import { MemoryState } from './memoryState';

describe('what was measured on this machine', () => {
  const threads = { numThreads: 4, spinning: true };
  const speed = { tokensPerSecond: 80, device: 'cpu' } as const;
  const known = { refusal: null, figures: null, providers: [], adapters: [], isSoftware: false };
  const verdict: Verdict = { device: 'webgpu', ...known };
  const stores = {
    'moxu.threads': (state: MemoryState) => {
      const saved = new SavedThreads(state);
      return { remember: () => saved.remember('model', threads), recall: () => saved.recall('model'), is: threads };
    },
    'moxu.speeds': (state: MemoryState) => {
      const saved = new SavedSpeeds(state);
      return { remember: () => saved.remember('model', speed), recall: () => saved.recall('model'), is: speed };
    },
    'moxu.devices': (state: MemoryState) => {
      const saved = new SavedVerdicts(state, '1.0.0');
      const recall = () => saved.recall('model', 'webgpu');
      return { remember: () => saved.remember('model', verdict), recall, is: verdict };
    },
  };

  for (const [key, open] of Object.entries(stores))
    it(`is measured anew where what is stored is not what this version writes: ${key}`, async () => {
      const state = new MemoryState();
      const { remember, recall, is } = open(state);
      remember();
      const [name = ''] = Object.keys(state.get<object>(key));
      assert.deepEqual(recall(), is);
      for (const entry of [null, 4, 'four', [], {}, { numThreads: '4' }, { numThreads: 0, spinning: true }]) {
        await state.update(key, { [name]: entry });
        assert.equal(recall(), null, JSON.stringify(entry));
      }
      for (const all of [null, 4, 'all', [null]]) {
        await state.update(key, all);
        assert.equal(recall(), null, JSON.stringify(all));
      }
      remember();
      assert.deepEqual(recall(), is);
    });
});
