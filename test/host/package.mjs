// npm run package -- [--target linux-x64] [--out FILE]: the VSIX of one platform, with only its ONNX Runtime inside.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { faultsOf } from './binaries.mjs';
import { extensionPage } from './extensionPage.mjs';
import { cache, npm, root, run, step } from './steps.mjs';
import { unpacked, zipEntries } from './zip.mjs';

/** VS Code's name of a platform → where onnxruntime-node keeps its library for it. */
const targets = {
  'linux-x64': 'linux/x64',
  'linux-arm64': 'linux/arm64',
  'darwin-arm64': 'darwin/arm64',
  'win32-x64': 'win32/x64',
  'win32-arm64': 'win32/arm64',
};
/** @typedef {keyof typeof targets} Target */

export const thisTarget = /** @type {Target} */ (`${process.platform}-${process.arch}`);

/** What the names in the latest package's extension.js were, and where; not part of it. */
export const sourceMapOfPackage = join(cache, 'vsix', 'extension.js.map');

const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(2).padStart(8)} MB`;

/** @param {{ target: Target, out: string }} options */
export async function packageExtension({ target, out }) {
  if (!Object.hasOwn(targets, target)) throw new Error(`${target} is not one of ${Object.keys(targets).join(', ')}`);
  await step(`package ${target}`, async () => {
    requireFiles();
    const stage = await stageFor(target);
    await run(process.execPath, ['esbuild.mjs', '--production', join(stage, 'dist')]);
    cpSync(join(stage, 'dist', 'extension.js.map'), sourceMapOfPackage);
    mkdirSync(dirname(out), { recursive: true });
    rmSync(out, { force: true });
    await run(
      process.execPath,
      [
        join(root, 'node_modules', '@vscode', 'vsce', 'vsce'),
        ...['package', '--target', target, '--out', out],
        ...['--allow-missing-repository', '--skip-license', '--no-rewrite-relative-links'],
      ],
      { cwd: stage },
    );
    rmSync(stage, { recursive: true });
    const zip = readFileSync(out);
    const entries = zipEntries(zip);
    checkInside(target, entries);
    const binaries = entries.filter(({ name }) => isBinary(name));
    const faults = faultsOf(
      target,
      binaries.map((entry) => ({ name: entry.name, bytes: unpacked(zip, entry) })),
    );
    if (faults.length > 0) throw new Error(`the package for ${target}: ${faults.join('; ')}`);
  });
  printSizes(out);
}

/** vsce's own messages for these are long and late. */
function requireFiles() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const needed = [
    'README.md',
    'README.en.md',
    'LICENSE',
    'models/builtin/moxu.json',
    'package.nls.json',
    manifest.icon,
  ];
  const missing = needed.filter((name) => name && !existsSync(join(root, name)));
  if (missing.length > 0) throw new Error(`cannot package without ${missing.join(', ')}`);
}

/**
 * What .vscodeignore chooses from, with ONNX Runtime for one platform: a copy, since vsce looks at each file of a folder,
 * and the checkout has some ten thousand in its caches.
 *
 * @param {Target} target
 */
async function stageFor(target) {
  const stage = join(cache, 'vsix', `stage-${target}`);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  for (const name of readdirSync(root))
    if (!['.cache', '.git', 'dist', 'node_modules', 'out', 'test'].includes(name) && !name.endsWith('.vsix'))
      cpSync(join(root, name), join(stage, name), { recursive: true });
  const text = (/** @type {string} */ name) => readFileSync(join(root, name), 'utf8');
  writeFileSync(join(stage, 'README.md'), extensionPage(text('README.md'), text('README.en.md')));
  // vsce asks npm whether the tree of packages is complete, so it gets all of it.
  const others = Object.values(targets).filter((folder) => folder !== targets[target]);
  const packages = (await npm(['list', '--omit=dev', '--all', '--parseable'])).split('\n');
  for (const folder of packages.filter((line) => line.includes('node_modules')))
    cpSync(folder, join(stage, relative(root, folder)), {
      recursive: true,
      filter: (file) => !others.some((other) => file.endsWith(join('napi-v6', other))),
    });
  return stage;
}

const inExtension = (/** @type {string} */ name) => `extension/${name}`;

/** A library of any platform; one that the linker made has its version behind. @param {string} name */
const isBinary = (name) => /\.(?:node|dll|so|dylib)(?:\.[\d.]+)?$/i.test(name);

/**
 * All that a package may hold, of any platform. .vscodeignore chooses, but a slip in it would let in sources, weights of a
 * training, or what somebody keeps in the checkout.
 */
const mayBeInside = [
  /^(?:\[Content_Types\]\.xml|extension\.vsixmanifest)$/,
  /^extension\/(?:package(?:\.nls(?:\.zh-(?:cn|tw))?)?\.json|LICENSE\.txt|readme\.md|changelog\.md)$/,
  /^extension\/dist\/(?:(?:extension|worker|convert|deviceTrial|panel|figures)\.js|(?:panel|figures)\.css)$/,
  /^extension\/dist\/(?:(?:dictionary|traditional)\.bin\.br|THIRD_PARTY_NOTICES\.txt)$/,
  /^extension\/l10n\/bundle\.l10n\.zh-(?:cn|tw)\.json$/,
  /^extension\/media\/(?:walkthrough\/)?[\w-]+\.(?:png|svg)$/,
  /^extension\/models\/(?:FAMILIES(?:\.zh-cn)?\.md|builtin\/[\w-]+(?:\.onnx)?\.(?:md|json|onnx|data|bin|model|txt))$/,
  /^extension\/node_modules\/onnxruntime-(?:common|node)\/package\.json$/,
  /^extension\/node_modules\/onnxruntime-common\/dist\/cjs\/(?:[\w-]+\.js|package\.json)$/,
  /^extension\/node_modules\/onnxruntime-node\/dist\/\w+\.js$/,
  /^extension\/node_modules\/onnxruntime-node\/bin\/napi-v6\/\w+\/\w+\/\w+(?:\.node|\.dll|\.so\.1|\.1\.dylib)$/,
];

/**
 * This platform's library is inside, and no other's, nor anything else that has no place there, and what others ask to be
 * told with their software.
 *
 * @param {Target} target
 * @param {{ name: string, bytes: number }[]} entries
 */
export function checkInside(target, entries) {
  const inside = entries.map(({ name }) => name).filter((name) => isBinary(name) || name.includes('/napi-v6/'));
  const others = inside.filter((name) => !name.includes(`/napi-v6/${targets[target]}/`));
  if (others.length > 0) throw new Error(`the package for ${target} has ${others.join(', ')}`);
  const strays = entries.filter(({ name }) => !mayBeInside.some((pattern) => pattern.test(name)));
  if (strays.length > 0) {
    const few = strays.slice(0, 5).map(({ name }) => name);
    throw new Error(`in the package for ${target} ${strays.length} × what has no place there: ${few.join(', ')}`);
  }
  for (const library of [/\/onnxruntime_binding\.node$/, /\/(?:libonnxruntime\.(?:so|1)|onnxruntime\.dll)/])
    if (!inside.some((name) => library.test(name)))
      throw new Error(`the package for ${target} has no ${library.source}`);
  // Without jieba's dictionary no CPM model opens.
  for (const name of ['LICENSE.txt', 'dist/THIRD_PARTY_NOTICES.txt', 'dist/dictionary.bin.br'].map(inExtension))
    if (!entries.some((entry) => entry.name === name && entry.bytes > 0))
      throw new Error(`the package for ${target} has no ${name}`);
}

/** What is really inside, by folder. @param {string} out */
function printSizes(out) {
  /** @type {Map<string, { files: number, bytes: number, packed: number }>} */
  const parts = new Map();
  for (const { name, bytes, packed } of zipEntries(readFileSync(out))) {
    const [first = '', second = '', third = ''] = name.replace(/^extension\//, '').split('/');
    const part = ['node_modules', 'models'].includes(first)
      ? `${first}/${second}`
      : third || second
        ? first
        : 'top level';
    const sum = parts.get(part) ?? { files: 0, bytes: 0, packed: 0 };
    parts.set(part, { files: sum.files + 1, bytes: sum.bytes + bytes, packed: sum.packed + packed });
  }
  const rows = [...parts].sort((a, b) => b[1].packed - a[1].packed);
  console.log(`${'packed'.padStart(11)} ${'unpacked'.padStart(11)}  files`);
  for (const [part, { files, bytes, packed }] of rows)
    console.log(`${megabytes(packed)} ${megabytes(bytes)} ${String(files).padStart(6)}  ${part}`);
  console.log(`${megabytes(statSync(out).size)}  ${out}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { target: { type: 'string', default: thisTarget }, out: { type: 'string' } },
  });
  const target = /** @type {Target} */ (values.target);
  try {
    await packageExtension({ target, out: resolve(values.out ?? `moxu-${target}.vsix`) });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
