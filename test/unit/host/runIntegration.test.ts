/** The integration tests in a desktop VS Code, played by a script. (In the one that tests have: `npm run test:integration`.) */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { skip } from '../../host/skip';

describe('integration tests with VSCODE_EXECUTABLE', () => {
  let folder = '';
  beforeEach(function () {
    if (process.platform === 'win32') skip(this, 'a shell script plays VS Code');
    folder = mkdtempSync(join(tmpdir(), 'moxu-integration-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const [code, expected] of [
    [0, 0],
    [7, 1],
  ] as const)
    it(`run in it, in an empty folder and without other extensions; it ends with ${code}`, () => {
      const [program, log] = [join(folder, 'code'), join(folder, 'log')];
      const script = `#!/bin/sh\nprintf '%s\\n' "$@" > '${log}'\n[ -d "$1" ] && ls -A "$1" >> '${log}'\nexit ${code}\n`;
      writeFileSync(program, script, { mode: 0o755 });
      const { status, stderr } = spawnSync(process.execPath, [join('test', 'host', 'runIntegration.mjs')], {
        env: { ...process.env, VSCODE_EXECUTABLE: program },
        encoding: 'utf8',
      });
      assert.equal(status, expected, stderr);
      const [opened = '', isolation, ...words] = readFileSync(log, 'utf8').trimEnd().split('\n');
      assert.equal(isolation, '--disable-extensions');
      assert.ok(words.includes(`--extensionDevelopmentPath=${resolve('.')}`), words.join('\n'));
      assert.ok(words.includes(`--extensionTestsPath=${resolve('out', 'host', 'integration.js')}`), words.join('\n'));
      // What stood in the folder would come behind VS Code's words.
      assert.match(words.at(-1) ?? '', /^--/);
      assert.match(opened, /moxu-workspace-/);
      assert.equal(existsSync(opened), false, 'it was left behind');
    });
});
