/** Of the READMEs what works in VS Code's page of the extension. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

function extensionPage(chinese: string, english: string): string {
  const script = `import { extensionPage } from './test/host/extensionPage.mjs';
    process.stdout.write(extensionPage(...JSON.parse(process.argv[1])));`;
  const given = JSON.stringify([chinese, english]);
  return execFileSync(process.execPath, ['--input-type=module', '-e', script, given], { encoding: 'utf8' });
}

describe('the page of the extension', () => {
  const chinese =
    '# 墨续 · 助手\n\n[English](README.en.md)\n\n![灰字](media/a.png)\n\n见[模型卡](models/a.md)和 [a.md](a.md)，按 <kbd>[</kbd>。\n';
  const english = '# Moxu: an aid\n\n[中文](README.md)\n\n[Node.js](https://nodejs.org)\n';

  it('has both languages, each with a link to the other, and neither pictures nor links that lead nowhere', () => {
    assert.equal(
      extensionPage(chinese, english),
      '# 墨续 · 助手\n\n[English](#moxu-an-aid)\n\n见模型卡 `models/a.md`和 a.md，按 <kbd>[</kbd>。\n' +
        '\n---\n\n# Moxu: an aid\n\n[中文](#墨续--助手)\n\n[Node.js](https://nodejs.org)\n',
    );
  });
});
