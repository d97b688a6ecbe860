/** Which models can be imported stands in two languages: what is not language is the same in both. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { families, tokenizerKinds } from '../../../src/manifest';

const pages = ['FAMILIES.md', 'FAMILIES.zh-cn.md'].map((name) => readFileSync(join('models', name), 'utf8'));

/** Rows of the tables, cell by cell. */
const cells = (page: string): string[][] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.replaceAll('\\|', '/').split('|').slice(1, -1));

const codeAndNumbers = (cell: string): string[] => cell.match(/`[^`]+`|\d+(?:\.\d+)?/g) ?? [];

describe('the pages on models that can be imported', () => {
  it('name each family, and say its tokenizer', () => {
    for (const page of pages) {
      const named = cells(page).map(([name = '']) => name.trim());
      for (const family of families) assert.ok(named.includes(`\`${family}\``), family);
    }
    const [english = '', chinese = ''] = pages;
    for (const kind of tokenizerKinds.filter((name) => english.includes(name))) assert.ok(chinese.includes(kind), kind);
  });

  it('have the same files, marks and figures in the same cells', () => {
    const [english = [], chinese = []] = pages.map((page) =>
      cells(page).map((row) => row.map((cell) => codeAndNumbers(cell).sort())),
    );
    assert.ok(english.length > 15, 'the tables are read');
    assert.deepEqual(chinese, english);
  });
});
