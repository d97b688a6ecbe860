import assert from 'node:assert/strict';
import { CompletionCache } from '../../../src/context/completionCache';

describe('CompletionCache', () => {
  it('gives back what is left while the suggestion is typed', () => {
    const cache = new CompletionCache();
    cache.add('雨', '外面', '', '下着雨。');
    assert.equal(cache.find('雨', '外面', ''), '下着雨。');
    assert.equal(cache.find('雨', '外面下', ''), '着雨。');
    assert.equal(cache.find('雨', '外面下着雨', ''), '。');
    assert.equal(cache.find('雨', '外面下着雨。', ''), undefined);
    assert.equal(cache.find('雨', '外面刮', ''), undefined);
  });

  it('tells titles, suffixes and short prefixes apart', () => {
    const cache = new CompletionCache();
    cache.add('雨', '外面', '', '下着雨。');
    assert.equal(cache.find('雪', '外面', ''), undefined);
    assert.equal(cache.find('雨', '外面', '！'), undefined);
    assert.equal(cache.find('雨', '门外面', ''), undefined);
  });

  it('remembers that there was nothing to say', () => {
    const cache = new CompletionCache();
    cache.add('', '外面', '', '');
    assert.equal(cache.find('', '外面', ''), '');
    assert.equal(cache.find('', '外面下', ''), undefined);
  });

  it('the latest suggestion wins, the oldest goes first', () => {
    const cache = new CompletionCache(2);
    cache.add('', '甲', '', '一');
    cache.add('', '乙', '', '二');
    cache.add('', '乙', '', '三');
    assert.equal(cache.find('', '乙', ''), '三');
    assert.equal(cache.find('', '甲', ''), undefined);
  });

  it('goes along with other widths and quotes', () => {
    const cache = new CompletionCache();
    cache.add('', '他说', '', '：“好……的！”');
    assert.equal(cache.find('', '他说:', ''), '“好……的！”');
    assert.equal(cache.find('', '他说:"好', ''), '……的！”');
    assert.equal(cache.find('', '他说：「好...', ''), '…的！”');
    assert.equal(cache.find('', '他说：「好..', ''), undefined);
  });

  it('recognises a long text by its end', () => {
    const cache = new CompletionCache();
    const long = '长'.repeat(500);
    cache.add('', long, '', '江水');
    assert.equal(cache.find('', `${long}江`, ''), '水');
    assert.equal(cache.find('', `${long}短江`, ''), undefined);
  });
});
