import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { Journal, type Place } from '../../../src/builder/journal';
import { TemporaryFolder } from './tinyCheckpoint';

describe('the journal of a build', () => {
  let temporary: TemporaryFolder;
  let data: number;
  const places: Place[] = ['a', 'b', 'c'].map((name, i) => ({ name, offset: 4 * i, length: 4 }));
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  const [a, b, c] = places as [Place, Place, Place];

  beforeEach(() => {
    temporary = new TemporaryFolder();
    writeFileSync(temporary.join('data'), 'aaaabbbbcccc');
    data = openSync(temporary.join('data'), 'r');
  });
  afterEach(() => {
    closeSync(data);
    temporary.remove();
  });
  const resume = (expected = places, signal?: AbortSignal) =>
    new Journal(temporary.path).resume(data, expected, signal);

  it('tells how many tensors are there, from the first on, as far as they are what was noted', async () => {
    assert.equal(await resume(), 0);
    const journal = new Journal(temporary.path);
    journal.add(a, digest('aaaa'));
    journal.add(b, digest('xxxx'));
    journal.add(c, digest('cccc'));
    assert.equal(await resume(), 1);
  });

  it('knows nothing of a tensor that is to stand elsewhere', async () => {
    for (const other of [{ name: 'x' }, { offset: 8 }, { length: 3 }]) {
      const journal = new Journal(temporary.path);
      journal.add(a, digest('aaaa'));
      journal.add({ ...b, ...other }, digest('bbbb'));
      journal.add(b, digest('bbbb'));
      assert.equal(await resume(), 1, JSON.stringify(other));
      await resume([]); // it forgets all
    }
  });

  it('goes on behind what it believes, when it is interrupted again', async () => {
    const journal = new Journal(temporary.path);
    journal.add(a, digest('aaaa'));
    journal.add(b, digest('xxxx'));
    assert.equal(await journal.resume(data, places, undefined), 1);
    journal.add(b, digest('bbbb'));
    assert.equal(await resume(), 2);
  });

  it('believes the lines before one that was not written whole', async () => {
    new Journal(temporary.path).add(a, digest('aaaa'));
    writeFileSync(temporary.join('journal'), '{"name":"b","off', { flag: 'a' });
    assert.equal(await resume(), 1);
  });

  it('is given up when the build is', async () => {
    new Journal(temporary.path).add(a, digest('aaaa'));
    await assert.rejects(resume(places, AbortSignal.abort()), { name: 'AbortError' });
  });
});
