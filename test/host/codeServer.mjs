// A real VS Code from the package registry. code-server is VS Code's own workbench and extension host, served to a
// browser; the Node.js that it wants is inside an npm package too. So tests run where nothing else can be downloaded.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, npm, run, step } from './steps.mjs';

/**
 * VS Code's version → code-server's, and the Node.js that it is made for: the newest, and the oldest that we test.
 *
 * @type {Record<string, { codeServer: string, node: string }>}
 */
const releases = {
  1.139: { codeServer: '4.139.1', node: '24.21.0' },
  '1.100': { codeServer: '4.100.3', node: '20.20.2' },
};
export const newest = '1.139';
export const versions = Object.keys(releases);

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
 * @param {{ codeServer: string, node: string }} release
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
    await npm(['install', ...flags], { cwd: vscode, env: cleanEnvironment() });
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
