// THIRD_PARTY_NOTICES.txt: everything in the package that others wrote, with its licence.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Shipped as they are, beside the bundles. */
const shippedPackages = ['onnxruntime-node', 'onnxruntime-common'];

/** What ONNX Runtime's library itself holds of others; its npm package does not say, Python's of the same version does. */
const { version: runtimeVersion } = JSON.parse(
  readFileSync(join('node_modules', 'onnxruntime-node', 'package.json'), 'utf8'),
);
const runtimeNotices = join('test', 'host', 'notices', `onnxruntime-${runtimeVersion}.txt`);

/** Parts of the package that are no npm package: name → file with the licence. */
const otherParts = {
  'jieba 0.42.1 (dictionary and hidden Markov model)': 'src/tokenizer/jieba/LICENSE',
  'OpenCC (dictionaries, by way of opencc-js)': 'node_modules/opencc-js/THIRD_PARTY_LICENSES.md',
  [`Within the libraries of onnxruntime-node ${runtimeVersion}`]: runtimeNotices,
};

const onWindows = `The packages for Windows hold these files of Microsoft's too, as onnxruntime-node ${runtimeVersion} brings them: DirectML.dll (DirectML, Microsoft Software License Terms), dxcompiler.dll (DirectX Shader Compiler, University of Illinois/NCSA Open Source License, https://github.com/microsoft/DirectXShaderCompiler) and dxil.dll (Microsoft Software License Terms).`;

/** ONNX Runtime's npm packages name their licence but do not bring its text. */
const withoutText = {
  'onnxruntime-node': 'Copyright (c) Microsoft Corporation. All rights reserved.',
  'onnxruntime-common': 'Copyright (c) Microsoft Corporation. All rights reserved.',
};

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/**
 * @param {string} file where to write
 * @param {import('esbuild').Metafile[]} metafiles of all bundles that are shipped
 */
export function writeNotices(file, metafiles) {
  if (!existsSync(runtimeNotices))
    throw new Error(
      `${runtimeNotices} is missing: take ThirdPartyNotices.txt from PyPI's onnxruntime ${runtimeVersion}`,
    );
  const bundled = metafiles
    .flatMap(({ inputs }) => Object.keys(inputs))
    .map((input) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1])
    .filter((name) => name !== undefined);
  const packages = [...new Set([...shippedPackages, ...bundled])].sort();
  const parts = [
    'Moxu contains the following software of others.',
    ...packages.map(packageNotice),
    onWindows,
    ...Object.entries(otherParts).map(([name, licence]) => `${name}\n\n${readFileSync(licence, 'utf8').trim()}`),
  ];
  writeFileSync(file, parts.join(`\n\n${'-'.repeat(79)}\n\n`) + '\n');
}

/** @param {string} name */
function packageNotice(name) {
  const folder = join('node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const licenceFile = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const heading = `${name} ${version} (${license})`;
  if (licenceFile) return `${heading}\n\n${readFileSync(join(folder, licenceFile), 'utf8').trim()}`;
  const holder = withoutText[/** @type {keyof typeof withoutText} */ (name)];
  if (!holder || license !== 'MIT' || !existsSync(folder)) throw new Error(`no licence text for ${heading}`);
  return `${heading}\n\n${holder}\n\n${mit}`;
}
