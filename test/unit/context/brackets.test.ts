import assert from 'node:assert/strict';
import { closedAt, isOpenIn, typedLength, withoutClosers } from '../../../src/context/brackets';

describe('brackets in pairs', () => {
  it('closes what stands open before, in whatever width', () => {
    assert.equal(closedAt('天黑了）走', ')'), 3);
    assert.equal(closedAt('天（黑）了)走', '）'), 5);
    assert.equal(closedAt('天（黑）了', '）'), -1);
    assert.equal(closedAt('走吧。”他说', '」'), 3);
  });

  it('knows what is open', () => {
    for (const [text, closer] of [
      ['（天', ')'],
      ['“他说（天）', '”'],
    ] as const)
      assert.ok(isOpenIn(text, closer), text);
    for (const [text, closer] of [
      ['天', ')'],
      ['（天）', ')'],
      ['（天', '”'],
    ] as const)
      assert.ok(!isOpenIn(text, closer), text);
  });

  it('a pair that comes at once has the cursor between', () => {
    for (const pair of ['()', '（）', '“”', '《》']) assert.equal(typedLength(pair), 1, pair);
    for (const text of ['', '(', ')(', '(）', '走了', '(走)']) assert.equal(typedLength(text), text.length, text);
    assert.equal(withoutClosers('(天)', 2), '(天');
    assert.equal(withoutClosers('(天黑', 2), '(天黑');
  });
});
