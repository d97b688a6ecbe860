import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

describe('the evaluation room', () => {
  const sources = readdirSync('src', { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts'));
  const imports = (name: string) =>
    Array.from(readFileSync(join('src', name), 'utf8').matchAll(/^import (type )?.*?from '([^']+)';/gms), (match) => ({
      typeOnly: match[1] !== undefined,
      path: match[2] ?? '',
    }));

  it('is used by the terminal command only: none of it is shipped', () => {
    for (const name of sources)
      if (!/^(?:evaluation|cli)\//.test(name))
        for (const { path } of imports(name)) assert.doesNotMatch(path, /\/evaluation\//, name);
  });

  it('runs no ONNX Runtime itself and knows no editor', () => {
    for (const name of sources.filter((one) => one.startsWith('evaluation/')))
      for (const { typeOnly, path } of imports(name))
        if (!typeOnly) assert.doesNotMatch(path, /^vscode$|^onnxruntime|\/(?:engine|editor|builder)\//, name);
  });
});
