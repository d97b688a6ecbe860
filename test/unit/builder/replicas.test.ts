import assert from 'node:assert/strict';
import { sameInEach } from '../../../src/builder/replicas';
import type { TensorStream } from '../../../src/builder/tensorStream';

describe('a tensor that each rank holds', () => {
  const stream = (...values: number[]): TensorStream => ({
    ...{ name: 'ln', shape: [values.length] },
    blocks: () => [Float32Array.from(values)],
  });
  const merged = (...copies: TensorStream[]) =>
    [...sameInEach('ln', copies, ['rank 0', 'rank 1', 'rank 2']).blocks()].flatMap((block) => Array.from(block));

  it('is the first’s, where the others have drifted by less than a tenth of its mean magnitude', () => {
    assert.deepEqual(merged(stream(1, -1), stream(1.0625, -1.0625), stream(1, -1.125)), [1, -1]);
  });

  it('is refused where one differs by more, and that one is named', () => {
    assert.throws(() => merged(stream(1, -1), stream(1, -1), stream(1.125, -1.125)), {
      code: 'checkpoint-invalid',
      subject: 'rank 2',
    });
  });
});
