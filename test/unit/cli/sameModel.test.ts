import assert from 'node:assert/strict';
import { isSameModel, type Comparison } from '../../../src/cli/sameModel';

const exact: Comparison = { quantization: 'none', largest: 1e-5, same: 32, positions: 32, isSameText: true, lead: 0.1 };

describe('verify:model', () => {
  it('takes a float32 model for the checkpoint when logits and text are the same', () => {
    assert.equal(isSameModel(exact), true);
    assert.equal(isSameModel({ ...exact, largest: 0.01 }), false);
    assert.equal(isSameModel({ ...exact, largest: NaN }), false);
    assert.equal(isSameModel({ ...exact, isSameText: false }), false);
    assert.equal(isSameModel({ ...exact, isSameText: false, lead: 1e-5 }), true);
  });

  it('tells a rounded model from another one', () => {
    const rounded = { ...exact, quantization: 'int4', largest: 5.85, isSameText: false } as const;
    assert.equal(isSameModel({ ...rounded, same: 12 }), true);
    assert.equal(isSameModel({ ...rounded, same: 0 }), false);
    assert.equal(isSameModel({ ...rounded, quantization: 'int8', same: 1 }), false);
  });
});
