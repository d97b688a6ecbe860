import assert from 'node:assert/strict';
import { goesAlong } from '../../../src/context/typedAlong';

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
