/** What others wrote in the package, and their licences: read in the notices that a package gets. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const read = (...path: string[]) => readFileSync(join(...path), 'utf8');

/** Where npm has put it. @returns its name, version and licence as the notices give them */
function headingOf(name: string): string {
  const { version, license } = JSON.parse(read('node_modules', name, 'package.json')) as Record<string, string>;
  return `${name} ${version} (${license})`;
}

describe('the notices in the package', () => {
  const dist = mkdtempSync(join(tmpdir(), 'moxu-notices-'));
  let notices = '';
  /** Of npm, within what is bundled. */
  let bundled: string[] = [];
  before(() => {
    execFileSync(process.execPath, ['esbuild.mjs', '--production', dist]);
    notices = read(dist, 'THIRD_PARTY_NOTICES.txt');
    // The maps name each source, whatever notices.mjs makes of it.
    const maps = readdirSync(dist).filter((name) => name.endsWith('.map'));
    const sources = maps.flatMap((name) => (JSON.parse(read(dist, name)) as { sources: string[] }).sources);
    const names = sources.map((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1]);
    bundled = [...new Set(names)].filter((name) => name !== undefined).sort();
  });
  after(() => rmSync(dist, { recursive: true }));

  it('name each package that is bundled, with its licence’s text', () => {
    assert.deepEqual(bundled, ['@huggingface/tokenizers', 'pbf']);
    for (const name of bundled) {
      const licence = read('node_modules', name, 'LICENSE').trim();
      assert.ok(licence.length > 500, name);
      assert.ok(notices.includes(`\n${headingOf(name)}\n\n${licence}\n`), name);
    }
  });

  it('name each package that is shipped as it is; ONNX Runtime’s bring no text of their licence', () => {
    const shipped = new Set(
      Array.from(read('.vscodeignore').matchAll(/^!node_modules\/([^/]+)\//gm), ([, name]) => name),
    );
    assert.deepEqual([...shipped].sort(), ['onnxruntime-common', 'onnxruntime-node']);
    for (const name of shipped) {
      const [, notice = ''] = notices.split(`\n${headingOf(name ?? '')}\n\n`);
      assert.match(
        notice.slice(0, 2000),
        /^Copyright \(c\) Microsoft Corporation.*\n\nPermission is hereby granted[^]*\n\nThe above copyright notice[^]*\n\nTHE SOFTWARE IS PROVIDED/,
        name,
      );
    }
  });

  it('have what is no package of npm: dictionaries, and what is within ONNX Runtime’s libraries', () => {
    const { version } = JSON.parse(read('node_modules', 'onnxruntime-node', 'package.json')) as { version: string };
    for (const [name, licence] of [
      ['jieba', read('src', 'tokenizer', 'jieba', 'LICENSE')],
      ['OpenCC', read('node_modules', 'opencc-js', 'THIRD_PARTY_LICENSES.md')],
      ['Within the libraries of onnxruntime-node', read('test', 'host', 'notices', `onnxruntime-${version}.txt`)],
    ] as const) {
      assert.ok(licence.length > 500, name);
      assert.ok(notices.includes(`\n\n${licence.trim()}\n`), name);
      assert.ok(notices.includes(`\n${name} `), name);
    }
    for (const file of ['DirectML.dll', 'dxcompiler.dll', 'dxil.dll']) assert.ok(notices.includes(file), file);
  });
});
