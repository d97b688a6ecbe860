// A real VS Code from the package registry. code-server is VS Code's own workbench and extension host, served to a
// browser; the Node.js that it wants is inside an npm package too. So tests run where nothing else can be downloaded.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, npm, root, run, step } from './steps.mjs';

/**
 * @typedef {object} Release
 * @property {string} codeServer code-server's version
 * @property {string} node the Node.js that it is made for
 * @property {boolean} [isOld] among its packages are betas where others ask for the final version, which npm takes only when
 *   it is told so; and an extension host that cannot load its logger tries for ever to flush it, and does nothing else
 */

/**
 * By VS Code's version.
 *
 * @type {Record<string, Release>}
 */
const releases = {
  1.139: { codeServer: '4.139.1', node: '24.21.0' },
  '1.100': { codeServer: '4.100.3', node: '20.20.2' },
  // Not the latest Node.js 20 but the one that desktop VS Code 1.90 has inside.
  '1.90': { codeServer: '4.90.3', node: '20.9.0', isOld: true },
};
export const newest = '1.139';
export const versions = Object.keys(releases);

/** The oldest that may install Moxu. When package.json promises another, that one has to be found and named above. */
export const oldest = promisedVersion();

function promisedVersion() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return /^\^(\d+\.\d+)\./.exec(engines.vscode)?.[1] ?? engines.vscode;
}

/** In place of a logger that is compiled at install: what it is told goes nowhere. */
const silentLogger = `
const nothing = () => undefined;
const silent = new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : nothing) });
module.exports = { setFlushOn: nothing, createAsyncRotatingLogger: async () => silent };
`;

/**
 * @typedef {object} Host
 * @property {string} version VS Code's, as 1.139
 * @property {boolean} isNewest of those that we test
 * @property {string} node the Node.js to run it with
 * @property {string} entry code-server's script
 */

/** Several checkouts can share one folder of installed versions. */
const hostCache = () => process.env.MOXU_HOST_CACHE ?? join(cache, 'host');

/**
 * Installs a version, once.
 *
 * @param {string} version
 * @returns {Promise<Host>}
 */
export async function installCodeServer(version) {
  const release = releases[version];
  if (!release) throw new Error(`VS Code ${version} is not one of ${versions.join(', ')}`);
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch))
    throw new Error('VS Code in the browser is set up for Linux only; name a desktop VS Code in VSCODE_EXECUTABLE');
  const name = `code-server-${release.codeServer}-${process.arch}`;
  const folder = join(hostCache(), name);
  const host = hostIn(folder, version);
  if (!isComplete(host, folder)) {
    await step(`VS Code ${version} (code-server ${release.codeServer})`, () => install(release, name));
  }
  return host;
}

/** @returns {Host} @param {string} folder @param {string} version */
function hostIn(folder, version) {
  const modules = join(folder, 'node_modules');
  return {
    version,
    isNewest: version === newest,
    node: join(modules, `node-linux-${process.arch}`, 'bin', 'node'),
    entry: join(modules, 'code-server', 'out', 'node', 'entry.js'),
  };
}

/** @param {Host} host @param {string} folder */
const isComplete = (host, folder) =>
  existsSync(join(folder, 'complete')) && existsSync(host.node) && existsSync(host.entry);

/**
 * Installs beside the final place and moves there at the end, so that a folder is whole or not there.
 *
 * @param {Release} release
 * @param {string} name
 */
async function install(release, name) {
  const parent = hostCache();
  const folder = join(parent, name);
  const part = `${folder}.part-${process.pid}`;
  mkdirSync(parent, { recursive: true });
  removeAbandonedParts(parent);
  try {
    mkdirSync(part);
    const dependencies = { 'code-server': release.codeServer, [`node-linux-${process.arch}`]: release.node };
    // Older releases want a password hash that is compiled or downloaded at install; newer ones carry it prebuilt.
    const overrides = { argon2: '0.44.0' };
    writeFileSync(join(part, 'package.json'), JSON.stringify({ private: true, dependencies, overrides }));
    // No install scripts: they compile native add-ons (logging, file watching), for which VS Code has fallbacks.
    const flags = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await npm(['install', '--no-package-lock', ...flags], { cwd: part, env: cleanEnvironment() });
    const vscode = join(part, 'node_modules', 'code-server', 'lib', 'vscode');
    const peers = release.isOld ? ['--legacy-peer-deps'] : [];
    await npm(['install', ...flags, ...peers], { cwd: vscode, env: cleanEnvironment() });
    if (release.isOld) writeFileSync(join(vscode, 'node_modules', '@vscode', 'spdlog', 'index.js'), silentLogger);
    const { node, entry } = hostIn(part, '');
    const config = join(part, 'empty.yaml');
    writeFileSync(config, '');
    await run(node, [entry, '--config', config, '--version'], { cwd: part, timeoutMs: 60_000 });
    writeFileSync(join(part, 'complete'), '');
    // Another checkout that shares the cache may have been first, and may be using it.
    if (isComplete(hostIn(folder, ''), folder)) return;
    rmSync(folder, { recursive: true, force: true });
    renameSync(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/**
 * What `npm start` and `npm test` set for this project would be taken as settings of the install below.
 *
 * @returns {NodeJS.ProcessEnv}
 */
function cleanEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|command|config_(prefix|local_prefix|ignore_scripts|omit))/.test(name),
  );
  return Object.fromEntries(kept);
}

/** @param {string} parent */
function removeAbandonedParts(parent) {
  for (const name of readdirSync(parent)) {
    const pid = /\.part-(\d+)$/.exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
