/** A tensor that each rank of a model-parallel training holds as a whole. */
import { EngineError } from '../errors';
import type { TensorStream } from './tensorStream';

/**
 * Ranks round on their own, so that their copies drift apart a little; copies that differ more than this, of the mean
 * magnitude, are of different checkpoints.
 */
const largestDrift = 0.1;

/**
 * The values of the first, as Megatron's own tools take them.
 * @param files where each stream comes from
 * @throws EngineError 'checkpoint-invalid' after the last block, when another differs.
 */
export function sameInEach(name: string, streams: readonly TensorStream[], files: readonly string[]): TensorStream {
  const [first, ...others] = streams as [TensorStream, ...TensorStream[]];
  return {
    name,
    shape: first.shape,
    *blocks() {
      const copies = others.map((stream) => stream.blocks()[Symbol.iterator]());
      const differences = others.map(() => 0);
      let magnitude = 0;
      for (const block of first.blocks()) {
        magnitude += block.reduce((sum, value) => sum + Math.abs(value), 0);
        copies.forEach((copy, i) => {
          const other = (copy.next().value ?? []) as Float32Array;
          const difference = block.reduce((sum, value, j) => sum + Math.abs(value - (other[j] ?? NaN)), 0);
          differences[i] = (differences[i] ?? 0) + difference;
        });
        yield block;
      }
      const far = differences.findIndex((difference) => !(difference <= largestDrift * magnitude));
      if (far >= 0 && Number.isFinite(magnitude))
        throw new EngineError(
          'checkpoint-invalid',
          `${files[far + 1] ?? ''} and ${files[0] ?? ''} differ in ${name}, which they should share: ` +
            'the files are not of one checkpoint; take all of them from the same folder',
          { fault: 'mixed', subject: files[far + 1] },
        );
    },
  };
}
