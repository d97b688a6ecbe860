import assert from 'node:assert/strict';
import { panelPage } from '../../../src/editor/article/panelPage';
import type { PanelStrings } from '../../../src/editor/article/panelStrings';
import { figuresPage } from '../../../src/editor/figures/figuresPage';
import type { FiguresStrings } from '../../../src/editor/figures/figuresStrings';

/** All strings are the same one. */
const strings = (text: string) =>
  new Proxy({} as PanelStrings & FiguresStrings, {
    ownKeys: () => ['title', 'generate', 'promise'],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    get: () => text,
  });

const resources = {
  scriptUri: 'https://here/page.js',
  styleUri: 'https://here/page.css',
  cspSource: 'https://here',
  nonce: 'n0nce',
  language: 'zh-cn',
};

const pages = {
  panelPage: (text: string) => panelPage(strings(text), resources),
  figuresPage: (text: string) => figuresPage(strings(text), resources),
};

for (const [name, page] of Object.entries(pages))
  describe(name, () => {
    it('allows nothing but its own style and its own script', () => {
      const html = page('雨');
      const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
      assert.equal(policy, "default-src 'none'; style-src https://here; script-src 'nonce-n0nce'");
      assert.equal(html.match(/<script/g)?.length, 1);
      assert.match(html, /<script nonce="n0nce" src="https:\/\/here\/page\.js">/);
      assert.doesNotMatch(html, /\s(?:style|on\w+)=/);
    });

    it('escapes every string', () => {
      assert.doesNotMatch(page(`"><img src=x onerror='alert(1)'>`), /<img/);
    });

    it('gives every field a label', () => {
      const html = page('雨');
      for (const [, id] of html.matchAll(/<(?:input|textarea|select) id="([^"]+)"/g))
        assert.ok(html.includes(`<label for="${id ?? ''}">`), id);
    });
  });
