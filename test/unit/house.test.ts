/** The rules of the house that a reviewer would otherwise have to check by eye. Paths are relative to the repository. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, transform } from 'esbuild';

const sources = (folder: string) =>
  readdirSync(join('src', folder), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src', folder, name));

const importsIn = (source: string) =>
  Array.from(source.matchAll(/(?:from|import|import\(|require\()\s*'([^']+)'/g), (match) => match[1] as string);
const importsOf = (file: string) => importsIn(readFileSync(file, 'utf8'));

describe('rooms', () => {
  for (const room of ['generation', 'tokenizer', 'context'])
    it(`${room} imports neither VS Code nor ONNX Runtime`, () => {
      const files = sources(room);
      assert.ok(files.length > 0);
      for (const file of files)
        for (const name of importsOf(file))
          assert.doesNotMatch(name, /^vscode$|^onnxruntime|\/(?:engine|editor|builder)\//, file);
    });

  for (const room of ['generation', 'tokenizer', 'context'])
    it(`nor does what ${room} imports, however far`, async () => {
      const { metafile } = await build({
        ...{ entryPoints: sources(room), bundle: true, platform: 'node', metafile: true, write: false, outdir: 'out' },
        external: ['vscode', 'onnxruntime-*'],
      });
      const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
      assert.deepEqual(
        outside.filter((name) => /^vscode$|^onnxruntime/.test(name)),
        [],
      );
      const rooms = Object.keys(metafile.inputs).filter((file) => /^src\/(?:engine|editor|builder)\//.test(file));
      assert.deepEqual(rooms, []);
    });

  it('only editor/ and extension.ts import VS Code', () => {
    for (const file of sources(''))
      if (importsOf(file).includes('vscode')) assert.match(file, /^src\/(?:editor\/|extension\.ts$)/);
  });

  it('what editor/ sees of the engine is nothing when it runs', async () => {
    for (const name of ['engine/engine', 'engine/deviceAdvice'])
      assert.equal((await transform(readFileSync(`src/${name}.ts`, 'utf8'), { loader: 'ts' })).code, '', name);
  });

  it('only onnxRuntime.ts imports ONNX Runtime, which else would send events to Microsoft', () => {
    for (const file of sources(''))
      if (importsOf(file).includes('onnxruntime-node')) assert.equal(file, join('src', 'engine', 'onnxRuntime.ts'));
  });

  // Ended so while ONNX Runtime works, a thread takes the whole process with it: it aborts with a signal.
  it('nothing ends a thread or the process from outside', () => {
    const allowed = {
      // Its thread has no ONNX Runtime, and has answered by then, or thrown.
      [join('src', 'editor', 'models', 'conversionThread.ts')]: ['.terminate('],
    };
    const found = sources('').flatMap((file) => {
      const calls = readFileSync(file, 'utf8').match(/\.terminate\(|\bprocess\.(?:exit|reallyExit|abort)\(/g);
      return calls ? [[file, calls] as const] : [];
    });
    assert.deepEqual(Object.fromEntries(found), allowed);
  });
});

/** The table of CONTRIBUTING.md: what a room may import of the others, types included. */
describe('each room', () => {
  const contracts =
    'src/(?:protocol|pages|conversion|options|presets|errors|manifest|fileDigest|renaming|visibleFolders)';
  const allowed: Record<string, string> = {
    src: contracts,
    'src/editor': `${contracts}|src/engine/(?:engine|deviceAdvice)|src/context/.*`,
    'src/context': contracts,
    'src/engine': `${contracts}|src/(?:generation|tokenizer|context)/.*|src/builder/(?:gpu\\w+|onnx/\\w+)`,
    'src/generation': `${contracts}|src/(?:context|tokenizer)/.*`,
    'src/tokenizer': contracts,
    'src/builder': `${contracts}|src/tokenizer/(?:sentencePieceModel|bertTokenizer|byteBpeFile)|src/generation/ngramTable`,
    'src/evaluation': `${contracts}|src/\\w+/.*`,
    'src/cli': `${contracts}|src/\\w+/.*`,
    media: 'src/(?:pages|errors|context/.*)',
  };
  const strings = /^src\/editor\/\w+\/\w+Strings$/;

  /** @param source of a file of media/ or src/ @returns what it may not import */
  function strays(file: string, source: string): string[] {
    const room = /^(?:src\/\w+(?=\/)|src|media)/.exec(file)?.[0] ?? '';
    const fits = new RegExp(`^(?:${allowed[room]}${room === 'src' ? '' : `|${room}/.*`})$`);
    const paths = importsIn(source).flatMap((name) => (name.startsWith('.') ? [join(file, '..', name)] : []));
    return paths.filter((path) => !fits.test(path));
  }

  const files = ['src', 'media'].flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .map((name) => join(folder, String(name)))
      .filter((file) => file.endsWith('.ts') && file !== 'src/extension.ts'),
  );

  it('imports only what CONTRIBUTING.md lets it', () => {
    for (const file of files) {
      const source = readFileSync(file, 'utf8');
      const found = strays(file, source).filter((path) => !(file.startsWith('media') && strings.test(path)));
      assert.deepEqual(found, [], file);
    }
  });

  it('and a page of the editor’s strings only their type', () => {
    for (const file of files.filter((name) => name.startsWith('media')))
      for (const [line, name = ''] of readFileSync(file, 'utf8').matchAll(/^import .*? from '([^']+)';/gms))
        if (strings.test(join(file, '..', name))) assert.match(line, /^import type /, file);
  });

  it('that imports another is noticed, by a type alone too', () => {
    const type = (path: string) => `import type { Some } from '${path}';`;
    for (const [file, path, stray] of [
      ['src/editor/a.ts', '../generation/words', 'src/generation/words'],
      ['src/editor/models/a.ts', '../../engine/session', 'src/engine/session'],
      ['src/context/a.ts', '../generation/words', 'src/generation/words'],
      ['src/generation/a.ts', '../engine/engine', 'src/engine/engine'],
      ['src/tokenizer/jieba/a.ts', '../../context/ghost', 'src/context/ghost'],
      ['src/builder/a.ts', '../tokenizer/tokenizer', 'src/tokenizer/tokenizer'],
      ['src/engine/a.ts', '../builder/buildModel', 'src/builder/buildModel'],
      ['src/options.ts', './context/ghost', 'src/context/ghost'],
      ['src/options.ts', './extension', 'src/extension'],
      ['src/newRoom/a.ts', '../context/ghost', 'src/context/ghost'],
      ['media/panel/a.ts', '../../src/editor/pause', 'src/editor/pause'],
      ['media/panel/a.ts', '../../src/protocol', 'src/protocol'],
    ] as const)
      assert.deepEqual(strays(file, type(path)), [stray]);
    assert.deepEqual(
      strays('src/editor/a.ts', `${type('../engine/engine')}${type('./pause')}${type('../options')}`),
      [],
    );
  });
});

describe('activation', () => {
  const bundling = build({
    entryPoints: ['src/extension.ts'],
    bundle: true,
    platform: 'node',
    external: ['vscode', 'onnxruntime-node'],
    metafile: true,
    write: false,
  });

  it('loads no builder, no ONNX Runtime, no tokenizer, no third-party code', async () => {
    const { metafile } = await bundling;
    const bundled = Object.keys(metafile.inputs);
    assert.ok(bundled.includes('src/editor/ghostText.ts'));
    assert.deepEqual(
      bundled.filter((file) => /node_modules|src\/(?:builder|tokenizer|generation)\//.test(file)),
      [],
    );
    const outside = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
    assert.deepEqual(
      outside.filter((name) => name !== 'vscode' && !name.startsWith('node:')),
      [],
    );
  });

  it('reads no tables of languages or of Unicode: that takes up to 20 ms, and can wait for their first use', async () => {
    for (const file of Object.keys((await bundling).metafile.inputs)) {
      const atTopLevel =
        readFileSync(file, 'utf8').match(/^(?:export )?const .*?(?:\/.*\\p\{|RegExp\(|Intl\.).*$/gm) ?? [];
      assert.deepEqual(
        atTopLevel.filter((line) => !/=>|function/.test(line)),
        [],
        file,
      );
    }
  });
});

describe('words', () => {
  const json = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;

  /** What is translated in a source, in whichever quotes Prettier writes it. @throws where it is not there to be read */
  function textsIn(source: string): string[] {
    return Array.from(source.matchAll(/\bl10n\.t\b/g), ({ 0: call, index }) => {
      const behind = source.slice(index + call.length);
      const [, quote, text = ''] = /^\(\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1\s*[,)]/s.exec(behind) ?? [];
      assert.ok(
        quote && !(quote === '`' && text.includes('${')),
        `no text that can be read: ${call}${behind.slice(0, 40)}`,
      );
      assert.doesNotMatch(text, /\\[^'"`\\]/, 'no character that is written as an escape');
      return text.replace(/\\(.)/g, '$1');
    });
  }

  it('a string of the interface is seen in any quotes, and one that is put together is refused', () => {
    const source = "l10n.t('a', 1); vscode.l10n.t(\n  \"the writer's\",\n); l10n.t(`c \"d\"`); l10n.t('it\\'s {0}', x)";
    assert.deepEqual(textsIn(source), ['a', "the writer's", 'c "d"', "it's {0}"]);
    for (const call of [
      'l10n.t(text)',
      'l10n.t(`${n} words`)',
      "l10n.t('a' + 'b')",
      "l10n.t({ message: 'a' })",
      'map(l10n.t)',
    ])
      assert.throws(() => textsIn(call), /no text that can be read/, call);
  });

  it('every string of the interface is there in Chinese', () => {
    const translated = json('l10n/bundle.l10n.zh-cn.json');
    const used = sources('').flatMap((file) => textsIn(readFileSync(file, 'utf8')));
    assert.ok(used.length > 5);
    assert.deepEqual(
      [...new Set(used)].filter((text) => !(text in translated)),
      [],
    );
    assert.deepEqual(
      Object.keys(translated).filter((text) => !used.includes(text)),
      [],
    );
  });

  it('every language fills in the same {0}, {1} …', () => {
    const places = (text = '') => [...new Set(text.match(/\{\d+\}/g))].sort();
    const assertSame = (original: string, translated: string | undefined, file: string) =>
      assert.deepEqual(places(translated), places(original), `${file}: ${original}`);
    for (const language of ['zh-cn', 'zh-tw']) {
      const bundle = `l10n/bundle.l10n.${language}.json`;
      for (const [original, translated] of Object.entries(json(bundle))) assertSame(original, translated, bundle);
      const file = `package.nls.${language}.json`;
      const translations = json(file);
      for (const [key, original] of Object.entries(json('package.nls.json')))
        assertSame(original, translations[key], file);
    }
  });

  it('the traditional characters are in step with the simplified ones', () => {
    execFileSync(process.execPath, [join('test', 'host', 'traditionalWords.mjs'), '--check']);
  });

  it('every %key% of package.json is there in all languages, and no other', () => {
    const used = Array.from(
      readFileSync('package.json', 'utf8').matchAll(/"%([^%"]+)%"/g),
      (match) => match[1] as string,
    );
    for (const file of ['package.nls.json', 'package.nls.zh-cn.json', 'package.nls.zh-tw.json'])
      assert.deepEqual(Object.keys(json(file)).sort(), [...new Set(used)].sort(), file);
  });
});

describe('pages', () => {
  const files = (ending: string) =>
    readdirSync('media', { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(ending))
      .map((name) => join('media', name));

  it('have their colours from the theme', () => {
    const sheets = files('.css');
    assert.ok(sheets.length >= 3);
    for (const file of sheets) {
      const sheet = readFileSync(file, 'utf8').replace(/\/\*.*?\*\//gs, '');
      const coloured = [
        ...sheet.matchAll(/^\s*([\w-]*(?:color|background|border|outline|shadow|fill|stroke)[\w-]*):([^;]*);/gm),
      ];
      assert.ok(coloured.length > 2, file);
      for (const [line, name, value = ''] of coloured) {
        if (['border-radius', 'border-collapse', 'outline-offset'].includes(name as string)) continue;
        const left = value
          .replace(/--vscode-[\w-]+/g, '')
          .replace(/\b(?:var|solid|none|transparent|inherit|currentcolor|\d+px|0)\b|[(),\s]/g, '');
        assert.equal(left, '', `${file}: ${line.trim()}`);
      }
    }
  });

  it('read no text as HTML', () => {
    for (const file of files('.ts'))
      assert.doesNotMatch(
        readFileSync(file, 'utf8'),
        /(?:inner|outer)HTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc/,
        file,
      );
  });
});

describe('packages', () => {
  interface Package {
    version: string;
    engines: Record<string, string>;
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  }
  const packageJson = (folder = '.') => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;

  it('each says in CONTRIBUTING.md why it is there', () => {
    const { dependencies, devDependencies } = packageJson();
    const named = Array.from(
      readFileSync('CONTRIBUTING.md', 'utf8').matchAll(/^\| ((?:`[^`]+`(?:, )?)+) +\|/gm),
      (row) => row[1] ?? '',
    ).join();
    for (const name of Object.keys({ ...dependencies, ...devDependencies }))
      assert.ok(named.includes(`\`${name}\``), name);
  });

  it('no more of VS Code is used than the oldest that may run us has', () => {
    const types = packageJson(join('node_modules', '@types', 'vscode'));
    assert.equal(packageJson().engines['vscode'], `^${types.version}`);
  });

  it('come from whatever registry npm asks, and from nowhere else', () => {
    interface Locked extends Record<string, unknown> {
      version?: string;
      dependencies?: Record<string, string>;
    }
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
    const all = Object.entries(packages);
    assert.ok(all.length > 100);
    for (const [name, locked] of all) {
      assert.ok(!('resolved' in locked) && !('link' in locked), name);
      const wanted = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((kind) =>
        Object.values((locked[kind] ?? {}) as Record<string, string>),
      );
      // A range has no address in it, nor `owner/repository`.
      for (const range of [locked.version ?? '', ...wanted])
        assert.doesNotMatch(range.replace(/^npm:(?:@[\w.-]+\/)?[\w.-]+@/, ''), /[:/]/, name);
    }
  });

  it('npm is told so, and ONNX Runtime not to fetch more', () => {
    const lines = readFileSync('.npmrc', 'utf8').split('\n');
    for (const line of ['onnxruntime-node-install=skip', 'omit-lockfile-registry-resolved=true', 'ignore-scripts=true'])
      assert.ok(lines.includes(line), line);
  });
});
