// From a bare clone to built bundles: the packages of the lock file, then esbuild. Plain JavaScript without
// dependencies, since it runs before there are any.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm, root, run, step } from './steps.mjs';

/** Installs what package-lock.json names, unless it is what was installed last. */
export async function installPackages() {
  const stamp = join(root, 'node_modules', '.moxu-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  await step('npm ci', () => npm(['ci', '--no-audit', '--no-fund']));
  // `npm ci` begins by removing node_modules, and the stamp with it: an interrupted one is done again.
  writeFileSync(stamp, wanted);
}

/** Bundles extension, commands and tests, and what runs them in VS Code (out/host). */
export async function build() {
  await step('build', async () => {
    await run(process.execPath, ['esbuild.mjs']);
    // Imported late: esbuild is one of the packages that installPackages brings.
    const esbuild = await import('esbuild');
    await esbuild.build({
      absWorkingDir: root,
      entryPoints: ['shim', 'integration', 'reporter', 'open'].map((name) => `test/host/${name}.ts`),
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
