import assert from 'node:assert/strict';
import { goesAlong, restBehind } from '../../../src/context/typedAlong';

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
