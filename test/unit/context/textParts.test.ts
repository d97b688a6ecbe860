import assert from 'node:assert/strict';
import { partLength, textParts } from '../../../src/context/textParts';

describe('parts to learn from', () => {
  const parts = (lines: string[]) => [...textParts(lines)];

  it('hold lines with Chinese in them', () => {
    assert.deepEqual(parts(['雨。', 'const a = 1;', '', '| --- |', '风。']), ['雨。\n风。\n']);
    assert.deepEqual(parts(['no Chinese at all']), []);
  });

  it('are small however long the lines are, and together they are everything', () => {
    const lines = ['一'.repeat(3 * partLength + 7), ...Array.from({ length: 500 }, (_, i) => `第${i}行，说些什么`)];
    const found = parts(lines);
    for (const part of found) assert.ok(part.length <= 2 * partLength, `${part.length}`);
    assert.equal(found.join('').replaceAll('\n', ''), lines.join(''));
  });

  it('are never cut within a character', () => {
    for (const behind of [0, 1, 2]) {
      const line = `${'一'.repeat(partLength - behind)}${'𠮷'.repeat(partLength)}`;
      const found = parts([line]);
      for (const part of found) assert.doesNotMatch(part, /\p{Surrogate}/u);
      assert.equal(found.join('').replaceAll('\n', ''), line);
    }
  });
});
