import assert from 'node:assert/strict';
import { Commits } from '../../../src/context/commits';

describe('commits', () => {
  /** Commits these behind each other, half a second apart, and tells for each whether a word ends behind it. */
  function ends(texts: readonly string[], commits = new Commits(), document = {}): boolean[] {
    let at = 0;
    return texts.map((text, i) => {
      commits.edit(document, [{ rangeOffset: at, rangeLength: 0, text }], 500 * i);
      at += text.length;
      return commits.endAt(document, at);
    });
  }
  const byCharacter = Array.from('祖父在院子里种了一棵石榴树开花');

  it('characters that come together are a word, and one alone of a writer who commits words', () =>
    assert.deepEqual(ends(['我', '喜欢', '夏天', '的']), [true, true, true, true]));

  it('one alone says nothing of a writer who types character by character', () => {
    const all = ends([...byCharacter, '的', '时候']);
    assert.deepEqual(all.slice(10), [false, false, false, false, false, false, true]);
  });

  it('marks, Latin, what is deleted and what is pasted end no word', () =>
    assert.deepEqual(ends(['天气', '，', 'a', '', '今天天气很好我们去']), [true, false, false, false, false]));

  it('characters that come one by one at the same moment come together', () => {
    const commits = new Commits();
    const document = {};
    ends(byCharacter, commits);
    const edit = (rangeOffset: number, text: string, atMs: number) => {
      commits.edit(document, [{ rangeOffset, rangeLength: 0, text }], atMs);
      return commits.endAt(document, rangeOffset + text.length);
    };
    assert.deepEqual([edit(0, '石', 0), edit(1, '榴', 2), edit(2, '树', 4)], [false, true, true]);
    assert.deepEqual([edit(3, '开', 300), edit(4, '花', 600)], [false, false]);
    // Elsewhere at the same moment is another.
    assert.equal(edit(9, '了', 601), false);
  });

  it('what takes the place of a commit is the same one', () => {
    // Han that is composed: 祖 · 祖父 · 祖父 are one commit of several characters, not one of one and two of several.
    const once = new Commits();
    ends(byCharacter, once);
    const composed = new Commits();
    ends(byCharacter, composed);
    const [a, b] = [{}, {}];
    for (let i = 0; i < 5; i++) {
      once.edit(a, [{ rangeOffset: 2 * i, rangeLength: 0, text: '祖父' }], 900 * i);
      for (const [at, text] of ['祖', '祖父', '祖父'].entries())
        composed.edit(b, [{ rangeOffset: 2 * i, rangeLength: at === 0 ? 0 : at, text }], 900 * i + 200 * at);
      once.edit(a, [{ rangeOffset: 30 + i, rangeLength: 0, text: '我' }], 900 * i + 700);
      composed.edit(b, [{ rangeOffset: 30 + i, rangeLength: 0, text: '我' }], 900 * i + 700);
      assert.equal(composed.endAt(b, 31 + i), once.endAt(a, 31 + i), `${i}`);
    }
  });

  it('a commit takes the place of what was composed', () => {
    const commits = new Commits();
    const document = {};
    const edit = (rangeOffset: number, rangeLength: number, text: string) =>
      commits.edit(document, [{ rangeOffset, rangeLength, text }], 0);
    edit(4, 0, 't');
    edit(4, 1, 'tian');
    assert.equal(commits.endAt(document, 8), false);
    edit(4, 4, '天气');
    assert.equal(commits.endAt(document, 6), true);
    assert.equal(commits.endAt(document, 5), false);
    assert.equal(commits.endAt({}, 6), false);
    // An edit of another document leaves it as it is.
    commits.edit({}, [{ rangeOffset: 0, rangeLength: 0, text: 'a' }], 0);
    assert.equal(commits.endAt(document, 6), true);
  });

  it('what no input method brought is none, and does not count', () => {
    const commits = new Commits();
    const document = {};
    commits.edit(document, [{ rangeOffset: 0, rangeLength: 0, text: '天气' }], 0);
    commits.forget({});
    assert.equal(commits.endAt(document, 2), true);
    commits.forget(document);
    assert.equal(commits.endAt(document, 2), false);
  });

  it('several cursors commit nothing that is known', () => {
    const commits = new Commits();
    const document = {};
    const at = (rangeOffset: number) => ({ rangeOffset, rangeLength: 0, text: '天气' });
    commits.edit(document, [at(0), at(9)], 0);
    assert.equal(commits.endAt(document, 2), false);
  });
});
