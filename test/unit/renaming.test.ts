/** A folder that others have open for a moment: on Windows, played here by what the system answers. */
import assert from 'node:assert/strict';
import { renameFolder } from '../../src/renaming';

describe('renaming a folder', () => {
  /** @param codes what is answered, one after the other; then it works. @returns the pauses, and how it ended */
  async function outcome(platform: NodeJS.Platform, codes: string[]): Promise<{ pauses: number[]; end: string }> {
    const pauses: number[] = [];
    const left = [...codes];
    const once = () => {
      const code = left.shift();
      return code === undefined ? Promise.resolve() : Promise.reject(Object.assign(new Error(code), { code }));
    };
    const pause = (ms: number) => Promise.resolve(pauses.push(ms));
    const end = await renameFolder('a', 'b', { once, platform, pause }).then(
      () => 'renamed',
      (error: unknown) => (error as Error).message,
    );
    return { pauses, end };
  }

  it('is tried again on Windows while somebody has a file of it open', async () => {
    assert.deepEqual(await outcome('win32', ['EPERM', 'EACCES', 'EBUSY']), { pauses: [20, 40, 80], end: 'renamed' });
  });

  it('fails with the system’s words where that does not end', async () => {
    const { pauses, end } = await outcome('win32', Array<string>(20).fill('EPERM'));
    assert.equal(end, 'EPERM');
    assert.equal(
      pauses.reduce((sum, ms) => sum + ms, 0),
      10_220,
    );
  });

  it('fails at once for other reasons, and elsewhere', async () => {
    assert.deepEqual(await outcome('win32', ['ENOENT']), { pauses: [], end: 'ENOENT' });
    for (const platform of ['linux', 'darwin'] as const)
      assert.deepEqual(await outcome(platform, ['EPERM']), { pauses: [], end: 'EPERM' });
  });
});
