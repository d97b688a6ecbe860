import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isBoundary, normalForm, normalised } from '../../../src/context/normalised';

describe('normalised', () => {
  it('folds widths, quotes, spaces and dashes', () => {
    assert.equal(normalised('“ＡＢ，１２！”　「好」——…').text, '"AB,12!" "好"--...');
  });

  it('offsets lead back to the source', () => {
    const { text, offsets } = normalised('a…𠮷，b');
    assert.equal(text, 'a...𠮷,b');
    assert.deepEqual(offsets, [0, 1, 1, 1, 2, 2, 4, 5, 6]);
  });

  it('inside a folded or paired character there is no boundary', () => {
    const form = normalised('a…𠮷b');
    const boundaries = Array.from(form.offsets.keys()).filter((at) => isBoundary(form, at));
    assert.deepEqual(boundaries, [0, 1, 4, 6, 7]);
  });

  it('cutting at a boundary cuts the source between characters, for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (source) => {
        const form = normalised(source);
        assert.equal(normalForm(source), form.text);
        assert.equal(form.offsets.length, form.text.length + 1);
        for (const [at, offset] of form.offsets.entries())
          if (isBoundary(form, at)) assert.equal(normalised(source.slice(0, offset)).text, form.text.slice(0, at));
      }),
    );
  });
});
