// Bundles the extension (dist/), the terminal commands and the tests (out/).
// `vscode` is provided by the host; onnxruntime-node loads a native library from its own folder, so both stay outside.
import { build, context } from 'esbuild';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeNotices } from './test/host/notices.mjs';
import { writeTraditional } from './test/host/traditional.mjs';

const watch = process.argv.includes('--watch');
/** `--production FOLDER`: what is packaged, into that folder; what is being tested or tried meanwhile stays. */
const productionAt = process.argv.indexOf('--production');
const production = productionAt >= 0;
const dist = production ? (process.argv[productionAt + 1] ?? 'dist') : 'dist';

/**
 * One copy of VS Code's interface for all files. Else each `import * as vscode` makes a copy of its own, name by name, when
 * the extension is loaded: five hundred names in fifty files.
 *
 * @type {import('esbuild').Plugin}
 */
const oneVscode = {
  name: 'one vscode',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^vscode$/ }, ({ path, namespace }) =>
      namespace === 'one' ? { path, external: true } : { path, namespace: 'one' },
    );
    onLoad({ filter: /^vscode$/, namespace: 'one' }, () => ({ contents: "export * from 'vscode';" }));
  },
};

const shared = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['onnxruntime-node'],
  plugins: [oneVscode],
  // That of what is packaged stays here (package.mjs): it is for those who read a profile or a report of an error.
  sourcemap: production ? 'external' : 'linked',
  minify: production,
  metafile: true,
  logLevel: 'warning',
};

/** Test files; what they only drive from outside (mocha, browsers) is not bundled. */
const tests = readdirSync('test', { recursive: true })
  .map(String)
  .filter((name) => /\.(test|bench)\.ts$/.test(name))
  .map((name) => join('test', name));

const bundles = [
  {
    ...shared,
    entryPoints: {
      extension: 'src/extension.ts',
      worker: 'src/engine/worker.ts',
      convert: 'src/builder/thread.ts',
      deviceTrial: 'src/engine/deviceTrial.ts',
    },
    outdir: dist,
  },
  {
    ...shared,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    entryPoints: ['panel', 'figures'].flatMap((page) => [
      { in: `media/${page}/${page}.ts`, out: page },
      { in: `media/${page}/${page}.css`, out: page },
    ]),
    outdir: dist,
  },
];
if (!production) {
  // A test whose source is gone would still be run. (Others may be running.)
  for (const name of existsSync('out/test') ? readdirSync('out/test', { recursive: true }).map(String) : [])
    if (/\.(test|bench)\.js$/.test(name) && !tests.includes(join('test', name.replace(/js$/, 'ts'))))
      rmSync(join('out', 'test', name));
  bundles.push(
    {
      ...shared,
      entryPoints: {
        write: 'src/cli/write.ts',
        buildModel: 'src/cli/buildModel.ts',
        verifyModel: 'src/cli/verifyModel.ts',
        eval: 'src/cli/eval.ts',
      },
      outdir: 'out/cli',
    },
    {
      ...shared,
      entryPoints: tests,
      outbase: 'test',
      outdir: 'out/test',
      external: [...shared.external, 'esbuild', 'mocha', 'playwright-core', '@vscode/test-electron'],
    },
  );
}

// Read by the worker when a CPM model is loaded; data, so not part of a bundle.
mkdirSync(dist, { recursive: true });
copyFileSync('src/tokenizer/jieba/dictionary.bin.br', join(dist, 'dictionary.bin.br'));
await writeTraditional(join(dist, 'traditional.bin.br'));

if (watch) {
  for (const options of bundles) await (await context(options)).watch();
} else {
  const results = await Promise.all(bundles.map((options) => build(options)));
  if (production)
    writeNotices(
      join(dist, 'THIRD_PARTY_NOTICES.txt'),
      results.map(({ metafile }) => metafile),
    );
}
