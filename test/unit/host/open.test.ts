/** `npm start -- --open`, where scripts play the browsers. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBrowser } from '../../host/open';
import { skip } from '../../host/skip';

const url = 'http://127.0.0.1:8390/?folder=/a%20folder&payload=[["openFile","雨.md"]]';

describe('openBrowser', () => {
  let folder = '';
  beforeEach(function () {
    if (process.platform === 'win32') skip(this, 'a shell script plays the browser');
    folder = mkdtempSync(join(tmpdir(), 'moxu open-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A program that writes down what it is given, at once or not at all. */
  function browser(name: string): { program: string; given: () => Promise<string[]> } {
    const [program, log] = [join(folder, name), join(folder, `${name}.log`)];
    writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" > '${log}.part'\nmv '${log}.part' '${log}'\n`, {
      mode: 0o755,
    });
    const given = async (): Promise<string[]> => {
      while (!existsSync(log)) await sleep(20);
      return readFileSync(log, 'utf8').trimEnd().split('\n');
    };
    return { program, given };
  }

  it('gives the address, as one word, to the first program that is there', async () => {
    const [first, second] = [browser('firefox'), browser('other')];
    assert.equal(openBrowser(url, [undefined, join(folder, 'none'), first.program, second.program]), true);
    assert.deepEqual(await first.given(), [url]);
    assert.equal(existsSync(join(folder, 'other.log')), false);
  });

  it('tells Chromium that root has no sandbox, which it would not start without', async () => {
    const { program, given } = browser('chromium');
    const { getuid } = process;
    try {
      process.getuid = () => 0;
      assert.equal(openBrowser(url, [program]), true);
    } finally {
      if (getuid) process.getuid = getuid;
    }
    assert.deepEqual(await given(), ['--no-sandbox', url]);
  });

  it('says so where there is none', () => {
    assert.equal(openBrowser(url, [undefined, join(folder, 'none')]), false);
  });
});
