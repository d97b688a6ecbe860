// dist/traditional.bin.br: OpenCC's dictionaries as src/context/style/script.ts reads them. Data, so not part of a bundle:
// it is read when a document is traditional. In UTF-16, which the extension host takes as it is: UTF-8 would cost it 10 ms.
import { statSync, writeFileSync, existsSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

const folder = 'node_modules/opencc-js/dist/esm-lib/dict';

/** Where several have a phrase the first one counts. @param {string[]} names @returns {Promise<string>} in order */
async function merged(...names) {
  /** @type {Map<string, string>} */
  const entries = new Map();
  for (const name of names)
    for (const entry of (await import(`../../${folder}/${name}.js`)).default.split('|')) {
      const [phrase, replacement] = entry.split(' ');
      if (!entries.has(phrase)) entries.set(phrase, replacement);
    }
  const phrases = [...entries.keys()].sort();
  return phrases.map((phrase) => `${phrase} ${entries.get(phrase)}`).join('\n');
}

/** @returns {Promise<string>} */
export async function traditionalTables() {
  const tables = [
    await merged('STPhrases', 'STPhrases_GeneratedFromRegionalPhrases', 'STCharacters'),
    await merged('TSPhrases', 'TSCharacters'),
    await merged('TWVariantsRevPhrases', 'TWVariantsRev', 'HKVariantsRev'),
    await merged('TWVariants'),
  ];
  return tables.join('\n\n');
}

/** Compressing takes seconds, so it is done once for a version of the dictionaries. @param {string} file */
export async function writeTraditional(file) {
  const source = 'node_modules/opencc-js/package.json';
  const isNew =
    existsSync(file) &&
    [source, 'test/host/traditional.mjs'].every((name) => statSync(name).mtimeMs < statSync(file).mtimeMs);
  if (isNew) return;
  const params = { [constants.BROTLI_PARAM_LGWIN]: 24 };
  writeFileSync(file, brotliCompressSync(Buffer.from(await traditionalTables(), 'utf16le'), { params }));
}
