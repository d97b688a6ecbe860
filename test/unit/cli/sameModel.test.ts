import assert from 'node:assert/strict';
import { correlation, isSameModel, type Comparison } from '../../../src/cli/sameModel';

const exact: Comparison = {
  ...{ quantization: 'none', largest: 1e-5, correlation: 1, wrongTensors: [], isSameText: true, lead: 0.1 },
};

describe('verify:model', () => {
  it('takes a float32 model for the checkpoint when weights, logits and text are the same', () => {
    assert.equal(isSameModel(exact), true);
    assert.equal(isSameModel({ ...exact, largest: 0.01 }), false);
    assert.equal(isSameModel({ ...exact, largest: NaN }), false);
    assert.equal(isSameModel({ ...exact, isSameText: false }), false);
    assert.equal(isSameModel({ ...exact, isSameText: false, lead: 1e-5 }), true);
    assert.equal(isSameModel({ ...exact, wrongTensors: ['wpe.weight'] }), false);
  });

  it('tells a rounded model from another one, and from one whose weights are right and its graph wrong', () => {
    const rounded = { ...exact, quantization: 'int4', largest: 5.85, correlation: 0.91, isSameText: false } as const;
    assert.equal(isSameModel(rounded), true);
    assert.equal(isSameModel({ ...rounded, quantization: 'int8' }), false);
    assert.equal(isSameModel({ ...rounded, quantization: 'int8', correlation: 0.998 }), true);
    assert.equal(isSameModel({ ...rounded, correlation: 0.8 }), false);
    assert.equal(isSameModel({ ...rounded, correlation: NaN }), false);
    assert.equal(isSameModel({ ...rounded, wrongTensors: ['h.0.mlp.c_fc.bias'] }), false);
  });

  it('measures how alike two rows of logits are, wherever they lie and however large they are', () => {
    const row = Float32Array.of(1, -2, 4, 0.5);
    assert.ok(
      Math.abs(
        correlation(
          row,
          row.map((value) => 3 * value + 7),
        ) - 1,
      ) < 1e-6,
    );
    assert.ok(
      Math.abs(
        correlation(
          row,
          row.map((value) => -value),
        ) + 1,
      ) < 1e-6,
    );
    assert.ok(Number.isNaN(correlation(row, new Float32Array(4))));
  });
});
