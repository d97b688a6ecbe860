import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { FiguresStore } from '../../src/editor/figures/figuresStore';

describe('the writer’s figures', () => {
  /** As VS Code’s: told of an earlier change while the latest is on its way, it takes that for what is to be kept. */
  class Late implements vscode.Memento {
    private value: unknown;
    updates = 0;

    constructor(private echoes: number) {}

    keys(): readonly string[] {
      return [];
    }

    readonly get: vscode.Memento['get'] = () => this.value as never;

    async update(_: string, value: unknown): Promise<void> {
      const before = this.value;
      this.updates++;
      this.value = value;
      await Promise.resolve();
      if (value === undefined && this.echoes-- > 0) this.value = before;
    }
  }

  for (const echoes of [0, 1, 3])
    it(`are erased though an earlier change comes back, ${echoes} times`, async () => {
      const state = new Late(echoes);
      const day = { '2026-12-01': { shown: 3 } };
      await state.update('', day);
      const store = new FiguresStore(state);
      await store.erase();
      assert.deepEqual(store.byDay, {});
      assert.equal(state.updates, 2 + echoes);
      store.dispose();
    });
});
