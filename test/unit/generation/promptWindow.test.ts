import assert from 'node:assert/strict';
import { promptWindow } from '../../../src/generation/promptWindow';

const special = { unknown: 0, start: null, endOfText: [5], separator: 4, banned: [] };
const model = { contextLength: 40, promptLayout: 'title-separator-text', specialTokens: special } as const;
const ids = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

describe('promptWindow', () => {
  it('puts the title and its separator before the text', () => {
    assert.deepEqual(
      promptWindow({ titleIds: [10, 11], textIds: [20, 21], fromStart: true }, model),
      [10, 11, 4, 20, 21],
    );
  });

  it('without a title: a separator at the beginning of a text, nothing elsewhere', () => {
    assert.deepEqual(promptWindow({ titleIds: [], textIds: [20], fromStart: true }, model), [4, 20]);
    assert.deepEqual(promptWindow({ titleIds: [], textIds: [20], fromStart: false }, model), [20]);
    // Its beginning has left the window: what the separator said is so no longer.
    const long = promptWindow({ titleIds: [], textIds: ids(100, 1000), fromStart: true }, model);
    assert.ok(!long.includes(4), String(long));
  });

  it('says that a text begins, until its beginning has left the window', () => {
    const knowing = { ...model, specialTokens: { ...special, opening: 1 } };
    const window = (titleIds: number[], textIds: number[], fromStart: boolean) =>
      promptWindow({ titleIds, textIds, fromStart }, knowing);
    assert.deepEqual(window([10, 11], [20], true), [10, 11, 4, 1, 20]);
    assert.deepEqual(window([], [], true), [4, 1]);
    assert.deepEqual(window([10, 11], [20], false), [10, 11, 4, 20]);
    assert.deepEqual(window([], [20], false), [20]);
    // A window of 40, of which 10 are left to write in, holds title, separator, opening and 26 tokens.
    assert.deepEqual(window([10, 11], ids(100, 26), true).slice(0, 5), [10, 11, 4, 1, 100]);
    assert.deepEqual(window([10, 11], ids(100, 27), true).slice(0, 4), [10, 11, 4, 110]);
    const plain = { ...knowing, promptLayout: 'text' } as const;
    assert.deepEqual(promptWindow({ titleIds: [10], textIds: [20], fromStart: true }, plain), [20]);
  });

  it('keeps the title when the text outgrows the window, and leaves a quarter to generate in', () => {
    const window = promptWindow({ titleIds: [10, 11], textIds: ids(100, 1000), fromStart: true }, model);
    assert.deepEqual(window.slice(0, 3), [10, 11, 4]);
    assert.equal(window[window.length - 1], 1099);
    assert.ok(window.length <= 30, String(window.length));
    assert.ok(window.length > 20, 'the text must not be cut by more than a hop beyond need');
  });

  it('moves in hops: while the text grows by ten tokens, windows extend each other at least nine times', () => {
    let extended = 0;
    for (let n = 500; n < 510; n++) {
      const prompt = { titleIds: [10], fromStart: true };
      const before = promptWindow({ ...prompt, textIds: ids(100, n) }, model);
      const after = promptWindow({ ...prompt, textIds: ids(100, n + 1) }, model);
      if (before.every((id, i) => after[i] === id)) extended++;
    }
    assert.ok(extended >= 9, String(extended));
  });

  it('cuts a title that would fill the window', () => {
    const window = promptWindow({ titleIds: ids(100, 300), textIds: [20], fromStart: true }, model);
    assert.equal(window.length, 12);
  });

  it('always gives the model something to start from', () => {
    const empty = { titleIds: [], textIds: [], fromStart: false };
    assert.deepEqual(promptWindow(empty, model), [4]);
    const plain = { ...model, promptLayout: 'text', specialTokens: { ...special, separator: null } } as const;
    assert.deepEqual(promptWindow(empty, plain), [5]);
    assert.deepEqual(promptWindow({ titleIds: [9], textIds: [20], fromStart: true }, plain), [20]);
  });

  it('makes the title a first line where the layout says so, and keeps it', () => {
    const lines = { ...model, promptLayout: 'title-text', specialTokens: { ...special, separator: null } } as const;
    assert.deepEqual(promptWindow({ titleIds: [9, 8], textIds: [20], fromStart: true }, lines), [9, 8, 20]);
    const long = promptWindow({ titleIds: [9, 8], textIds: ids(100, 1000), fromStart: true }, lines);
    assert.deepEqual(long.slice(0, 2), [9, 8]);
  });

  it('begins with the start token, however long the text is', () => {
    const started = { ...model, promptLayout: 'title-text', specialTokens: { ...special, start: 3 } } as const;
    const empty = { titleIds: [], textIds: [], fromStart: true };
    assert.deepEqual(promptWindow(empty, started), [3]);
    assert.deepEqual(promptWindow({ ...empty, titleIds: [9], textIds: [20] }, started), [3, 9, 20]);
    const long = promptWindow({ ...empty, textIds: ids(100, 1000) }, started);
    assert.equal(long[0], 3);
    assert.ok(long.length <= 30 && long.at(-1) === 1099);
  });
});
