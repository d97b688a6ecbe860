/** What tests need of the system, where apt-get is played by a script: nothing is installed here. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skip } from '../../host/skip';

describe('the browser and the font of the tests', () => {
  let folder = '';
  let [bin, log] = ['', ''];
  beforeEach(function () {
    if (process.platform === 'win32') skip(this, 'a shell script plays apt-get');
    folder = mkdtempSync(join(tmpdir(), 'moxu-packages-'));
    [bin, log] = [join(folder, 'bin'), join(folder, 'log')];
    mkdirSync(bin);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** @param installs whether the browser is there afterwards */
  function playAptGet(installs: boolean): void {
    const browser = installs ? `case "$1" in install) : > '${join(bin, 'chromium-headless-shell')}' ;; esac\n` : '';
    const script = `#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> '${log}'\n${browser}`;
    writeFileSync(join(bin, 'apt-get'), script, { mode: 0o755 });
  }

  /** Of a machine that has nothing. @returns what was found, or why not */
  function install(userId: number): string {
    const script = `process.getuid = () => ${userId};
      const { installBrowser } = await import('./test/host/systemPackages.mjs');
      console.log(await installBrowser().catch((error) => error.message));`;
    const { MOXU_CHROMIUM: _, ...env } = process.env;
    const options = { env: { ...env, PATH: bin }, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], options);
    assert.equal(status, 0, stderr);
    return stdout.trimEnd().split('\n').at(-1) ?? '';
  }

  const byHand =
    'Please install chromium-headless-shell and fonts-noto-cjk: ' +
    'sudo apt-get install -y chromium-headless-shell fonts-noto-cjk';

  it('are installed for root', () => {
    playAptGet(true);
    assert.equal(install(0), join(bin, 'chromium-headless-shell'));
    const [update, installation, ...more] = readFileSync(log, 'utf8').trimEnd().split('\n');
    assert.equal(update, 'noninteractive update -qq');
    assert.match(installation ?? '', /^noninteractive install -y .* chromium-headless-shell fonts-noto-cjk$/);
    assert.deepEqual(more, []);
  });

  it('are named for anybody else', () => {
    playAptGet(true);
    assert.equal(install(1000), byHand);
    assert.equal(existsSync(log), false, 'apt-get was called');
  });

  it('are named where there is no apt-get', () => assert.equal(install(0), byHand));

  it('are told of when apt-get was content and the browser is not there', () => {
    playAptGet(false);
    assert.match(install(0), /^chromium-headless-shell was installed but is not on the PATH; set MOXU_CHROMIUM/);
  });
});
