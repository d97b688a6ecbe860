/** `npm start` with a desktop VS Code, played by a script. (With the real one in a browser: test/e2e/start.test.ts.) */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { skip } from '../../host/skip';

const { VSCODE_EXECUTABLE: _, DISPLAY: __, WAYLAND_DISPLAY: ___, ...bare } = process.env;

/** VS Code's launcher: it refuses root without a profile, and here ends with 7 where it would have opened a window. */
const code = (log: string): string => `#!/bin/sh
printf '%s\\n' "$@" >> '${log}'
case " $* " in
  *' --user-data-dir '*) ;;
  *) echo 'You are trying to start Visual Studio Code as a super user' >&2; exit 1 ;;
esac
case "$1" in --version) printf '1.139.0\\nabcdef\\nx64\\n'; exit 0 ;; esac
exit 7
`;

describe('npm start with a desktop VS Code', function () {
  this.timeout(60_000);
  const folder = join(tmpdir(), `moxu start-${process.pid}`);
  const [bin, home, log] = [join(folder, 'bin'), join(folder, 'home'), join(folder, 'log')];
  const program = join(bin, 'code');
  const display = { DISPLAY: ':99', PATH: [bin, bare.PATH].join(delimiter) };
  const write = (script: string): void => writeFileSync(program, script, { mode: 0o755 });
  before(function () {
    if (process.platform === 'win32') skip(this, 'a shell script plays VS Code');
    mkdirSync(bin, { recursive: true });
  });
  beforeEach(() => write(code(log)));
  afterEach(() => rmSync(log, { force: true }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What runs the tests has built already. */
  const start = (env: NodeJS.ProcessEnv) =>
    spawnSync(process.execPath, [join('test', 'host', 'start.mjs')], {
      env: { ...bare, MOXU_START_HOME: home, MOXU_BUILT: '1', ...env },
      encoding: 'utf8',
      // It would go on without end where it took no desktop VS Code.
      ...{ timeout: 30_000, killSignal: 'SIGINT' },
    });

  /** @param expression of what desktop.mjs has */
  const ask = (expression: string, env: NodeJS.ProcessEnv = {}): unknown => {
    const script = `import * as desktop from './test/host/desktop.mjs';
      console.log(JSON.stringify((await desktop.${expression}) ?? null));`;
    const options = { env: { ...bare, ...env }, encoding: 'utf8' } as const;
    return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], options));
  };

  for (const [name, env, isAskedFirst] of [
    ['as VSCODE_EXECUTABLE names it', { VSCODE_EXECUTABLE: program }, false],
    ['as the PATH has it', display, true],
  ] as const)
    it(`opens the essay at its end in it, ${name}, and ends as it ends`, () => {
      const { status, stdout, stderr } = start(env);
      assert.deepEqual([status, stdout, stderr], [7, `VS Code: ${program}\n`, '']);
      const words = readFileSync(log, 'utf8').trimEnd().split('\n');
      const profile = ['--user-data-dir', join(home, 'desktop')];
      assert.deepEqual(words.splice(0, isAskedFirst ? 3 : 0), isAskedFirst ? ['--version', ...profile] : []);
      assert.ok(words.includes(`--extensionDevelopmentPath=${resolve('.')}`));
      assert.deepEqual(words.slice(words.indexOf('--user-data-dir')).slice(0, 2), profile);
      const [opened = '', goTo, place = ''] = words.slice(-3);
      assert.deepEqual([opened, goTo], [join(home, 'sample'), '--goto']);
      const [, file = '', line, column] = /^(.*):(\d+):(\d+)$/.exec(place) ?? [];
      assert.ok(file.startsWith(opened), place);
      const lines = readFileSync(file, 'utf8').split('\n');
      assert.deepEqual([Number(line), Number(column)], [lines.length, (lines.at(-1) ?? '').length + 1]);
    });

  it('a code that is another program is not taken, nor one that cannot show a window', () => {
    const choice = (env: NodeJS.ProcessEnv) => ask(`findDesktop(${JSON.stringify(home)})`, env);
    assert.equal(choice(display), program);
    if (process.platform === 'linux') assert.equal(choice({ PATH: display.PATH }), null);
    write('#!/bin/sh\necho Code, the game\n');
    assert.equal(choice(display), null);
  });

  it('says what to do when VSCODE_EXECUTABLE cannot be started', () => {
    const sentence = (named: string, why: RegExp): void => {
      const { status, stderr } = start({ VSCODE_EXECUTABLE: named });
      assert.equal(status, 1);
      assert.ok(stderr.startsWith(`VSCODE_EXECUTABLE is ${named}, but `), stderr);
      assert.match(stderr, why);
      assert.match(stderr, /Set it to VS Code's own program .*; without it, npm start .*\.\n$/);
    };
    sentence(join(folder, 'no such program'), /there is no such program/);
    sentence(bin, /it cannot be started \(.*EACCES\)/);
    assert.equal(existsSync(log), false);
  });

  it('on Windows a .cmd is started through cmd.exe, each word quoted', () => {
    const starting = (name: string, platform: string) =>
      ask(`startingOf(${JSON.stringify(name)}, ['--wait', 'C:\\\\my texts'], '${platform}')`);
    const words = ['--wait', 'C:\\my texts'];
    const quoted = ['"--wait"', '"C:\\my texts"'];
    assert.deepEqual(starting('C:\\VS Code\\code.cmd', 'win32'), ['"C:\\VS Code\\code.cmd"', quoted, { shell: true }]);
    assert.deepEqual(starting('C:\\VS Code\\Code.exe', 'win32'), ['C:\\VS Code\\Code.exe', words, { shell: false }]);
    assert.deepEqual(starting('/usr/bin/code', 'linux'), ['/usr/bin/code', words, { shell: false }]);
  });
});
