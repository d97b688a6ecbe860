import assert from 'node:assert/strict';
import { ArticleHistory, maxArticles, maxStoredLength } from '../../../src/editor/article/articleHistory';
import { FakeMemory, article } from './fakes';

const ids = (history: ArticleHistory) => history.summaries.map(({ id }) => id);

describe('ArticleHistory', () => {
  it('has the newest first, and comes back from the storage', async () => {
    const memory = new FakeMemory();
    const history = new ArticleHistory(memory);
    history.add(article({ id: 'old' }));
    history.add(article({ id: 'new', opening: '雨。', text: '停了。' }));
    await history.save();
    const again = new ArticleHistory(memory);
    assert.deepEqual(ids(again), ['new', 'old']);
    assert.equal(again.newest?.id, 'new');
    assert.equal(again.summaries[0]?.characters, 5);
    assert.deepEqual(again.find('old'), article({ id: 'old' }));
  });

  it('keeps no more than its number', async () => {
    const memory = new FakeMemory();
    const history = new ArticleHistory(memory);
    for (let i = 0; i < maxArticles + 5; i++) history.add(article({ id: String(i) }));
    await history.save();
    const kept = ids(new ArticleHistory(memory));
    assert.equal(kept.length, maxArticles);
    assert.equal(kept[0], String(maxArticles + 4));
    assert.equal(kept.at(-1), '5');
  });

  it('keeps no more text than the storage bears, but always the newest', async () => {
    const history = new ArticleHistory(new FakeMemory());
    for (const id of ['1', '2', '3']) history.add(article({ id, text: '雨'.repeat(maxStoredLength * 0.4) }));
    await history.save();
    assert.deepEqual(ids(history), ['3', '2']);
    history.add(article({ id: '4', text: '雨'.repeat(maxStoredLength + 1) }));
    await history.save();
    assert.deepEqual(ids(history), ['4']);
  });

  it('shows as stopped what was being written when the window went', async () => {
    const memory = new FakeMemory();
    const history = new ArticleHistory(memory);
    history.add(article({ state: 'writing' }));
    await history.save();
    assert.equal(new ArticleHistory(memory).newest?.state, 'stopped');
  });

  it('erases one, and all', async () => {
    const memory = new FakeMemory();
    const history = new ArticleHistory(memory);
    for (const id of ['1', '2', '3']) history.add(article({ id }));
    await history.erase('2');
    assert.deepEqual(ids(new ArticleHistory(memory)), ['3', '1']);
    await history.eraseAll();
    assert.equal(new ArticleHistory(memory).newest, null);
    assert.equal(memory.get('moxu.articles'), undefined);
  });

  it('passes over what it does not understand', async () => {
    const good = article();
    for (const stored of ['text', null, 7, [null, 1, {}, { ...good, preset: 'x' }, { ...good, length: '400' }, good]]) {
      const memory = new FakeMemory();
      await memory.update('moxu.articles', stored);
      assert.deepEqual(ids(new ArticleHistory(memory)), Array.isArray(stored) ? ['a'] : []);
    }
  });
});
