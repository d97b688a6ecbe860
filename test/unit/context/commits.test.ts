import assert from 'node:assert/strict';
import { Commits } from '../../../src/context/commits';

describe('commits', () => {
  /** Commits these behind each other, as an input method does, and tells for each whether a word ends behind it. */
  function ends(...texts: string[]): boolean[] {
    const commits = new Commits();
    const document = {};
    let at = 0;
    return texts.map((text) => {
      commits.edit(document, [{ rangeOffset: at, rangeLength: 0, text }]);
      at += text.length;
      return commits.endAt(document, at);
    });
  }

  it('characters that come together are a word, and one alone of a writer who commits words', () =>
    assert.deepEqual(ends('我', '喜欢', '夏天', '的'), [true, true, true, true]));

  it('one alone says nothing of a writer who types character by character', () => {
    const all = ends(...Array.from('祖父在院子里种了一棵石榴树开花'), '的', '时候');
    assert.deepEqual(all.slice(10), [false, false, false, false, false, false, true]);
  });

  it('marks, Latin, what is deleted and what is pasted end no word', () =>
    assert.deepEqual(ends('天气', '，', 'a', '', '今天天气很好我们去'), [true, false, false, false, false]));

  it('a commit takes the place of what was composed', () => {
    const commits = new Commits();
    const document = {};
    const edit = (rangeOffset: number, rangeLength: number, text: string) =>
      commits.edit(document, [{ rangeOffset, rangeLength, text }]);
    edit(4, 0, 't');
    edit(4, 1, 'tian');
    assert.equal(commits.endAt(document, 8), false);
    edit(4, 4, '天气');
    assert.equal(commits.endAt(document, 6), true);
    assert.equal(commits.endAt(document, 5), false);
    assert.equal(commits.endAt({}, 6), false);
  });

  it('several cursors commit nothing that is known', () => {
    const commits = new Commits();
    const document = {};
    const at = (rangeOffset: number) => ({ rangeOffset, rangeLength: 0, text: '天气' });
    commits.edit(document, [at(0), at(9)]);
    assert.equal(commits.endAt(document, 2), false);
  });
});
