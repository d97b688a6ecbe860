// From a bare clone to built bundles: the packages of the lock file, then esbuild. Plain JavaScript without
// dependencies, since it runs before there are any.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm, root, run, step } from './steps.mjs';

/** Installs what package-lock.json names, unless that is what there is. */
export async function installPackages() {
  if (!isInstalled()) await step('npm ci', () => npm(['ci', '--no-audit', '--no-fund']));
}

/** npm writes down what it installed when it is done: an interrupted install, or one of another lock file, shows. */
function isInstalled() {
  const wanted = lockedPackages(join(root, 'package-lock.json'));
  const installed = lockedPackages(join(root, 'node_modules', '.package-lock.json'));
  delete wanted[''];
  return (
    Object.keys(installed).every((path) => path in wanted) &&
    Object.entries(wanted).every(([path, { version, optional }]) =>
      // Optional ones are left out where they are for another platform.
      path in installed ? installed[path]?.version === version : optional,
    )
  );
}

/**
 * @param {string} file
 * @returns {Record<string, { version: string, optional?: boolean }>}
 */
const lockedPackages = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {});

/** Bundles extension, commands and tests, and what runs them in VS Code (out/host). */
export async function build() {
  await step('build', async () => {
    await run(process.execPath, ['esbuild.mjs']);
    // Imported late: esbuild is one of the packages that installPackages brings.
    const esbuild = await import('esbuild');
    await esbuild.build({
      absWorkingDir: root,
      entryPoints: ['shim', 'integration', 'reporter', 'open', 'probe', 'inputProbe', 'outside'].map(
        (name) => `test/host/${name}.ts`,
      ),
      outdir: 'out/host',
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      external: ['vscode', 'mocha', 'playwright-core', '@vscode/test-electron'],
      sourcemap: 'linked',
      logLevel: 'warning',
      logOverride: { 'commonjs-variable-in-esm': 'silent' },
    });
  });
}

export async function bootstrap() {
  await installPackages();
  await build();
}
