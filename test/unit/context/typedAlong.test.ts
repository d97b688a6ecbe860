import assert from 'node:assert/strict';
import { goesAlong, restBehind, restBeyond } from '../../../src/context/typedAlong';

describe('goesAlong', () => {
  it('while what is typed is a beginning of what is suggested', () => {
    assert.ok(goesAlong('', '下着雨', true));
    assert.ok(goesAlong('下着', '下着雨', true));
    assert.ok(!goesAlong('下了', '下着雨', true));
  });

  it('ahead of a suggestion that is still being written', () => {
    assert.ok(goesAlong('下着雨', '下', false));
    assert.ok(!goesAlong('下着雨', '下', true));
    assert.ok(!goesAlong('刮', '下', false));
  });

  it('in other widths and quotes', () => {
    assert.ok(goesAlong(',"', '，“好', false));
  });
});

describe('restBehind', () => {
  const cases: [string, string, string | null][] = [
    ['下着', '下着雨', '雨'],
    ['', '下着雨', '下着雨'],
    ['下着雨', '下着雨', ''],
    ['下了', '下着雨', null],
    ['下着雨。', '下着雨', null],
    [',"', '，“好。”', '好。”'],
    ['，“好', ',"好."', '."'],
    ['ABC', 'ＡＢＣ社', '社'],
    ['...', '…雨', '雨'],
    // Within one character.
    ['..', '…雨', null],
    ['𠮷', '𠮷野', '野'],
    ['雨'.repeat(1000), '雨', null],
  ];
  for (const [typed, suggested, rest] of cases)
    it(`${typed.slice(0, 9)} | ${suggested} → ${String(rest)}`, () => assert.equal(restBehind(typed, suggested), rest));
});

describe('restBeyond', () => {
  const cases: [string, string, string | null][] = [
    ['后来', '后来天黑', '天黑'],
    ['后来天黑', '后来天黑', ''],
    ['后来天黑,', '后来天黑，我们', '我们'],
    ['他说："走', '他说：“走吧', '吧'],
    ['后来天黑', '后来', null],
    ['后来天亮', '后来天黑了', null],
    ['等..', '等…雨', null],
    ['𠮷', '𠮶', null],
    ['书'.repeat(5000) + ',', '书'.repeat(5000) + '，还在', '还在'],
  ];
  for (const [beginning, text, rest] of cases)
    it(`${beginning.slice(-9)} | ${text.slice(-9)} → ${String(rest)}`, () =>
      assert.equal(restBeyond(beginning, text), rest));
});
