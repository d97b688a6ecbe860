/**
 * The peers, in the versions that the figures name. They are no dependencies of this repository (1.2 GB): the bench puts
 * them into its cache folder, from the package registry alone and without running any install script of theirs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Peer {
  name: string;
  version: string;
  /** Its entry below its folder. */
  entry: string;
}

export const peers = {
  llama: { name: 'node-llama-cpp', version: '3.21.1', entry: join('dist', 'index.js') },
  transformers: {
    ...{ name: '@huggingface/transformers', version: '4.3.2' },
    entry: join('dist', 'transformers.node.mjs'),
  },
} satisfies Record<string, Peer>;

/** @returns the URL to import it from, or why it cannot be had */
export function install({ name, version, entry }: Peer): { url: string } | { missing: string } {
  const prefix = join(process.cwd(), '.cache', 'peers', `${name.replace('/', '+')}@${version}`);
  const file = join(prefix, 'node_modules', name, entry);
  if (!existsSync(file)) {
    console.error(`installing ${name} ${version} into ${prefix}`);
    mkdirSync(prefix, { recursive: true });
    const args = ['install', '--prefix', prefix, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
    const npm = spawnSync('npm', [...args, `${name}@${version}`], {
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (npm.status !== 0 || !existsSync(file))
      return { missing: `${name} ${version}: ${npm.stderr.trim().split('\n').at(-1) ?? 'npm failed'}` };
  }
  return { url: pathToFileURL(file).href };
}
