import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SuggestionTrie } from '../../../src/context/suggestionTrie';
import type { Place } from '../../../src/context/suggestionTrie';

const at = (prefix: string, other: Partial<Place> = {}): Place => ({
  ...{ document: 'a.md', title: '雨', prefix, suffix: '' },
  ...other,
});

describe('SuggestionTrie', () => {
  let trie: SuggestionTrie;
  beforeEach(() => (trie = new SuggestionTrie()));

  it('gives back what is left while the suggestion is typed, and when it is taken back', () => {
    trie.add(at('外面'), '下着雨。');
    assert.equal(trie.find(at('外面')), '下着雨。');
    assert.equal(trie.find(at('外面下')), '着雨。');
    assert.equal(trie.find(at('外面下着雨')), '。');
    assert.equal(trie.find(at('外面下着雨。')), undefined);
    assert.equal(trie.find(at('外面刮')), undefined);
    assert.equal(trie.find(at('外面下')), '着雨。');
  });

  it('tells documents, titles, suffixes and short prefixes apart', () => {
    trie.add(at('外面'), '下着雨。');
    assert.equal(trie.find(at('外面', { document: 'b.md' })), undefined);
    assert.equal(trie.find(at('外面', { title: '雪' })), undefined);
    assert.equal(trie.find(at('外面', { suffix: '！' })), undefined);
    assert.equal(trie.find(at('门外面')), undefined);
  });

  it('goes on in a bracket that was typed along a suggestion and closed by VS Code, and behind it', () => {
    for (const [text, closer] of [
      ['（雨大）就不去。', ')'],
      ['“雨大”就不去。', '”'],
    ] as const) {
      const inside = { suffix: `${closer}，` };
      trie.add(at('外面', { suffix: '，' }), text);
      assert.equal(trie.find(at(`外面${text[0]}`, inside)), '雨大');
      assert.equal(trie.find(at(`外面${text[0]}雨`, inside)), '大');
      assert.equal(trie.find(at(`外面${text[0]}雨大`, inside)), '');
      assert.equal(trie.find(at(`外面${text[0]}雪`, inside)), undefined);
      assert.equal(trie.find(at(`外面${text[0]}雨大${closer}`, { suffix: '，' })), '就不去。');
      // What stands there was not opened by what was typed.
      assert.equal(trie.find(at('外面', inside)), undefined);
    }
  });

  it('remembers that there was nothing to say', () => {
    trie.add(at('外面'), '');
    assert.equal(trie.find(at('外面')), '');
    assert.equal(trie.find(at('外面下')), undefined);
    trie.add(at('外面'), '下着雨。');
    assert.deepEqual(trie.findAll(at('外面')), ['下着雨。'], 'until there is something');
  });

  it('keeps three suggestions of a place, the latest', () => {
    for (const text of ['下雨。', '下雪。', '起风。', '天黑。']) trie.add(at('外面'), text);
    assert.deepEqual(trie.findAll(at('外面')), ['天黑。', '起风。', '下雪。']);
  });

  it('keeps several suggestions of one place; where they go together the latest wins', () => {
    trie.add(at('外面'), '下着雨。');
    trie.add(at('外面'), '下了雪。');
    assert.equal(trie.find(at('外面下')), '了雪。');
    assert.equal(trie.find(at('外面下着')), '雨。');
  });

  it('what is shown stays while it is typed, whatever was suggested on the way before', () => {
    trie.add(at('外面下'), '起了雨。');
    trie.add(at('外面下着'), '');
    trie.add(at('外面'), '下着雨。');
    assert.equal(trie.find(at('外面')), '下着雨。');
    assert.equal(trie.find(at('外面下')), '着雨。');
    assert.equal(trie.find(at('外面下着')), '雨。');
    assert.equal(trie.find(at('外面下起')), '了雨。');
  });

  it('prefers what was suggested for the very place since', () => {
    trie.add(at('外面'), '下着雨。');
    trie.add(at('外面下'), '起了雨。');
    assert.equal(trie.find(at('外面下')), '起了雨。');
    assert.equal(trie.find(at('外面下着')), '雨。');
    assert.equal(trie.find(at('外面')), '下着雨。');
    assert.equal(trie.find(at('外面下')), '着雨。');
  });

  it('forgets the place that was used longest ago', () => {
    const small = new SuggestionTrie(2);
    small.add(at('甲'), '一二');
    small.add(at('乙'), '二三');
    assert.equal(small.find(at('甲一')), '二');
    small.add(at('丙'), '三四');
    assert.equal(small.find(at('乙')), undefined);
    assert.equal(small.find(at('甲')), '一二');
    small.add(at('丁'), '四五');
    assert.equal(small.find(at('丙')), undefined, 'again and again');
    small.clear();
    for (const prefix of ['甲', '乙', '丙']) small.add(at(prefix), '一二');
    assert.deepEqual(
      ['甲', '乙', '丙'].map((prefix) => small.find(at(prefix))),
      [undefined, '一二', '一二'],
    );
  });

  it('goes along with other widths and quotes', () => {
    trie.add(at('他说'), '：“好……的！”');
    assert.equal(trie.find(at('他说:')), '“好……的！”');
    assert.equal(trie.find(at('他说:"好')), '……的！”');
    assert.equal(trie.find(at('他说：「好...')), '…的！”');
    assert.equal(trie.find(at('他说：「好..')), undefined);
  });

  it('recognises a long text by its end', () => {
    const long = '长'.repeat(500);
    trie.add(at(long), '江水');
    assert.equal(trie.find(at(`${long}江`)), '水');
    assert.equal(trie.find(at(`${long}短江`)), undefined);
  });

  it('knows the rest after any typed part of any suggestion, in any text', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 300 });
    fc.assert(
      fc.property(
        text,
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        fc.nat(),
        (prefix, ghost, cut) => {
          const fresh = new SuggestionTrie();
          fresh.add(at(prefix), ghost);
          const characters = Array.from(ghost);
          const typed = characters.slice(0, cut % characters.length).join('');
          const rest = fresh.find(at(prefix + typed));
          // A repetition may be found nearer; whatever is found continues what was typed.
          assert.ok(rest !== undefined && ghost.endsWith(rest), `${typed} → ${rest}`);
        },
      ),
    );
  });
});
